"""Refused rows whose id is known: the id is their key, and of several rows of one id each is told."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from connectors.settings.project import parse_settings
from connectors.sources.catalog import OpenSource, open_source
from connectors.sources.source import Page


def opened(folder: Path, stream: str, url: str = "") -> OpenSource:
    """Return a source of one stream."""
    text = f"sources:\n  crm:\n    kind: sales\n{url}    streams:\n      contacts: {stream}\n"
    return open_source("crm", parse_settings(text, "meibo.yaml", folder, {}).sources["crm"], folder)


def keys(pages: list[Page]) -> list[tuple[str, str]]:
    """Return key and reason of each refused row."""
    return [(reject.row_key, reject.reason) for page in pages for reject in page.rejects]


def test_two_refused_lines_of_one_id_are_both_told(tmp_path: Path) -> None:
    """The first has the id as its key; the further line is no row of its own, so its place is."""
    (tmp_path / "a.csv").write_text("id,name,gone\n7,A,maybe\n7,A,maybe\n")
    source = opened(tmp_path, "{path: a.csv, id: id, deleted: gone, map: {full_name: name}}")
    pages = list(source.read("contacts", None))
    assert keys(pages) == [("7", "bad_deleted"), ("a.csv:3", "duplicate_id")]
    assert [reject.place for page in pages for reject in page.rejects] == ["a.csv:2", "a.csv:3"]


@pytest.mark.parametrize(("flags", "refused"), [(("maybe", "no"), []), (("no", "maybe"), [("7", "bad_deleted")])])
def test_where_the_last_row_of_an_id_counts_it_takes_back_a_refusal(
    tmp_path: Path, flags: tuple[str, str], refused: list[tuple[str, str]]
) -> None:
    """Within a page nothing else tells which of the two came later."""
    (tmp_path / "a.csv").write_text("id,name,gone\n" + "".join(f"7,A,{flag}\n" for flag in flags))
    source = opened(tmp_path, "{path: a.csv, id: id, deleted: gone, repeats: last, map: {full_name: name}}")
    assert keys(list(source.read("contacts", None))) == refused


def test_a_row_of_a_table_with_a_nul_is_known_by_its_id(tmp_path: Path) -> None:
    """Where the id itself has none; else by its content."""
    engine = sa.create_engine(f"sqlite:///{tmp_path}/crm.db")
    with engine.begin() as conn:
        conn.execute(sa.text("CREATE TABLE people (id, name)"))
        conn.execute(sa.text("INSERT INTO people VALUES (:i, :n)"), [{"i": "7", "n": "A\0"}, {"i": "8\0", "n": "B"}])
    engine.dispose()
    source = opened(tmp_path, "{table: people, id: id, map: {full_name: name}}", "    url: sqlite:///crm.db\n")
    (known, unknown) = keys(list(source.read("contacts", None)))
    assert known == ("7", "nul_byte")
    assert unknown[0].startswith("people#")
