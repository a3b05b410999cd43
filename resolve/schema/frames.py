"""The frames that pass between stages: source records, contacts, scored pairs, clusters, touchpoints."""

from resolve.schema.table import Table, columns_of

SOURCE_RECORDS = Table(
    "SOURCE_RECORDS",
    ("source", "source_id"),
    "One row per record of a source, its columns mapped to contact fields, values as received. "
    "A cell that was mapped from several columns holds their values one a line.",
    columns_of(
        """
source text! name of the source in meibo.yaml, [a-z0-9_]+
source_id text! the record's id in its source, always text
party_type text person or organization where the source says so
full_name text whole name in one field
family_name text family name
given_name text given name
middle_name text middle name or initial
name_suffix text Jr, Sr, III
full_name_kana text reading of the whole name
family_name_kana text reading of the family name
given_name_kana text reading of the given name
birth_date text birth date in any notation
gender text sex or gender in any notation
email text e-mail addresses, one a line
phone text phone numbers, one a line
organization text company or other organisation
department text department
job_title text job title
corporate_number text Japanese corporate number
country text country name or code
postal_code text postal code
region text prefecture or state
city text municipality
street text town and block numbers, or street line
building text building, floor, room, unit
address text whole address in one field
preferred_language text language tag
email_consent text consent to e-mail, in any notation
email_opt_out text e-mail opt-out flag, in any notation
phone_consent text consent to calls, in any notation
phone_opt_out text phone opt-out flag, in any notation
email_consent_at text when the customer last chose on e-mail, granting or denying; of a day an ISO interval
phone_consent_at text when the customer last chose on calls, granting or denying; of a day an ISO interval
line_user_id text LINE user id
external_id text id of this person in another system
created_at text when the source created the record
updated_at text when the source last changed the record
merged_into text id of the record that this one was merged into by its source
"""
    ),
)

CONTACTS = Table(
    "CONTACTS",
    ("contact_id",),
    "One row per source record, standardised: display values first, then keys that comparisons read. "
    "Lists are separated by one space.",
    columns_of(
        """
contact_id text! source:source_id
source text! name of the source
source_id text! the record's id in its source
party_type text! person or organization
full_name text whole name, cleaned, in its own script
family_name text family name, cleaned
given_name text given name, cleaned
middle_name text middle name or initial
name_suffix text JR, SR, II, III, IV
family_name_kana text reading of the family name in full-width katakana
given_name_kana text reading of the given name in full-width katakana
birth_date text ISO date, or partial: YYYY-MM, YYYY, --MM-DD
gender text female, male or other
emails text cleaned addresses, first is the record's main one
phones text E.164 numbers, first is the record's main one
organization text company name, cleaned
department text department
job_title text job title
corporate_number text 13 digits with a valid check digit
country_code text ISO 3166 alpha-2
postal_code text postal code as written in its country
region text prefecture or state
city text municipality
street text town and block numbers, or street line
building text building, floor, room, unit
preferred_language text ISO 639-1
email_consent text granted or denied
phone_consent text granted or denied
email_consent_at time when the customer chose so; of a day the beginning, the end where it denies
phone_consent_at time when the customer chose so; of a day the beginning, the end where it denies
line_user_id text LINE user id
family_key text folded family name (tier 1, no case, no accent, no space)
family_variants text other forms of the name: former=…, weaker alt=… (tier 2 kanji, voicing); known=yes: in a dictionary
family_readings text romaji keys that the family name may be read as, uncertain ones as maybe=…
family_script text han, kana, latin or other
given_key text folded given name
given_variants text other forms of the name: nick=…, weaker alt=… (tier 2 kanji, voicing); known=yes: in a dictionary
given_readings text romaji keys that the given name may be read as, uncertain ones as maybe=…
given_script text han, kana, latin or other
name_key text folded whole name without spaces, also where it could not be split
reading_source text given (from a kana column or kana/latin name) or guessed (dictionary)
middle_key text first letter of the middle name
suffix_key text name suffix, a generation conflict if different
birth_key text full ISO birth date, else null
email_keys text normalised addresses that are evidence, placeholders left out
role_emails text the addresses among email_keys that belong to a role, not a person
work_domain text domain of the first address that is no free-mail provider's
phone_keys text E.164 numbers that are evidence, dummies left out
phone_extensions text number;ext=12 where the record gives an extension of its number
org_key text folded core of the company name
org_form text legal form, normalised code
org_branch text branch or office name, folded
postal_key text postal code without separators
region_key text folded prefecture or state code
city_key text folded municipality
street_key text folded town, or street core with type and direction
number_key text block numbers or house number: 2-8-1
unit_key text room or unit: 501
blocked_identifiers text dropped values, one a line: type, tab, value, tab, reason
created_at time when the source created the record
updated_at time when the source last changed the record
merged_into text contact_id of the record that this one was merged into by its source
content_hash text! hash of the source record, hex
"""
    ),
)

