CREATE TABLE contact (
	contact_id TEXT COLLATE "C" NOT NULL, 
	source TEXT NOT NULL, 
	source_id TEXT NOT NULL, 
	content_hash TEXT NOT NULL, 
	body TEXT NOT NULL, 
	run_id TEXT NOT NULL, 
	PRIMARY KEY (contact_id)
);
CREATE TABLE contact_history (
	touchpoint_id TEXT COLLATE "C" NOT NULL, 
	golden_id TEXT COLLATE "C", 
	golden_id_at_event TEXT, 
	source TEXT NOT NULL, 
	source_id TEXT NOT NULL, 
	channel TEXT NOT NULL, 
	direction TEXT, 
	type TEXT NOT NULL, 
	occurred_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	subject TEXT, 
	outcome TEXT, 
	metric TEXT, 
	score DOUBLE PRECISION, 
	scale_min DOUBLE PRECISION, 
	scale_max DOUBLE PRECISION, 
	amount DOUBLE PRECISION, 
	currency TEXT, 
	duration_seconds DOUBLE PRECISION, 
	journey_stage TEXT, 
	duplicate_of TEXT, 
	run_id TEXT NOT NULL, 
	PRIMARY KEY (touchpoint_id)
);
CREATE INDEX ix_contact_history_golden_id ON contact_history (golden_id);
CREATE TABLE golden_id_redirect (
	golden_id TEXT COLLATE "C" NOT NULL, 
	current_golden_id TEXT COLLATE "C", 
	since TIMESTAMP WITH TIME ZONE NOT NULL, 
	run_id TEXT NOT NULL, 
	PRIMARY KEY (golden_id)
);
CREATE INDEX ix_golden_id_redirect_current_golden_id ON golden_id_redirect (current_golden_id);
CREATE TABLE golden_lineage (
	golden_id TEXT COLLATE "C" NOT NULL, 
	field TEXT COLLATE "C" NOT NULL, 
	source TEXT NOT NULL, 
	source_id TEXT NOT NULL, 
	rule TEXT NOT NULL, 
	candidate_count BIGINT NOT NULL, 
	run_id TEXT NOT NULL, 
	PRIMARY KEY (golden_id, field)
);
CREATE TABLE golden_profile (
	golden_id TEXT COLLATE "C" NOT NULL, 
	party_type TEXT NOT NULL, 
	full_name TEXT, 
	family_name TEXT, 
	given_name TEXT, 
	family_name_kana TEXT, 
	given_name_kana TEXT, 
	birth_date TEXT, 
	gender TEXT, 
	primary_email TEXT COLLATE "C", 
	primary_phone TEXT COLLATE "C", 
	country_code TEXT, 
	postal_code TEXT, 
	region TEXT, 
	city TEXT, 
	street TEXT, 
	building TEXT, 
	organization TEXT, 
	department TEXT, 
	job_title TEXT, 
	corporate_number TEXT, 
	preferred_language TEXT, 
	email_consent TEXT, 
	phone_consent TEXT, 
	record_count BIGINT NOT NULL, 
	source_count BIGINT NOT NULL, 
	sources TEXT NOT NULL, 
	first_seen_at TIMESTAMP WITH TIME ZONE, 
	last_seen_at TIMESTAMP WITH TIME ZONE, 
	first_contact_at TIMESTAMP WITH TIME ZONE, 
	last_contact_at TIMESTAMP WITH TIME ZONE, 
	last_contact_channel TEXT, 
	contact_count BIGINT NOT NULL, 
	open_case_count BIGINT NOT NULL, 
	latest_csat DOUBLE PRECISION, 
	latest_nps DOUBLE PRECISION, 
	latest_ces DOUBLE PRECISION, 
	household_id TEXT COLLATE "C", 
	match_confidence DOUBLE PRECISION, 
	status TEXT NOT NULL, 
	golden_version BIGINT NOT NULL, 
	updated_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	run_id TEXT NOT NULL, 
	PRIMARY KEY (golden_id)
);
CREATE INDEX ix_golden_profile_primary_phone ON golden_profile (primary_phone);
CREATE INDEX ix_golden_profile_household_id ON golden_profile (household_id);
CREATE INDEX ix_golden_profile_primary_email ON golden_profile (primary_email);
CREATE TABLE golden_profile_history (
	golden_id TEXT COLLATE "C" NOT NULL, 
	party_type TEXT NOT NULL, 
	full_name TEXT, 
	family_name TEXT, 
	given_name TEXT, 
	family_name_kana TEXT, 
	given_name_kana TEXT, 
	birth_date TEXT, 
	gender TEXT, 
	primary_email TEXT, 
	primary_phone TEXT, 
	country_code TEXT, 
	postal_code TEXT, 
	region TEXT, 
	city TEXT, 
	street TEXT, 
	building TEXT, 
	organization TEXT, 
	department TEXT, 
	job_title TEXT, 
	corporate_number TEXT, 
	preferred_language TEXT, 
	email_consent TEXT, 
	phone_consent TEXT, 
	record_count BIGINT NOT NULL, 
	source_count BIGINT NOT NULL, 
	sources TEXT NOT NULL, 
	first_seen_at TIMESTAMP WITH TIME ZONE, 
	last_seen_at TIMESTAMP WITH TIME ZONE, 
	first_contact_at TIMESTAMP WITH TIME ZONE, 
	last_contact_at TIMESTAMP WITH TIME ZONE, 
	last_contact_channel TEXT, 
	contact_count BIGINT NOT NULL, 
	open_case_count BIGINT NOT NULL, 
	latest_csat DOUBLE PRECISION, 
	latest_nps DOUBLE PRECISION, 
	latest_ces DOUBLE PRECISION, 
	household_id TEXT, 
	match_confidence DOUBLE PRECISION, 
	status TEXT NOT NULL, 
	golden_version BIGINT NOT NULL, 
	updated_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	run_id TEXT NOT NULL, 
	valid_from TIMESTAMP WITH TIME ZONE NOT NULL, 
	valid_to TIMESTAMP WITH TIME ZONE, 
	change_type TEXT NOT NULL, 
	PRIMARY KEY (golden_id, valid_from)
);
CREATE TABLE golden_registry (
	golden_id TEXT COLLATE "C" NOT NULL, 
	status TEXT NOT NULL, 
	founder TEXT COLLATE "C" NOT NULL, 
	generation BIGINT NOT NULL, 
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	retired_at TIMESTAMP WITH TIME ZONE, 
	merged_into TEXT, 
	since TIMESTAMP WITH TIME ZONE NOT NULL, 
	members TEXT, 
	is_locked BOOLEAN NOT NULL, 
	run_id TEXT NOT NULL, 
	PRIMARY KEY (golden_id)
);
CREATE INDEX ix_golden_registry_founder ON golden_registry (founder);
CREATE TABLE identity_event (
	event_id BIGINT NOT NULL, 
	golden_id TEXT COLLATE "C" NOT NULL, 
	type TEXT NOT NULL, 
	other_golden_ids TEXT, 
	reason TEXT, 
	records TEXT, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	run_id TEXT NOT NULL, 
	PRIMARY KEY (event_id)
);
CREATE INDEX ix_identity_event_golden_id ON identity_event (golden_id);
CREATE TABLE judgement (
	judgement_id BIGINT NOT NULL, 
	contact_id_l TEXT COLLATE "C" NOT NULL, 
	contact_id_r TEXT COLLATE "C" NOT NULL, 
	judgement TEXT NOT NULL, 
	judged_by TEXT, 
	judged_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	note TEXT, 
	PRIMARY KEY (judgement_id)
);
CREATE INDEX ix_judgement_contact_id_r ON judgement (contact_id_r);
CREATE INDEX ix_judgement_contact_id_l_contact_id_r ON judgement (contact_id_l, contact_id_r);
CREATE TABLE match_edge (
	contact_id_l TEXT COLLATE "C" NOT NULL, 
	contact_id_r TEXT COLLATE "C" NOT NULL, 
	match_weight DOUBLE PRECISION, 
	match_probability DOUBLE PRECISION, 
	relation TEXT, 
	rule TEXT, 
	pattern TEXT, 
	verdict TEXT NOT NULL, 
	decided_by TEXT NOT NULL, 
	model_version TEXT NOT NULL, 
	run_id TEXT NOT NULL, 
	PRIMARY KEY (contact_id_l, contact_id_r)
);
CREATE INDEX ix_match_edge_contact_id_r ON match_edge (contact_id_r);
CREATE TABLE meibo_schema (
	version INTEGER NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	PRIMARY KEY (version)
);
CREATE TABLE model_version (
	version TEXT COLLATE "C" NOT NULL, 
	body TEXT NOT NULL, 
	is_active BOOLEAN NOT NULL, 
	trained_on BIGINT, 
	report TEXT, 
	created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	run_id TEXT, 
	PRIMARY KEY (version)
);
CREATE TABLE profile_identifier (
	golden_id TEXT COLLATE "C" NOT NULL, 
	type TEXT COLLATE "C" NOT NULL, 
	value TEXT COLLATE "C" NOT NULL, 
	is_primary BOOLEAN NOT NULL, 
	is_shared BOOLEAN NOT NULL, 
	is_blocked BOOLEAN NOT NULL, 
	block_reason TEXT, 
	first_seen_at TIMESTAMP WITH TIME ZONE, 
	last_seen_at TIMESTAMP WITH TIME ZONE, 
	source_count BIGINT NOT NULL, 
	run_id TEXT NOT NULL, 
	PRIMARY KEY (golden_id, type, value)
);
CREATE INDEX ix_profile_identifier_type_value ON profile_identifier (type, value);
CREATE TABLE profile_link (
	source TEXT COLLATE "C" NOT NULL, 
	source_id TEXT COLLATE "C" NOT NULL, 
	golden_id TEXT COLLATE "C" NOT NULL, 
	link_type TEXT NOT NULL, 
	match_probability DOUBLE PRECISION, 
	previous_golden_id TEXT, 
	linked_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	run_id TEXT NOT NULL, 
	PRIMARY KEY (source, source_id)
);
CREATE INDEX ix_profile_link_golden_id ON profile_link (golden_id);
CREATE TABLE quarantine (
	source TEXT COLLATE "C" NOT NULL, 
	stream TEXT COLLATE "C" NOT NULL, 
	row_key TEXT COLLATE "C" NOT NULL, 
	reason TEXT COLLATE "C" NOT NULL, 
	detail TEXT, 
	payload TEXT, 
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	last_seen_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	resolved_at TIMESTAMP WITH TIME ZONE, 
	run_id TEXT NOT NULL, 
	PRIMARY KEY (source, stream, row_key, reason)
);
CREATE TABLE raw_record (
	seq BIGINT NOT NULL, 
	source TEXT COLLATE "C" NOT NULL, 
	stream TEXT COLLATE "C" NOT NULL, 
	source_id TEXT COLLATE "C" NOT NULL, 
	payload_hash TEXT COLLATE "C" NOT NULL, 
	payload TEXT NOT NULL, 
	updated_at TEXT, 
	deleted BOOLEAN NOT NULL, 
	merged_into TEXT, 
	landed_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	run_id TEXT NOT NULL, 
	PRIMARY KEY (seq)
);
CREATE INDEX ix_raw_record_source_stream_source_id_seq_payload_hash ON raw_record (source, stream, source_id, seq, payload_hash);
CREATE TABLE review_queue (
	contact_id_l TEXT COLLATE "C" NOT NULL, 
	contact_id_r TEXT COLLATE "C" NOT NULL, 
	match_weight DOUBLE PRECISION, 
	match_probability DOUBLE PRECISION, 
	reason TEXT NOT NULL, 
	priority DOUBLE PRECISION NOT NULL, 
	run_id TEXT NOT NULL, 
	PRIMARY KEY (contact_id_l, contact_id_r)
);
CREATE INDEX ix_review_queue_priority ON review_queue (priority);
CREATE INDEX ix_review_queue_contact_id_r ON review_queue (contact_id_r);
CREATE TABLE run_ledger (
	run_id TEXT COLLATE "C" NOT NULL, 
	source TEXT COLLATE "C" NOT NULL, 
	stream TEXT COLLATE "C" NOT NULL, 
	row_count BIGINT NOT NULL, 
	linked_count BIGINT NOT NULL, 
	single_count BIGINT NOT NULL, 
	quarantined_count BIGINT NOT NULL, 
	deleted_count BIGINT NOT NULL, 
	erased_count BIGINT NOT NULL, 
	new_count BIGINT NOT NULL, 
	PRIMARY KEY (run_id, source, stream)
);
CREATE TABLE run_manifest (
	run_id TEXT COLLATE "C" NOT NULL, 
	kind TEXT NOT NULL, 
	status TEXT NOT NULL, 
	started_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	ended_at TIMESTAMP WITH TIME ZONE, 
	model_version TEXT, 
	config_hash TEXT, 
	input_hash TEXT, 
	meibo_version TEXT, 
	counts TEXT, 
	message TEXT, 
	PRIMARY KEY (run_id)
);
CREATE TABLE suppression (
	key_hash TEXT COLLATE "C" NOT NULL, 
	reason TEXT NOT NULL, 
	erased_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	run_id TEXT, 
	PRIMARY KEY (key_hash)
);
CREATE TABLE sync_state (
	source TEXT COLLATE "C" NOT NULL, 
	stream TEXT COLLATE "C" NOT NULL, 
	cursor TEXT NOT NULL, 
	row_count BIGINT NOT NULL, 
	updated_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	run_id TEXT NOT NULL, 
	PRIMARY KEY (source, stream)
);
