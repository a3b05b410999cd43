"""The bundled sample project is what its script writes, and is what its comments say."""

import csv
import sqlite3
from pathlib import Path

import pytest
from make_sample import SAMPLE, write_sample

from connectors.settings.project import load_settings
from connectors.sources.catalog import open_source

CSV_FILES = ("sales.csv", "sales_tasks.csv", "support_users.csv", "support_tickets.csv", "truth.csv")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the sample, written afresh."""
    folder = tmp_path_factory.mktemp("sample")
    write_sample(folder)
    return folder


def dump(path: Path) -> list[str]:
    """Return the content of an SQLite file as SQL."""
    connection = sqlite3.connect(path)
    lines = list(connection.iterdump())
    connection.close()
    return lines


def read(name: str, encoding: str) -> list[list[str]]:
    """Return the rows of one CSV file of the sample."""
    with (SAMPLE / name).open(encoding=encoding, newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("name", CSV_FILES)
def test_the_committed_file_is_what_the_script_writes(made: Path, name: str) -> None:
    """Byte for byte: nobody edits the sample by hand."""
    assert (made / name).read_bytes() == (SAMPLE / name).read_bytes()


def test_the_committed_database_holds_what_the_script_writes(made: Path) -> None:
    """The content is compared, because the bytes of an SQLite file depend on its library."""
    assert dump(made / "marketing.db") == dump(SAMPLE / "marketing.db")


def test_the_sample_is_small() -> None:
    """It travels inside the package."""
    assert sum(path.stat().st_size for path in SAMPLE.iterdir() if path.is_file()) < 1_500_000


def test_each_source_has_about_seven_hundred_contacts() -> None:
    """Large enough to be lifelike, small enough for a demo of seconds."""
    connection = sqlite3.connect(SAMPLE / "marketing.db")
    marketing = connection.execute("SELECT count(*) FROM contact").fetchone()[0]
    connection.close()
    counts = (len(read("sales.csv", "cp932")), marketing, len(read("support_users.csv", "utf-8-sig")))
    assert all(600 <= count <= 900 for count in counts), counts


def test_the_dirty_rows_are_the_ones_that_the_comments_announce() -> None:
    """One sales row without an id, one too short and one too long; one support user without an id."""
    header, *rows = read("sales.csv", "cp932")
    assert [len(row) for row in rows if len(row) != len(header)] == [3, len(header) + 1]
    assert sum(row[0] == "" for row in rows) == 1
    assert sum(row[0] == "" for row in read("support_users.csv", "utf-8-sig")) == 1


def test_deleted_contacts_are_not_in_the_truth() -> None:
    """Ten sales contacts are tombstones, six of them merged into another one that is alive."""
    header, *rows = read("sales.csv", "cp932")
    whole = [dict(zip(header, row, strict=True)) for row in rows if len(row) == len(header)]
    gone = {row["Id"]: row["MasterRecordId"] for row in whole if row["IsDeleted"] == "true"}
    truth = {row[1] for row in read("truth.csv", "utf-8") if row[0] == "sales"}
    masters = [master for master in gone.values() if master]
    assert (len(gone), len(masters)) == (10, 6)
    assert truth.isdisjoint(gone)
    assert set(masters) <= truth


def test_sales_is_a_file_of_japanese_windows() -> None:
    """㈱ and 髙 are there, which only cp932 can read, and no letter with an accent."""
    text = (SAMPLE / "sales.csv").read_bytes().decode("cp932")
    assert "㈱" in text
    assert "髙" in text
    with pytest.raises(UnicodeDecodeError):
        (SAMPLE / "sales.csv").read_bytes().decode("utf-8")


def test_support_starts_with_a_byte_order_mark() -> None:
    """As exports for spreadsheets do."""
    assert (SAMPLE / "support_users.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_the_settings_are_sound_and_reach_every_stream() -> None:
    """meibo.yaml loads, and each stream is read with as many rows and rejects as its comments say."""
    settings = load_settings(SAMPLE / "meibo.yaml", {})
    rejects = {}
    for name, source in settings.sources.items():
        reader = open_source(name, source, settings.folder)
        for stream in source.streams:
            pages = list(reader.read(stream, None))
            assert sum(len(page.rows) for page in pages) > 30, (name, stream)
            rejects[name, stream] = sorted(reject.reason for page in pages for reject in page.rejects)
    assert rejects.pop(("sales", "contacts")) == ["missing_id", "ragged_row", "ragged_row"]
    assert rejects.pop(("support", "contacts")) == ["missing_id"]
    assert not any(rejects.values()), rejects
