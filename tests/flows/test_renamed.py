"""A source that numbers its contacts anew: the night tells it, as both old and new ones stay."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

Build = Callable[[Path], Any]


def drift(facts: dict[str, Any]) -> list[str]:
    """Return what a run says of each stream."""
    return [row["drift"] for row in facts["sources"]]


def test_other_ids_of_all_contacts_are_told(build_on: Build, tmp_path: Path) -> None:
    """Once: the next night knows them."""
    project = build_on(tmp_path / "project").freeze()
    project.run()
    project.sales = [row | {"id": f"N{number}"} for number, row in enumerate(project.sales)]
    facts = project.write().run()
    assert drift(facts)[0].startswith(
        "60 of the 60 rows read have ids that were never read before, and 0 of the 60 known rows came"
    )
    assert drift(facts)[1:] == ["", ""]
    assert drift(project.run()) == ["", "", ""]


def test_nearly_all_is_enough(build_on: Build, tmp_path: Path) -> None:
    """Two rows that kept their ids, and one that is refused, do not hide it."""
    project = build_on(tmp_path / "project").freeze()
    project.run()
    renamed = [row | {"id": f"N{number}", "company": "青葉"} for number, row in enumerate(project.sales)]
    project.sales = [*project.sales[:2], *renamed[2:], project.sales[0] | {"id": ""}]
    assert (
        "58 of the 60 rows read have ids that were never read before, and 2 of the 60 known rows came"
        in drift(project.write().run())[0]
    )


def test_new_and_changed_contacts_are_none(build_on: Build, tmp_path: Path) -> None:
    """Many new ones beside the known, edits of all, a first load, events under other ids, a few new ones alone."""
    project = build_on(tmp_path / "project").freeze()
    assert drift(project.run()) == ["", "", ""]
    known = project.sales
    project.sales = [*known, *(row | {"id": f"N{n}", "name": f"新井 {n}"} for n, row in enumerate(known))]
    project.calls = [row | {"id": f"x{row['id']}"} for row in project.calls * 3]
    assert drift(project.write().run(accept=frozenset({"all"}))) == ["", "", ""]
    project.sales = [row | {"company": "株式会社青葉"} for row in project.sales]
    assert drift(project.write().run(accept=frozenset({"all"}))) == ["", "", ""]
    project.sales = [row | {"id": f"M{n}"} for n, row in enumerate(project.sales[:30])]
    assert [one for one in drift(project.write().run(accept=frozenset({"all"}))) if "never read" in one] == []
