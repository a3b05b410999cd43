"""What declared APIs promise beyond what every source does (test_every_source), and faults of each of them.

BASE never takes a row away, so that the common suite leaves it out: what it can promise of that is held here.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from fakes.declared_kinds import DECLARED_KINDS, DeclaredKind
from fakes.kinds import PEOPLE, all_of
from fakes.landing import Landed
from fakes.server import Reply, Request, half_json, refuse

from connectors.settings.declared import declared_systems
from connectors.sources.source import Window
from resolve.errors import SourceError


@pytest.fixture(params=list(DECLARED_KINDS))
def kind(request: pytest.FixtureRequest) -> Iterator[DeclaredKind]:
    """Each API with people in it."""
    made = DECLARED_KINDS[request.param]()
    made.fill(PEOPLE)
    made.time.tick(days=3)  # more than any overlap
    yield made
    made.fake.close()


def test_every_packaged_declaration_is_held_to_the_contract() -> None:
    """None is left out."""
    assert set(declared_systems()) == set(DECLARED_KINDS)


def test_the_first_load_gives_every_row_once_as_flat_text(kind: DeclaredKind, landed: Landed) -> None:
    """All people are landed, whatever their letters; every cell is text or missing."""
    pulled = landed.pull(kind.open(page_rows=5))
    assert landed.living() == all_of(kind)
    assert (pulled.read, pulled.new, pulled.quarantined) == (PEOPLE, PEOPLE, 0)
    texts = [row["payload"] for row in landed.rows().values()]
    assert any("𠮷" in text for text in texts)
    assert any('Say \\"hi\\"' in text for text in texts)
    pages = list(kind.open().read("contacts", None))
    cells = [cell for page in pages for row in page.rows for cell in row.payload.values()]
    assert cells
    assert all(cell is None or (isinstance(cell, str) and cell) for cell in cells)


@pytest.fixture
def base() -> Iterator[DeclaredKind]:
    """Orders, which stay for ever."""
    made = DECLARED_KINDS["base"]()
    made.fill(PEOPLE)
    yield made
    made.fake.close()


def test_orders_come_once_and_changed_ones_again(base: DeclaredKind, landed: Landed) -> None:
    """No change lands nothing; a change and a new order land one version each; old orders are not asked for any more."""
    landed.pull(base.open())
    base.time.tick(days=1)
    assert landed.pull(base.open()).new == 0
    base.put(3, email="new@example.jp")
    base.put(PEOPLE + 1)
    base.time.tick()
    asked = len(base.fake.asked("detail"))
    pulled = landed.pull(base.open())
    assert (pulled.read, pulled.new) == (2, 2)
    assert len(base.fake.asked("detail")) == asked + 2  # calls are counted by the hour and by the day
    assert landed.living() == all_of(base) | {base.id_of(PEOPLE + 1)}
    base.time.tick(days=90)
    landed.pull(base.open())
    base.time.tick(days=1)
    assert landed.pull(base.open()).read == 0


def test_orders_go_on_after_a_crash_at_any_page(base: DeclaredKind) -> None:
    """The rest comes, in a new process; what was landed is not read again."""
    for stop in range(6):
        landed = Landed()
        before = landed.pull(base.open(page_rows=5), pages=stop)
        after = landed.pull(base.open(page_rows=5))
        assert landed.living() == all_of(base)
        assert (landed.versions(), before.read + after.read) == (PEOPLE, PEOPLE)


def test_a_change_between_a_stop_and_the_next_run_is_not_lost(kind: DeclaredKind, landed: Landed) -> None:
    """Days after a crash the walk goes on behind rows that changed meanwhile: the run after it reads them."""
    landed.pull(kind.open(page_rows=5), pages=1)
    kind.time.tick(days=5)
    kind.put(1, email="between@example.jp")
    kind.put(PEOPLE, email="between@example.jp")
    kind.time.tick(days=5)
    for _ in range(2):
        landed.pull(kind.open(page_rows=5))
        kind.time.tick(hours=1)
    assert all("between@" in landed.rows()[kind.id_of(number)]["payload"] for number in (1, PEOPLE))


def test_a_change_during_the_walk_is_read_by_this_run_or_the_next(kind: DeclaredKind, landed: Landed) -> None:
    """Rows that change between two pages are not lost, at either end of the walk."""
    asked = 0

    def change(request: object) -> None:
        nonlocal asked
        asked += 1
        if asked == 4:
            for number in (1, 12, PEOPLE):
                kind.put(number, email=f"late{number}@example.jp")
            kind.time.tick()

    kind.fake.before = change
    landed.pull(kind.open(page_rows=5))
    kind.time.tick(hours=1)
    landed.pull(kind.open(page_rows=5))
    rows = landed.rows()
    assert asked >= 4
    assert all(f"late{number}@" in rows[kind.id_of(number)]["payload"] for number in (1, 12, PEOPLE))
    assert landed.living() == all_of(kind)


def test_a_row_that_vanishes_during_the_walk_takes_no_other_along(kind: DeclaredKind, landed: Landed) -> None:
    """Where pages are counted by rows, the others move up: none of them is passed over."""
    if not kind.can_delete:
        pytest.skip("this API never takes a row away")
    asked = 0

    def remove(request: object) -> None:
        nonlocal asked
        asked += 1
        if asked == 3:
            kind.fake.remove(2)

    kind.fake.before = remove
    landed.pull(kind.open(page_rows=5))
    assert landed.living() >= all_of(kind) - {kind.id_of(2)}


def test_a_window_gives_what_changed_since_it_began(kind: DeclaredKind, landed: Landed) -> None:
    """A backfill reads it whatever the nights have read."""
    kind.time.tick(days=2)
    begin = kind.time.at - timedelta(minutes=1)
    for number in range(1, 8):
        kind.put(number, email=f"window{number}@example.jp")
    kind.time.tick()
    landed.pull(kind.open())
    pages = list(kind.open(page_rows=5).read_window("contacts", Window(begin, kind.time.at), None))
    found = {row.source_id for page in pages for row in page.rows}
    if kind.can_delete:  # an API that filters by another time than that of change cannot know
        assert found >= {kind.id_of(number) for number in range(1, 8)}


def test_check_counts_where_it_can_and_names_columns(kind: DeclaredKind) -> None:
    """Nothing but the first row is read."""
    check = kind.open().check("contacts")
    assert check.row_count in (None, PEOPLE)
    assert check.columns
    assert check.location.startswith(kind.fake.url)
    assert not {"contact_id", "$id"} & set(check.unmapped)


FAULTS: dict[str, Any] = {
    "429": refuse(429, Retry_After="7"),
    "half": half_json,
}


@pytest.mark.parametrize("fault", list(FAULTS))
def test_a_passing_fault_is_waited_for(kind: DeclaredKind, landed: Landed, fault: str) -> None:
    """The call is repeated, and every row comes once."""
    kind.fake.script(r"(GET|POST) .*", FAULTS[fault], skip=2)
    landed.pull(kind.open(page_rows=5))
    assert kind.time.waits
    assert landed.living() == all_of(kind)
    assert landed.versions() == PEOPLE


def test_a_refused_credential_says_so_without_showing_it(kind: DeclaredKind, landed: Landed) -> None:
    """The source ends for this run with what to check."""
    kind.fake.secret = "another"
    with pytest.raises(SourceError, match=r"not authorised|bad request") as caught:
        landed.pull(kind.open())
    assert "secret-of-the-api" not in str(caught.value)
    assert re.search(r"sources\.crm\.api", str(caught.value))


def test_a_position_that_the_api_forgot_begins_the_walk_again(kind: DeclaredKind, landed: Landed) -> None:
    """Tokens of pages end after a while: the next run starts over, and nothing is lost."""
    landed.pull(kind.open(page_rows=5), pages=2)
    forgotten = {"n": 0}

    def forget(request: Request, reply: Reply) -> Reply:
        forgotten["n"] += 1
        return Reply({"error": "no such page"}, 400)

    kind.fake.script(r"(GET|POST) /(?!.*oauth)", forget)
    landed.pull(kind.open(page_rows=5))
    assert forgotten["n"] == 1
    assert landed.living() == all_of(kind)
