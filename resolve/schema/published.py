"""The tables that readers of the warehouse see; their names and columns are a contract."""

from resolve.schema.table import Table, columns_of

_PROFILE = """
party_type text! person or organization
full_name text whole name as it is spoken: given name first in letters, without shouting
family_name text family name
given_name text given name
family_name_kana text reading of the family name, katakana
given_name_kana text reading of the given name, katakana
birth_date text ISO date, may be partial
gender text female, male or other
primary_email text main e-mail address
primary_phone text main phone number, E.164; as written where country or area code are missing to make it one
country_code text ISO 3166 alpha-2
postal_code text postal code
region text prefecture or state
city text municipality
street text town and block numbers, or street line
building text building, floor, room, unit
organization text company or other organisation
department text department
job_title text job title
corporate_number text Japanese corporate number, 13 digits
preferred_language text ISO 639-1
email_consent text granted, denied or unknown; the most restrictive of all records, gone ones too; a newer choice grants
phone_consent text granted, denied or unknown; the most restrictive of all records, gone ones too; a newer choice grants
record_count int! source records behind the profile
source_count int! sources behind the profile
sources text! names of the sources, separated by commas
first_seen_at time first time a source created one of the records
last_seen_at time last time a source changed one of the records
first_contact_at time first contact
last_contact_at time last contact
last_contact_channel text channel of the last contact
contact_count int! contacts, duplicates left out
open_case_count int! support cases still open
latest_csat float latest customer satisfaction score, on its own scale
latest_nps float latest net promoter answer, 0..10
latest_ces float latest customer effort score, on its own scale
household_id text shared by customers of one household
match_confidence float smallest match probability inside the profile, 0..1; 1 for a single record
status text! active
golden_version int! rises by one whenever the profile changes
updated_at time! when the profile last changed
run_id text! run that wrote the row
"""

_LIST = [
    Table(
        "golden_profile",
        ("golden_id",),
        "One row per living customer.",
        columns_of("golden_id text! stable id of the customer" + _PROFILE),
    ),
    Table(
        "golden_profile_history",
        ("golden_id", "valid_from"),
        "Every version of every profile (slowly changing dimension, type 2).",
        columns_of(
            "golden_id text! stable id of the customer"
            + _PROFILE
            + """valid_from time! when this version became current
valid_to time when it stopped being current; null for the current version
change_type text! created, changed or restored"""
        ),
    ),
    Table(
        "profile_link",
        ("source", "source_id"),
        "Every source record and the customer it belongs to (the crosswalk).",
        columns_of(
            """
source text! name of the source
source_id text! the record's id in its source
golden_id text! customer
link_type text! auto, rule, person or single
match_probability float probability that the record belongs here, 0..1
previous_golden_id text customer it belonged to before the last move
linked_at time! when it was linked to this customer
run_id text! run that wrote the row
"""
        ),
    ),
    Table(
        "profile_identifier",
        ("golden_id", "type", "value"),
        "Every identifier of a customer, with what is known of its worth as evidence.",
        columns_of(
            """
golden_id text! customer
type text! email, phone, line_user_id or corporate_number
value text! as it is compared: phones E.164, e-mail without tag and, at gmail.com, dots; primary_email keeps them
is_primary bool! shown on the profile
is_shared bool! also on another customer
is_blocked bool! not used as evidence
block_reason text placeholder, disposable, malformed, dummy, check digit, role or shared_by_many
first_seen_at time first time a source record carried it
last_seen_at time last time a source record carried it
source_count int! sources that carry it
run_id text! run that wrote the row
"""
        ),
    ),
    Table(
        "contact_history",
        ("touchpoint_id",),
        "Every contact with a customer across sales, marketing and support.",
        columns_of(
            """
touchpoint_id text! source:stream:source_id of the event
golden_id text customer today; null while unattributed
golden_id_at_event text customer believed when the event was first attributed
source text! name of the source
source_id text! the event's id in its source
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
duration_seconds float length, seconds
journey_stage text awareness, consideration, purchase, onboarding, use, support or renewal
duplicate_of text touchpoint_id of the same event logged by another system
run_id text! run that wrote the row
"""
        ),
    ),
    Table(
        "golden_lineage",
        ("golden_id", "field"),
        "Where a profile's value came from, for fields with more than one candidate value, and where a denial outlived "
        "its record (rule kept_denial).",
        columns_of(
            """
golden_id text! customer
field text! column of golden_profile
source text! source of the chosen value
source_id text! record of the chosen value
rule text! survivorship rule that chose it
candidate_count int! distinct values that competed
run_id text! run that wrote the row
"""
        ),
    ),
    Table(
        "identity_event",
        ("event_id",),
        "What happened to golden IDs, append-only; replayed from the start it gives profile_link.",
        columns_of(
            """
event_id int! rises by one
golden_id text! customer
type text! created, grown, shrunk, merged, split, restored, retired or erased
other_golden_ids text customers it merged with or split from, separated by commas
reason text why
records text source records that joined (+source:id) or left (-source:id), one a line
at time! when
run_id text! run that wrote the row
"""
        ),
    ),
    Table(
        "golden_id_redirect",
        ("golden_id",),
        "Every ID ever published and the living customer it resolves to.",
        columns_of(
            """
golden_id text! ID once published
current_golden_id text living customer; null when retired or erased
since time! when this became true
run_id text! run that wrote the row
"""
        ),
    ),
]

TABLES: dict[str, Table] = {table.name: table for table in _LIST}
