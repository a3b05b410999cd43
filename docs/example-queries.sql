-- One question for each table and view of the warehouse, for SQLite and PostgreSQL alike; the data dictionary shows them.

-- golden_profile: customers with a problem: an open case, or a bad answer to the last survey
SELECT golden_id, full_name, primary_email, open_case_count, latest_nps, last_contact_at
FROM golden_profile
WHERE open_case_count > 0 OR latest_nps <= 6
ORDER BY open_case_count DESC, golden_id;

-- golden_profile_history: how a customer looked on a day
SELECT full_name, primary_email, organization, change_type
FROM golden_profile_history
WHERE golden_id = :golden_id AND valid_from <= '2026-06-30' AND (valid_to IS NULL OR valid_to > '2026-06-30');

-- profile_link: records of one system that another system has too
SELECT a.source_id AS sales_id, b.source_id AS support_id, a.golden_id
FROM profile_link a JOIN profile_link b ON b.golden_id = a.golden_id
WHERE a.source = 'sales' AND b.source = 'support';

-- profile_identifier: addresses and numbers that several customers share
SELECT type, value, COUNT(*) AS customers, MAX(block_reason) AS why_no_evidence
FROM profile_identifier
WHERE is_shared
GROUP BY type, value
ORDER BY customers DESC, value;

-- contact_history: contacts that two systems logged, side by side
SELECT h.golden_id, h.occurred_at, h.source, h.touchpoint_id, d.source AS also_in, d.touchpoint_id AS also_as
FROM contact_history d JOIN contact_history h ON h.touchpoint_id = d.duplicate_of;

-- golden_lineage: where a customer's values come from, if there was a choice
SELECT field, source, source_id, rule, candidate_count
FROM golden_lineage WHERE golden_id = :golden_id ORDER BY field;

-- identity_event: what happened to customers since an event that was read before
SELECT event_id, type, golden_id, other_golden_ids, at
FROM identity_event WHERE event_id > 0 ORDER BY event_id;

-- golden_id_redirect: the customer behind an ID that was stored some time ago
SELECT current_golden_id FROM golden_id_redirect WHERE golden_id = :golden_id;

-- customer_timeline: everything that happened with a customer, told once
SELECT occurred_at, channel, direction, type, subject, outcome, score, source, logged_count
FROM customer_timeline WHERE golden_id = :golden_id ORDER BY occurred_at DESC;

-- customer_journey: how long customers take from one stage to the next
SELECT previous_stage, stage, COUNT(DISTINCT golden_id) AS customers, AVG(seconds_since_previous) / 86400 AS days
FROM customer_journey WHERE previous_stage IS NOT NULL
GROUP BY previous_stage, stage, stage_order ORDER BY stage_order, customers DESC;

-- experience_daily: NPS by day
SELECT day, response_count, nps FROM experience_daily WHERE metric = 'nps' ORDER BY day;

-- experience_by_channel: satisfaction by the channel it is about
SELECT channel, scale_max, response_count, csat_percent
FROM experience_by_channel WHERE metric = 'csat' ORDER BY csat_percent;

-- customer_segment: customers by recency and lifecycle
SELECT lifecycle, recency, COUNT(*) AS customers
FROM customer_segment GROUP BY lifecycle, recency ORDER BY customers DESC;

-- unifiedindividual__dlm: unified individuals with their number of source records
SELECT u.ssot__Id__c, u.ssot__LastName__c, COUNT(*) AS records
FROM UnifiedIndividual__dlm u
JOIN IndividualIdentityLink__dlm l ON l.UnifiedRecordId__c = u.ssot__Id__c
GROUP BY u.ssot__Id__c, u.ssot__LastName__c;

-- individualidentitylink__dlm: how much each source is consolidated
SELECT ssot__DataSourceId__c, COUNT(SourceRecordId__c) AS records, COUNT(DISTINCT UnifiedRecordId__c) AS individuals
FROM IndividualIdentityLink__dlm GROUP BY ssot__DataSourceId__c;

-- id_graph: profiles that were merged into others
SELECT segment_id, canonical_segment_id FROM id_graph WHERE segment_id <> canonical_segment_id;

