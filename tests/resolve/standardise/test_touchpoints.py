"""Touchpoints as matching knows them."""

import pandas as pd

from resolve.schema import conform, frames
from resolve.standardise.touchpoints import find_survivors, standardise_touchpoints


def touchpoints(**columns: list[str | None]) -> pd.DataFrame:
    """Return TOUCHPOINTS of one source, calls on one day, with the given columns."""
    count = len(next(iter(columns.values())))
    table = pd.DataFrame({"source_id": [str(n) for n in range(count)]} | columns, dtype=object)
    table = table.assign(touchpoint_id="a:calls:" + table["source_id"], source="a", stream="calls", channel="phone")
    return conform(table.assign(type="call", occurred_at=pd.Timestamp("2026-05-01", tz="UTC")), frames.TOUCHPOINTS)


def test_identifiers_are_written_as_contacts_write_them() -> None:
    """Full-width letters and national numbers become what profile_identifier holds; the country is the source's."""
    given = touchpoints(
        identifier_type=["email", "phone", None], identifier=["Ａ.Ito@Example.jp", "03-3211-4567", None]
    )
    found = standardise_touchpoints(given, {"a": "JP"})["identifier"].tolist()
    assert found[1:] == ["+81332114567", None]
    assert found[0] == "a.ito@example.jp"


def test_touchpoints_of_a_merged_record_name_its_survivor() -> None:
    """The last survivor of a chain gets the touchpoint, and the record that it named is kept beside it."""
    aliases = pd.DataFrame({"contact_id": ["a:1", "a:2"], "merged_into": ["a:2", "a:3"]}, dtype=object)
    found = standardise_touchpoints(touchpoints(contact_id=["a:1", "a:3", None]), "JP", aliases)
    assert found["contact_id"].tolist() == ["a:3", "a:3", None]
    assert found["named_contact_id"].tolist() == ["a:1", None, None]


def test_a_loop_of_merges_leaves_its_members_as_they_are() -> None:
    """Two records that their source merged into each other stay themselves."""
    aliases = pd.DataFrame({"contact_id": ["a:1", "a:2"], "merged_into": ["a:2", "a:1"]}, dtype=object)
    assert find_survivors(aliases) == {"a:1": "a:1", "a:2": "a:2"}
