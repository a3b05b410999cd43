"""Who keeps the denial of a record that is gone, whatever becomes of the customers."""

from typing import Any

import pandas as pd

from resolve.golden.kept_denials import as_sayings, keep_denials, list_denials
from resolve.schema import conform, frames
from resolve.state import no_denials

AT = pd.Timestamp("2026-04-01", tz="UTC")
CHOSEN = pd.Timestamp("2026-03-01", tz="UTC")


def contacts(*denying: str, **cells: Any) -> pd.DataFrame:
    """Return CONTACTS that deny e-mail."""
    rows = [
        {"contact_id": one, "source": one[0], "source_id": one[2:], "party_type": "person", "content_hash": "0",
         "email_consent": "denied", "email_consent_at": CHOSEN} | cells
        for one in denying
    ]  # fmt: skip
    return conform(pd.DataFrame(rows), frames.CONTACTS)


def links(**customers: str) -> pd.DataFrame:
    """Return contact_id, golden_id of customers with their contacts, separated by blanks."""
    rows = [(contact, golden) for golden, listed in customers.items() for contact in listed.split()]
    return pd.DataFrame(rows, columns=["contact_id", "golden_id"], dtype=object)


def holders(kept: pd.DataFrame) -> list[str]:
    """Return who keeps whose denial."""
    return [f"{c} of {s}:{i}" for c, s, i in zip(kept["contact_id"], kept["source"], kept["source_id"], strict=True)]


def living(*ids: str) -> pd.Series:
    """Return contact_ids of now."""
    return pd.Series(list(ids), dtype=object)


def test_all_who_were_one_customer_with_it_keep_it() -> None:
    """Not those of other customers, nor those who came the same night."""
    said = list_denials(contacts("a:1"))
    kept = keep_denials(no_denials(), said, links(G1="a:1 b:1 b:2", G2="b:3"), living("b:1", "b:2", "b:3", "b:4"), AT)
    assert holders(kept) == ["b:1 of a:1", "b:2 of a:1"]
    assert set(kept["denied_at"]) == {CHOSEN}
    assert set(kept["kept_at"]) == {AT}
    again = keep_denials(
        kept, said.iloc[:0], links(G1="b:1", G3="b:2"), living("b:1", "b:2"), AT + pd.Timedelta(days=1)
    )
    pd.testing.assert_frame_equal(again, kept)


def test_who_leaves_hands_on_what_it_kept() -> None:
    """It keeps its own: it may come back."""
    first = keep_denials(no_denials(), list_denials(contacts("a:1")), links(G1="a:1 b:1"), living("b:1"), AT)
    none = list_denials(contacts("a:1")).iloc[:0]
    second = keep_denials(first, none, links(G1="b:1 c:1"), living("c:1"), AT + pd.Timedelta(days=1))
    assert holders(second) == ["b:1 of a:1", "c:1 of a:1"]
    assert set(second["kept_at"]) == {AT}
    assert holders(keep_denials(second, none, links(G1="c:1"), living("a:1", "c:1"), AT)) == []


def test_without_a_time_it_is_as_old_as_the_run_that_kept_it() -> None:
    """Then it was known."""
    said = list_denials(contacts("a:1", email_consent_at=pd.NaT))
    kept = keep_denials(no_denials(), said, links(G1="a:1 b:1"), living("b:1"), AT)
    found, holder = as_sayings(kept, pd.DataFrame({"contact_id": ["x:1", "b:1"]}))
    assert (found["email_consent"].tolist(), found["email_consent_at"].tolist(), holder.tolist()) == (
        ["denied"], [AT], [1]
    )  # fmt: skip
    assert found["phone_consent"].isna().all()
