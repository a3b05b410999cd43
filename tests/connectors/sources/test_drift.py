"""Columns that come and go: told, and a mapped one that is lost stops its stream before anything is landed."""

from collections.abc import Sequence

import pytest

from connectors.settings.project import SourceSettings
from connectors.sources.drift import LEAST_ROWS, MEMORY, Columns, ColumnWatch, kinds_of
from connectors.sources.plan import plan_stream
from connectors.sources.source import Raw
from resolve.errors import SourceError

MAP = {"email": "Mail", "phone": {"any": ["Phone", "Mobile"]}, "organization": ["Company"], "x_tier": "deep.tier"}
USUAL = ("Id", "Mail", "Phone", "Company", "Note")


def rows(count: int, columns: Sequence[str] = USUAL) -> list[Raw]:
    """Return rows with these columns; a lost value is still a column."""
    return [Raw(str(number), dict.fromkeys(columns)) for number in range(count)]


def known(count: int = 100, columns: Sequence[str] = USUAL) -> Columns:
    """Return what is known after so many rows."""
    found = Columns(id="Id")
    found.add(kinds_of(rows(count, columns)))
    return found


def watch(before: Columns, limit: float | None = 0.5, ids: str | list[str] = "Id") -> ColumnWatch:
    """Return a watch on a stream that maps four fields."""
    streams = {"contacts": {"table": "people", "id": ids, "map": MAP}}
    settings = SourceSettings.model_validate({"kind": "sales", "url": "sqlite://", "streams": streams})
    return ColumnWatch(plan_stream("crm", settings, "contacts"), before, limit)


def test_a_first_reading_tells_nothing() -> None:
    """There is nothing to compare with."""
    first = watch(Columns())
    first.see(kinds_of(rows(100)))
    assert (first.new, first.lost) == ([], [])
    assert first.after() == known(100)


def test_new_and_unmapped_lost_columns_are_told() -> None:
    """They stop nothing."""
    seen = watch(known())
    seen.see(kinds_of(rows(LEAST_ROWS, ("Id", "Mail", "Phone", "Company", "Tier"))))
    assert (seen.new, seen.lost) == (["Tier"], ["Note"])
    assert seen.after().held["Note"] == 0


def test_ids_of_another_column_are_told() -> None:
    """Once; by another spelling, or where it is not known which they were, they are not."""
    seen = watch(known(), ids=["No", "Number"])
    seen.see(kinds_of(rows(3, ("Number", "Mail"))))
    assert seen.rekeyed.startswith("ids are read from Number, and were from Id: ")
    after = seen.after()
    assert after is not None
    for before, columns in ((after, ("NUMBER", "Mail")), (Columns(100), ("Number", "Mail")), (known(), ("Mail",))):
        again = watch(before, ids=["No", "Number"])
        again.see(kinds_of(rows(3, columns)))
        assert again.rekeyed == ""


def test_a_lost_column_that_is_mapped_stops_the_stream() -> None:
    """The error names column, field and what to do."""
    with pytest.raises(SourceError, match=r"the column Phone \(phone\) until now.*--accept-gate lost_columns"):
        watch(known()).see(kinds_of(rows(LEAST_ROWS, ("Id", "Mail", "Company", "Note"))))


def test_a_column_with_or_in_its_name_is_one_column() -> None:
    """It is not taken for two alternatives that no row ever had."""
    streams = {"contacts": {"table": "people", "id": "Id", "map": {"phone": "Phone or Mobile"}}}
    settings = SourceSettings.model_validate({"kind": "sales", "url": "sqlite://", "streams": streams})
    seen = ColumnWatch(plan_stream("crm", settings, "contacts"), known(columns=("Id", "Phone or Mobile")), 0.5)
    with pytest.raises(SourceError, match=r"the column Phone or Mobile \(phone\)"):
        seen.see(kinds_of(rows(LEAST_ROWS, ("Id",))))


def test_other_spellings_and_alternatives_are_no_loss() -> None:
    """A header in capitals is the same; of alternatives one is enough."""
    watch(known()).see(kinds_of(rows(LEAST_ROWS, ("ID", "MAIL", "Mobile", "company", "Note"))))


def test_a_column_that_only_some_rows_have_is_never_missed() -> None:
    """Optional keys of JSON come and go from night to night."""
    before = known(100)
    before.add(kinds_of(rows(10, ("Id", "Mail", "Company", "Note"))))
    watch(before).see(kinds_of(rows(LEAST_ROWS, ("Id", "Mail", "Company", "Note"))))


def test_few_rows_and_tombstones_tell_nothing() -> None:
    """A delta of a handful of rows is landed."""
    seen = watch(known())
    seen.see(kinds_of(rows(LEAST_ROWS - 1, ("Id",))))
    seen.see(kinds_of([Raw(str(number), {}, deleted=True) for number in range(100)]))
    assert seen.lost == []


def test_pages_count_together_and_only_above_the_limit() -> None:
    """Half of the rows may lack a column before the stream stops."""
    seen = watch(known())
    seen.see(kinds_of(rows(30)))
    seen.see(kinds_of(rows(30, ("Id", "Mail", "Company", "Note"))))
    with pytest.raises(SourceError):
        seen.see(kinds_of(rows(2, ("Id", "Mail", "Company", "Note"))))


def test_an_accepted_loss_is_forgotten() -> None:
    """The next night expects the column no more."""
    accepted = watch(known(), None)
    accepted.see(kinds_of(rows(50, ("Id", "Mail", "Company", "Note"))))
    assert accepted.lost == ["Phone"]
    watch(accepted.after()).see(kinds_of(rows(50, ("Id", "Mail", "Company", "Note"))))


def test_what_was_long_ago_is_forgotten_slowly() -> None:
    """Counts stay bounded, shares stay as they are."""
    seen = watch(known(MEMORY))
    seen.see(kinds_of(rows(MEMORY)))
    after = seen.after()
    assert after.rows <= MEMORY
    assert after.share(["Mail"]) == 1.0


def test_what_tells_of_deletion_merging_and_time_is_watched_too() -> None:
    """Without it deleted customers would come back, and merged ones fall apart."""
    streams = {"contacts": {"table": "people", "id": "Id", "map": {}, "deleted": "IsDeleted", "merged_into": "Master"}}
    settings = SourceSettings.model_validate({"kind": "sales", "url": "sqlite://", "streams": streams})
    before = known(columns=("Id", "IsDeleted", "Master"))
    for lost, field in (("IsDeleted", "deleted"), ("Master", "merged_into")):
        seen = ColumnWatch(plan_stream("crm", settings, "contacts"), before, 0.5)
        left = [name for name in ("Id", "IsDeleted", "Master") if name != lost]
        with pytest.raises(SourceError, match=rf"the column {lost} \({field}\)"):
            seen.see(kinds_of(rows(LEAST_ROWS, left)))
