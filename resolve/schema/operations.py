"""The tables that Meibo keeps for itself: landing, state, evidence; others of them stand in `runs` and `carried`."""

from resolve.schema import carried, runs
from resolve.schema.table import Table, columns_of

_LIST = [
    Table(
        "raw_record",
        ("seq",),
        "Every version of every raw row, append-only; the largest seq of a row is its latest version. A row is landed "
        "when its hash differs from that of its latest version, so one that goes back to what it was is landed again.",
        columns_of(
            """
seq int! rises with every row landed
source text! name of the source
stream text! contacts, or the name of an event stream
source_id text! the row's id in its stream
payload_hash text! hash of the canonical payload (sorted keys, NFC) with the marks of deletion and merge, hex
payload text! the row as received, JSON
updated_at text when the source last changed the row, as received
deleted bool! the source deleted the row (tombstone)
merged_into text id of the row that this one was merged into
landed_at time! when it was landed
run_id text! run that landed it
"""
        ),
    ),
    Table(
        "sync_state",
        ("source", "stream"),
        "How far each stream has been read; written in the transaction of the rows.",
        columns_of(
            """
source text! name of the source
stream text! name of the stream
cursor text! state of the reader, JSON
row_count int! rows landed so far
columns text columns of its rows with the number of rows that had each, JSON
dropped_to int number of the raw row up to which replaced versions were removed
updated_at time! when
run_id text! run that wrote the row
"""
        ),
    ),
    Table(
        "quarantine",
        ("source", "stream", "row_key", "reason"),
        "Rows that could not be used, with the reason; tried again on every run.",
        columns_of(
            """
source text! name of the source
stream text! name of the stream
row_key text! the row's id, or its place where it has none of its own
reason text! code of the reason
detail text what was wrong, without personal values
payload text the row as received, JSON or text
first_seen_at time! when it was first seen
last_seen_at time! when it was last seen
resolved_at time when a later version was accepted
run_id text! run that last saw it
place text where it was read: file and line, or the table or object and a hash of the content
"""
        ),
    ),
    Table(
        "contact",
        ("contact_id",),
        "Every living contact, standardised, as the last run saw it.",
        columns_of(
            """
contact_id text! source:source_id
source text! name of the source
source_id text! the record's id in its source
content_hash text! hash of the source record
contact_hash int number under which the blocking index lists the contact
body text! the standardised contact, JSON
run_id text! run that wrote the row
"""
        ),
    ),
    Table(
        "touchpoint",
        ("touchpoint_id",),
        "What contact_history does not tell of each event: whom its source names.",
        columns_of(
            """
touchpoint_id text! source:stream:source_id
contact_id text contact that the source names, or the one it was merged into
named_contact_id text the contact that the source names, where it was merged into another
identifier_type text email, phone or line_user_id where the source names no contact
identifier text normalised identifier
status text open or closed, for cases
run_id text! run that wrote the row
"""
        ),
    ),
    Table(
        "source_merge",
        ("source", "stream", "told_by", "loser"),
        "Every merge that a source told of, by the row that tells it.",
        columns_of(
            """
source text! name of the source
stream text! name of the stream
told_by text! id of the row that tells it: the loser, or a winner that lists its losers
loser text! id of the record that was merged
winner text! id of the record that it was merged into
run_id text! run that wrote the row
"""
        ),
    ),
    Table(
        "match_edge",
        ("contact_id_l", "contact_id_r"),
        "Every pair at or above the review floor, with its evidence and verdict.",
        columns_of(
            """
contact_id_l text! the smaller contact_id
contact_id_r text! the larger contact_id
match_weight float evidence, bits
match_probability float probability of the same person, 0..1
relation text same, household, colleague or unrelated
rule text blocking rule, or the hard rule
pattern text agreement levels
verdict text! link, review or reject
decided_by text! weight, rule or person
model_version text! model that scored it
run_id text! run that wrote the row
"""
        ),
    ),
    Table(
        "review_queue",
        ("contact_id_l", "contact_id_r"),
        "Pairs that a person should look at, the most useful first.",
        columns_of(
            """
contact_id_l text! the smaller contact_id
contact_id_r text! the larger contact_id
match_weight float evidence, bits
match_probability float probability of the same person, 0..1
reason text! why it is doubtful
priority float! larger is more useful to judge
run_id text! run that wrote the row
"""
        ),
    ),
    Table(
        "judgement",
        ("judgement_id",),
        "What people decided, append-only; of a pair the row with the largest judgement_id counts.",
        columns_of(
            """
judgement_id int! rises by one
contact_id_l text! the smaller contact_id
contact_id_r text! the larger contact_id
judgement text! match, non_match or unsure
judged_by text who
judged_at time! when
note text why
"""
        ),
    ),
    Table(
        "golden_registry",
        ("golden_id",),
        "Every golden ID ever minted, with what is needed to keep, restore and redirect it.",
        columns_of(
            """
golden_id text! the ID
status text! active, merged, retired or erased
founder text! contact_id of the founding record
generation int! how often the founder has founded an ID before
first_seen_at time! when the ID was minted
retired_at time when it stopped being active
merged_into text ID that took over
since time! when the ID took its present status and target
members text contact_ids at the time it was retired, one a line
is_locked bool! a person locked the ID
run_id text! run that wrote the row
"""
        ),
    ),
    Table(
        "segment_rule",
        ("dimension", "position"),
        "The rules of customer_segment, as model.yaml had them in the last full run; of a dimension's rules the first "
        "counts whose bounds all hold. A missing bound always holds.",
        columns_of(
            """
dimension text! recency, frequency, value or lifecycle
position int! 1, 2, 3, …
segment text! name of the segment
currency text currency of the amounts, ISO 4217; any where missing
days_from float least days since the last contact
days_below float days since the last contact are fewer
contacts_from float least contacts
contacts_below float contacts are fewer
orders_from float least orders
orders_below float orders are fewer
amount_from float least money spent on orders
amount_below float money spent on orders is less
run_id text! run that wrote the row
"""
        ),
    ),
    Table(
        "former_member",
        ("golden_id", "contact_id"),
        "The contacts that a merged or retired ID had when it ended: what the registry lists, to be found by contact.",
        columns_of(
            """
golden_id text! the ID
contact_id text! the contact
run_id text! run that wrote the row
"""
        ),
    ),
]

TABLES: dict[str, Table] = {table.name: table for table in (*_LIST, *carried.LIST, *runs.LIST)}
