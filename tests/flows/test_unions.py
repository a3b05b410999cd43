"""Merges and splits as they are told: how many customers became how many, and nothing where nothing changed."""

from typing import Any

import pandas as pd
import pytest

from flows.reports.report import to_markdown
from flows.reports.sections import figures
from flows.reports.summary import print_summary
from flows.reports.unions import count_unions, profile_rows, tell_unions

COLUMNS = ["golden_id", "type", "other_golden_ids", "reason", "records"]


def told(*rows: tuple[str | None, ...]) -> list[str]:
    """Return the sentences on events."""
    return tell_unions(dict(count_unions(pd.DataFrame(rows, columns=COLUMNS, dtype=object))))


def test_both_ends_of_a_merge_are_counted_once_each() -> None:
    """A and B end in C: three events, three customers that are one; D ends in E, which is new."""
    three = [
        ("A", "merged", "C", "taken over", "-s:1"),
        ("B", "merged", "C", "taken over", "-s:2"),
        ("C", "merged", "A,B", "new records, took over", "+s:1\n+s:2"),
    ]
    assert told(*three) == ["3 customers were merged into 1"]
    born = [("D", "merged", "E", "taken over", "-s:3"), ("E", "created", "D", "took over", "+s:3")]
    assert told(*born) == ["1 customer was merged into 1"]
    assert told(*three, *born) == ["4 customers were merged into 2"]


def test_parts_of_a_split_are_counted_with_what_stays() -> None:
    """One customer in three; a customer that is new, or grows, is no part."""
    rows = [
        ("A", "split", "B,C", "split off", "-s:1\n-s:2"),
        ("B", "created", "A", "split off", "+s:1"),
        ("C", "restored", "A", "split off", "+s:2"),
        ("N", "created", None, "new records", "+s:9"),
    ]
    assert told(*rows) == ["1 customer was split into 3"]
    assert told(rows[3]) == []


def test_an_id_that_comes_back_under_another_was_no_customer() -> None:
    """A retired ID whose records return elsewhere has an event without records."""
    assert told(("A", "merged", "B", "taken over", None), ("B", "grown", None, "new records", "+s:1")) == []


def test_a_night_tells_merges_and_splits(small: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """In the summary, the report and on the page; the number of events is not shown beside it."""
    known = [dict(row) for row in small.support]
    for i, row in enumerate(small.support[:3]):
        row |= {"name": f"見知 らぬ{i}", "mail": f"x{i}@other.example.com", "tel": f"03-{3000 + i}-{7100 + i}"}
    small.write().run()
    small.support[:] = known
    merging = small.write().run()
    assert merging["merges"] == {"customers": 6, "into": 3}
    small.support[0] |= {"name": "見知 らぬ", "mail": "x@other.example.com", "tel": "03-3000-7100"}
    splitting = small.write().run()
    for facts, said in ((merging, "6 customers were merged into 3"), (splitting, "1 customer was split into 2")):
        capsys.readouterr()
        print_summary(facts, "here", 1.0)
        assert said in capsys.readouterr().out
        assert f"- {said}" in to_markdown(facts)
        assert not {"merged", "split"} & {name for name, _ in profile_rows(facts)}
        count, into = said.split()[0], said.split(" ", 3)[3]
        assert f"<b>{count}</b><span>{into}</span>" in figures(facts)


def test_a_run_that_changed_nothing_says_so(small: Any, inside: Any) -> None:
    """On its page and in its report, in place of empty sections."""
    small.run()
    changed = inside("runs", "last", "--html", "changed.html", cwd=small.folder)
    assert changed.returncode == 0
    facts = small.run()
    assert facts["status"] == "unchanged"
    text = to_markdown(facts)
    assert "Nothing changed: the published tables are as the run before left them." in text
    assert "| links |" not in text
    assert inside("runs", "last", "--html", "same.html", cwd=small.folder).returncode == 0
    before, page = ((small.folder / name).read_text("utf-8") for name in ("changed.html", "same.html"))
    for title in ("<h2>Gates", "<h2>Merges and splits", "<h2>From rows to customers"):
        assert title in before
        assert title not in page
    assert "<h2>Nothing changed</h2>" in page
    assert "Nothing changed" not in before
