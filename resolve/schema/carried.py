"""The operations tables that a run leaves to the next one: what its sources do not tell any more, or not yet."""

from resolve.schema.table import Table, columns_of

LIST = [
    Table(
        "kept_denial",
        ("contact_id", "field", "source", "source_id"),
        "Denials of records that are gone: each stays with the contacts that were one customer with its record, until "
        "one of their customer's records grants at a later time, or the record is there again.",
        columns_of(
            """
contact_id text! the contact that keeps it, source:source_id
field text! email_consent or phone_consent
source text! source of the record that denied
source_id text! the record that denied
denied_at time when the customer chose so, where the record told
kept_at time! run that found the record gone; without denied_at it counts as denied then
run_id text! run that wrote the row
"""
        ),
    ),
    Table(
        "planned_contact",
        ("touchpoint_id",),
        "Events that were still to come when the last run began: customers are measured again once they were.",
        columns_of(
            """
touchpoint_id text! the event
occurred_at time! when it is to be
run_id text! run that wrote the row
"""
        ),
    ),
]
