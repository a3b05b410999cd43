"""A source that numbers its contacts anew: the night tells it, as both old and new ones stay."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from connectors.sources.catalog import open_source
from connectors.warehouse.landing import land_page
from flows.intake import extract as extract_stage
from resolve.errors import SourceError

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


def test_the_rest_of_a_first_load_is_none(build_on: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A first reading that fails behind its first page: what the next night reads has new ids, and so it should."""
    project = build_on(tmp_path / "project").freeze()
    monkeypatch.setattr(extract_stage, "open_source", partial(open_source, page_rows=25))  # several pages of 60 rows
    pages: list[int] = []

    def land_first(*given: Any, **named: Any) -> Any:
        pages.append(1)
        if len(pages) == 2:
            raise SourceError("sales", "the connection was lost", "Try again")
        return land_page(*given, **named)

    with monkeypatch.context() as broken:  # a connection that is lost between two pages, at no other place
        broken.setattr(extract_stage, "land_page", land_first)
        assert project.run()["sources"][0]["read"] == 25
    facts = project.run()
    assert (facts["sources"][0]["new"], drift(facts)) == (35, ["", "", ""])
