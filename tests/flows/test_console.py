"""Tables of the terminal: long ones are printed as lines, and look like the others."""

import pytest

from flows import console

HEADERS = ("when (UTC)", "contacts", "what", "odd")
ROWS = [
    ("2026-11-02 03:04", 12_345, "見積の件 [b]", None),
    ("2026-11-03 03:04", None, "a longer one of them", True),
    ("2026-11-04 03:04", 7, "", "x"),
]


@pytest.mark.parametrize("title", [None, "Contacts of 株式会社青葉"])
def test_a_long_table_looks_like_a_short_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, title: str | None
) -> None:
    """Widths of Japanese, numbers to the right, marks of the layout in values: line for line the same."""
    shown = []
    for rows_of_a_short_one in (console.LONG, 2):
        monkeypatch.setattr(console, "LONG", rows_of_a_short_one)
        console.print_table(HEADERS, ROWS, title)
        shown.append([line.rstrip() for line in capsys.readouterr().out.splitlines()])
    assert shown[0] == shown[1]


def test_a_cell_of_a_long_table_stays_on_its_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A subject with line ends, or what moves the cursor of a terminal."""
    monkeypatch.setattr(console, "LONG", 0)
    console.print_table(("subject",), [("one\ntwo\x1b[2J",)])
    assert " one two [2J" in capsys.readouterr().out.splitlines()


def test_thousands_of_rows_are_not_laid_out_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The table of a terminal measures and folds every cell."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("it was laid out")

    monkeypatch.setattr("rich.table.Table.add_row", refuse)
    console.print_table(("n",), [(n,) for n in range(console.LONG + 1)])
