"""What files and tables promise beyond every source (test_every_source): cells as they are, refusals, resumed reads."""

from typing import Protocol

from connectors.sources.source import Cursor, Page, Raw, Source


class Kind(Protocol):
    """The fixture `kind`."""

    def write(self, rows: list[dict[str, str | None]]) -> None: ...
    def open(self, page_rows: int = 5_000) -> Source: ...
    def pages(self, cursor: Cursor | None = None, page_rows: int = 5_000) -> list[Page]: ...


def row(number: int, **cells: str | None) -> dict[str, str | None]:
    """Return a row whose change time rises with its number."""
    base = {"id": f"{number:04}", "name": f"髙橋 {number}㈱①", "email": f"p{number}@example.jp"}
    time = f"2026-01-{1 + number // 24:02} {number % 24:02}:00:00"
    return base | {"updated": time, "gone": None, "winner": None} | cells


def rows_of(pages: list[Page]) -> list[Raw]:
    """Return all rows of the pages."""
    return [raw for page in pages for raw in page.rows]


def landed(*reads: list[Page]) -> dict[str, Raw]:
    """Return the latest version of each row, as landing keeps it."""
    return {raw.source_id: raw for pages in reads for raw in rows_of(pages)}


def test_the_first_read_gives_every_row_as_it_is(kind: Kind) -> None:
    """All rows come, as text, with nothing lost to encodings or types."""
    kind.write([row(n) for n in range(23)])
    pages = kind.pages()
    assert [raw.source_id for raw in rows_of(pages)] == [f"{n:04}" for n in range(23)]
    assert rows_of(pages)[7].payload == row(7)
    assert all(page.rejects == [] for page in pages)


def test_a_resumed_read_does_not_start_over(kind: Kind) -> None:
    """After four of five pages, at most one page of rows is left to read."""
    kind.write([row(n) for n in range(23)])
    before = kind.pages(page_rows=5)[:4]
    assert len(rows_of(kind.pages(before[-1].cursor, page_rows=5))) <= 5


def test_an_update_during_the_read_is_not_lost(kind: Kind) -> None:
    """A row that changes between two pages is read by this run or the next."""
    before = [row(n) for n in range(23)]
    kind.write(before)
    pages = kind.pages(page_rows=5)[:2]
    changed = row(1, email="late@example.jp", updated="2026-02-01 00:00:00")
    kind.write([before[0], changed, *before[2:]])
    rest = kind.pages(pages[-1].cursor, page_rows=5)
    nightly = kind.pages(rest[-1].cursor, page_rows=5)
    assert landed(pages, rest, nightly)["0001"].payload["email"] == "late@example.jp"


def test_tombstones_and_merges_are_read(kind: Kind) -> None:
    """The deleted flag and the winner of a merge travel beside the payload."""
    kind.write([row(0), row(1, gone="true"), row(2, gone="False"), row(3, gone="1", winner="0000")])
    known = landed(kind.pages())
    assert [known[f"{n:04}"].deleted for n in range(4)] == [False, True, False, True]
    assert known["0003"].merged_into == "0000"
    assert known["0001"].merged_into is None


def test_rows_without_an_id_and_repeated_ids_are_refused(kind: Kind) -> None:
    """Such rows are counted with a reason and a key that stays the same from read to read."""
    kind.write([row(0), row(1, id=None), row(0, email="second@example.jp"), row(2)])
    pages = kind.pages()
    rejects = [reject for page in pages for reject in page.rejects]
    assert sorted(reject.reason for reject in rejects) == ["duplicate_id", "missing_id"]
    assert [raw.source_id for raw in rows_of(pages)] == ["0000", "0002"]
    assert [reject.row_key for page in kind.pages() for reject in page.rejects] == [r.row_key for r in rejects]
    assert len({reject.row_key for reject in rejects}) == len(rejects)


def test_a_source_without_rows_is_no_error(kind: Kind) -> None:
    """A header or a table alone gives no rows."""
    kind.write([])
    assert rows_of(kind.pages()) == []


def test_check_names_what_no_field_reads(kind: Kind) -> None:
    """Columns are listed, and those without a meaning apart."""
    kind.write([row(0)])
    check = kind.open().check("contacts")
    assert set(check.columns) == {"id", "name", "email", "updated", "gone", "winner"}
    assert set(check.unmapped) <= {"updated"}
