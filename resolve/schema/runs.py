"""The operations tables about runs: models, manifest, ledger, backfills, erasures."""

from resolve.schema.table import Table, columns_of

LIST = [
    Table(
        "model_version",
        ("version",),
        "Every model that scored a run.",
        columns_of(
            """
version text! content hash of the model
body text! the model, YAML
is_active bool! used by the next run
trained_on int contacts it was trained on; null for the shipped model
report text training report, JSON
created_at time! when
run_id text run that trained it
"""
        ),
    ),
    Table(
        "run_manifest",
        ("run_id",),
        "Every run: what went in, what came out, and how it ended.",
        columns_of(
            """
run_id text! the run
kind text! nightly, backfill, train or forget
status text! running, succeeded, unchanged, failed or partial
started_at time! when it started
ended_at time when it ended
model_version text model used
config_hash text hash of the configuration
input_hash text hash of the contacts that were resolved
meibo_version text version of the code
counts text counts by name, JSON
message text what went wrong, without personal values
watermark text what the published tables reflect: the last raw row, the last judgement, the settings; JSON
"""
        ),
    ),
    Table(
        "run_ledger",
        ("run_id", "source", "stream"),
        "Where every row of a stream ended, per run: read = linked + single + quarantined + deleted + erased.",
        columns_of(
            """
run_id text! the run
source text! name of the source
stream text! name of the stream
row_count int! distinct rows known in landing or quarantine
linked_count int! in a profile with other records, or attributed events
single_count int! alone in a profile, or unattributed events
quarantined_count int! in quarantine
deleted_count int! tombstones
erased_count int! erased on request
new_count int! rows landed by this run
unread_count int of the quarantined ones, rows that were never landed
"""
        ),
    ),
    Table(
        "backfill_chunk",
        ("backfill_id", "source", "stream", "chunk"),
        "The windows that a backfill reads, and how far it is: what it needs to be resumed.",
        columns_of(
            """
backfill_id text! the backfill: its first run
source text! name of the source
stream text! name of the stream
chunk int! number of the window, from 0
since time rows that changed from this time on
until time rows that changed before this time
cursor text how far the window has been read, JSON
row_count int! rows read so far
new_count int! of them, new or changed
ended_at time when the window was read to its end
run_id text! run that read it last
"""
        ),
    ),
    Table(
        "run_report",
        ("run_id",),
        "What each run did, as the commands show it: sources, changes, gates, samples of IDs; no personal values.",
        columns_of(
            """
run_id text! the run
body text! the report, JSON
"""
        ),
    ),
    Table(
        "suppression",
        ("key_hash",),
        "Keyed hashes of erased records, so that they do not come back.",
        columns_of(
            """
key_hash text! keyed hash of source and source_id
reason text! why
erased_at time! when
run_id text run that erased it
"""
        ),
    ),
]