-- user_traits: traits of everyone with an address
SELECT canonical_segment_id, email, first_name, last_name, company FROM user_traits WHERE email IS NOT NULL;

-- user_identifiers: the profile behind an address
SELECT canonical_segment_id FROM user_identifiers WHERE type = 'email' AND value = :email;

-- meibo_resolved: records of each resolved identity
SELECT ht_id, COUNT(*) AS records FROM meibo_resolved GROUP BY ht_id ORDER BY records DESC;

-- meibo_resolved_identifiers: identifiers of each resolved identity
SELECT ht_id, identifier, COUNT(*) AS found FROM meibo_resolved_identifiers GROUP BY ht_id, identifier;

-- raw_record: how many versions of how many rows are landed
SELECT source, stream, COUNT(*) AS versions, COUNT(DISTINCT source_id) AS row_count FROM raw_record GROUP BY source, stream;

-- sync_state: how far each stream has been read
SELECT source, stream, row_count, updated_at FROM sync_state ORDER BY source, stream;

-- quarantine: why rows are held back
SELECT source, stream, reason, COUNT(*) AS held_back FROM quarantine WHERE resolved_at IS NULL GROUP BY source, stream, reason;

-- contact: a record as it was compared
SELECT contact_id, content_hash, body FROM contact WHERE contact_id = 'sales:1';

-- touchpoint: events that name an address or number only, and no customer has it for itself
SELECT t.identifier_type, COUNT(*) AS events
FROM touchpoint t JOIN contact_history h ON h.touchpoint_id = t.touchpoint_id
WHERE h.golden_id IS NULL AND t.identifier IS NOT NULL GROUP BY t.identifier_type;

-- source_merge: merges that the sources told of
SELECT source, loser, winner FROM source_merge ORDER BY source, loser;

-- match_edge: the weakest links, but for those that a person or a rule decided
SELECT contact_id_l, contact_id_r, match_weight, pattern
FROM match_edge WHERE verdict = 'link' AND decided_by = 'weight' ORDER BY match_weight LIMIT 20;

-- review_queue: the pairs to look at first
SELECT contact_id_l, contact_id_r, match_weight, reason FROM review_queue ORDER BY priority DESC LIMIT 20;

-- judgement: what people decided
SELECT judgement, COUNT(*) AS pairs FROM judgement GROUP BY judgement;

-- golden_registry: IDs that are no more, and who took over
SELECT golden_id, status, merged_into, since FROM golden_registry WHERE status <> 'active';

-- former_member: the records that an ID had when it ended
SELECT contact_id FROM former_member WHERE golden_id = :golden_id;

-- kept_denial: customers to whom a record says no that is gone
SELECT l.golden_id, d.field, d.source, d.source_id, d.denied_at
FROM kept_denial d JOIN profile_link l ON d.contact_id = l.source || ':' || l.source_id
ORDER BY l.golden_id, d.field, d.source, d.source_id;

-- planned_contact: meetings that are planned, and with whom
SELECT h.golden_id, h.channel, h.subject, p.occurred_at
FROM planned_contact p JOIN contact_history h ON h.touchpoint_id = p.touchpoint_id ORDER BY p.occurred_at;

-- segment_rule: the rules of the segments
SELECT dimension, position, segment FROM segment_rule ORDER BY dimension, position;

-- model_version: models that scored runs
SELECT version, trained_on, is_active, created_at FROM model_version ORDER BY created_at;

-- run_manifest: how the last runs ended
SELECT run_id, kind, status, started_at, message FROM run_manifest ORDER BY started_at DESC LIMIT 10;

-- run_ledger: where the rows of the last run ended, source by source
SELECT source, stream, row_count, linked_count, single_count, quarantined_count, deleted_count, erased_count
FROM run_ledger WHERE run_id = (SELECT MAX(run_id) FROM run_ledger) ORDER BY source, stream;

-- backfill_chunk: how far backfills are
SELECT backfill_id, source, COUNT(*) AS chunks, COUNT(ended_at) AS done FROM backfill_chunk GROUP BY backfill_id, source;

-- run_report: what the last run did, as JSON
SELECT body FROM run_report ORDER BY run_id DESC LIMIT 1;

-- suppression: how many records were erased
SELECT reason, COUNT(*) AS records FROM suppression GROUP BY reason;