SCORED_PAIRS = Table(
    "SCORED_PAIRS",
    ("contact_id_l", "contact_id_r"),
    "One row per candidate pair at or above the review floor; the smaller contact_id is left.",
    columns_of(
        """
contact_id_l text! the smaller contact_id
contact_id_r text! the larger contact_id
match_weight float! evidence for the same person, bits, prior included
match_probability float! probability of the same person, 0..1
relation text! most probable relation: same, household, colleague or unrelated
rule text! blocking rule that produced the pair first
pattern text! agreement level of each comparison: name=3 email=0 …
"""
    ),
)

VERDICTS = Table(
    "VERDICTS",
    SCORED_PAIRS.key,
    "Scored pairs and hard edges with what was decided on each.",
    columns_of(
        """
contact_id_l text! the smaller contact_id
contact_id_r text! the larger contact_id
match_weight float evidence, bits; missing for a hard edge that was never scored
match_probability float probability of the same person, 0..1
relation text most probable relation
rule text blocking rule, or the hard rule
pattern text agreement levels
verdict text! link, review or reject
decided_by text! weight, rule or person
"""
    ),
)

JUDGEMENTS = Table(
    "JUDGEMENTS",
    ("contact_id_l", "contact_id_r"),
    "What people decided on pairs of contacts; the newest judgement of a pair counts.",
    columns_of(
        """
contact_id_l text! the smaller contact_id
contact_id_r text! the larger contact_id
judgement text! match, non_match or unsure
judged_by text who decided
judged_at time when
note text why
"""
    ),
)

CLUSTERS = Table(
    "CLUSTERS",
    ("contact_id",),
    "Every contact with the cluster it belongs to; clusters exist within a run only.",
    columns_of(
        """
contact_id text! the contact
cluster_id text! smallest contact_id of the cluster
match_probability float probability of the contact's mean weight to the rest of its cluster, 0..1; 1 for a single
link_type text! auto, rule, person or single: what holds the contact in its cluster
"""
    ),
)

TOUCHPOINTS = Table(
    "TOUCHPOINTS",
    ("touchpoint_id",),
    "One row per dated event of a source, before it is attributed to a customer.",
    columns_of(
        """
touchpoint_id text! source:stream:source_id
source text! name of the source
stream text! name of the stream in the source
source_id text! the event's id in its stream
contact_id text contact that the source names
identifier_type text email, phone or line_user_id where the source names no contact
identifier text normalised identifier
channel text! email, phone, sms, chat, line, web, in_person, meeting, postal, social, store, survey or other
direction text inbound, outbound or internal
type text! message, call, meeting, email_opened, survey_response, ticket_opened, order, …
occurred_at time! when it happened
subject text subject
outcome text outcome or status
metric text csat, nps or ces
score float survey score on its own scale
scale_min float smallest value of the scale
scale_max float largest value of the scale
amount float amount of money
currency text ISO 4217
duration_seconds float length
journey_stage text awareness, consideration, purchase, onboarding, use, support or renewal
status text open or closed, for cases
named_contact_id text the contact that the source names, where it was merged into contact_id
"""
    ),
)
