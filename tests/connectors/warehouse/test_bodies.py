"""Contacts as rows of the table `contact`."""

import orjson
import pandas as pd

from connectors.warehouse.bodies import contact_rows, contacts_of, read_bodies
from resolve.schema import conform, frames


def test_the_body_holds_what_the_contact_holds_and_nothing_that_is_missing() -> None:
    """Text, times and extra columns are kept; missing values leave no key."""
    at = pd.Timestamp("2026-01-02 03:04:05", tz="UTC")
    row = {"contact_id": "crm:1", "source": "crm", "source_id": "1", "party_type": "person", "content_hash": "ab"}
    contacts = conform(
        pd.DataFrame([row | {"full_name": "髙橋", "updated_at": at, "x_tier": "gold"}, row | {"contact_id": "crm:2"}]),
        frames.CONTACTS,
    )
    rows = contact_rows(contacts)
    first, second = (orjson.loads(body) for body in rows["body"])
    assert first == {
        "party_type": "person", "full_name": "髙橋", "updated_at": "2026-01-02T03:04:05.000000Z", "x_tier": "gold",
    }  # fmt: skip
    assert second == {"party_type": "person"}
    assert rows["contact_id"].tolist() == ["crm:1", "crm:2"]


def test_contacts_come_back_from_their_rows_as_they_were() -> None:
    """Every column, extra ones included; a frame without rows too."""
    at = pd.Timestamp("2026-01-02 03:04:05.000678", tz="UTC")
    row = {"source": "crm", "party_type": "person", "content_hash": "ab"}
    contacts = conform(
        pd.DataFrame(
            [
                row
                | {"contact_id": "crm:2", "source_id": "2", "full_name": "髙橋", "created_at": at, "x_tier": "gold"},
                row | {"contact_id": "crm:1", "source_id": "1", "x_tier": None},
            ]
        ),
        frames.CONTACTS,
    )
    pd.testing.assert_frame_equal(contacts_of(contact_rows(contacts)), contacts)
    plain = contacts.drop(columns="x_tier").head(0)
    pd.testing.assert_frame_equal(
        contacts_of(contact_rows(plain)), plain.reset_index(drop=True), check_index_type=False
    )


def test_text_that_looks_like_json_comes_back_as_it_was() -> None:
    """Quotes, backslashes, line breaks and what looks like a column of its own."""
    row = {"source": "crm", "party_type": "person", "content_hash": "ab"}
    texts = ['a","x_b":"c', "back\\slash", 'two\nlines\tand "quotes"', '{"x_n":"1"}', "\x01\x7f", "髙橋"]
    rows = [row | {"contact_id": f"crm:{n}", "source_id": str(n), "full_name": text} for n, text in enumerate(texts)]
    contacts = conform(pd.DataFrame(rows), frames.CONTACTS)
    stored = contact_rows(contacts)
    assert [orjson.loads(body)["full_name"] for body in stored["body"]] == texts
    pd.testing.assert_frame_equal(contacts_of(stored), contacts)


def test_bodies_are_read_alike_from_texts_and_from_bytes() -> None:
    """A driver may give either; an extra column of one body is there for all, and no body is fine too."""
    bodies = ['{"full_name":"髙橋","x_tier":"gold"}', '{"party_type":"person"}']
    texts = read_bodies(bodies)
    assert texts.column("full_name").to_pylist() == ["髙橋", None]
    assert texts.column("x_tier").to_pylist() == ["gold", None]
    assert read_bodies([body.encode() for body in bodies]).equals(texts)
    assert read_bodies([]).num_rows == 0
