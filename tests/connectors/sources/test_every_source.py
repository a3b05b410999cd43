"""What every source promises, held against every kind: first load, delta, no change, update, delete, merge, crashes.

Files, tables and web APIs alike, landed in a real warehouse as a night does it.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.kinds import PEOPLE, PeopleKind, all_of
from fakes.landing import Landed
from fakes.people import EVERY

from connectors.sources.source import Page, Raw, Window, is_cut_off

PAGE = 5


@pytest.fixture(params=list(EVERY))
def kind(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PeopleKind]:
    """Each kind of source with people in it."""
    made = EVERY[request.param](tmp_path)
    made.fill(PEOPLE)
    yield made
    made.close()


def test_the_first_load_gives_every_row_once(kind: PeopleKind, landed: Landed) -> None:
    """All people are landed, in pages of the size asked for."""
    pulled = landed.pull(kind.open(page_rows=PAGE))
    assert landed.living() == all_of(kind)
    assert (pulled.read, pulled.new, pulled.quarantined) == (PEOPLE, PEOPLE, 0)
    assert pulled.largest == PAGE


def test_a_reading_that_came_to_its_end_is_not_cut_off(kind: PeopleKind, landed: Landed) -> None:
    """Its cursor begins a new one; that of a whole list does so on its way too, for it has to see every id."""
    landed.pull(kind.open(page_rows=PAGE), pages=2)
    assert not (is_cut_off(landed.cursor()) and kind.settings.streams["contacts"].snapshot)
    landed.pull(kind.open(page_rows=PAGE))
    assert not is_cut_off(landed.cursor())


def test_no_change_brings_no_new_version(kind: PeopleKind, landed: Landed) -> None:
    """A second reading lands nothing, and a third one neither."""
    landed.pull(kind.open())
    for _ in range(2):
        kind.time.tick(days=1)
        assert landed.pull(kind.open()).new == 0
    assert landed.versions() == PEOPLE


def test_a_delta_lands_what_changed(kind: PeopleKind, landed: Landed) -> None:
    """A new and a changed row come with the next reading; where the source knows changes, they come alone."""
    landed.pull(kind.open())
    kind.time.tick(days=1)
    kind.put(3, email="new@example.jp")
    kind.put(PEOPLE + 1)
    kind.time.tick()
    pulled = landed.pull(kind.open())
    assert pulled.new == 2
    assert pulled.read == 2 or not kind.reads_changes_alone
    assert "new@example.jp" in landed.rows()[kind.id_of(3)]["payload"]
    assert landed.living() == all_of(kind) | {kind.id_of(PEOPLE + 1)}


def test_a_deleted_row_becomes_a_tombstone_and_stays_one(kind: PeopleKind, landed: Landed) -> None:
    """The row is marked, not lost; further readings add nothing."""
    landed.pull(kind.open())
    kind.time.tick(days=1)
    kind.delete(4)
    kind.time.tick()
    landed.pull(kind.open())
    assert landed.living() == all_of(kind) - {kind.id_of(4)}
    kind.time.tick(days=1)
    assert landed.pull(kind.open()).new == 0


def test_the_loser_of_a_merge_follows_its_winner(kind: PeopleKind, landed: Landed) -> None:
    """Where the source tells the winner, the landed rows name it; where it does not, the loser is deleted."""
    landed.pull(kind.open())
    kind.time.tick(days=1)
    kind.merge(5, 6)
    kind.time.tick()
    for _ in range(2):
        landed.pull(kind.open())
        kind.time.tick(days=8)
    rows, loser, winner = landed.rows(), kind.id_of(5), kind.id_of(6)
    told = rows[loser]["merged_into"] == winner or f'"hs_merged_object_ids":"{loser}"' in rows[winner]["payload"]
    assert told is kind.tells_winner
    assert rows[loser]["deleted"] or loser in landed.living()
    assert landed.living() - {loser} == all_of(kind) - {loser}


def test_a_row_that_vanished_becomes_a_tombstone(kind: PeopleKind, landed: Landed) -> None:
    """A record that was purged or erased is noticed in the end, where the source can tell at all."""
    landed.pull(kind.open())
    kind.time.tick(days=1)
    kind.purge(7)
    kind.time.tick()
    landed.pull(kind.open())
    assert landed.living() == all_of(kind) - ({kind.id_of(7)} if kind.notices_purge else set())


def test_a_row_that_was_taken_as_gone_comes_back(kind: PeopleKind, landed: Landed) -> None:
    """A right that was lost hides rows, and gives them back unchanged: where ids are compared, such rows are read."""
    landed.pull(kind.open())
    landed.again([Page([Raw(kind.id_of(7), {}, deleted=True)], [], {})])
    assert landed.living() == all_of(kind) - {kind.id_of(7)}
    kind.time.tick(days=8)
    landed.pull(kind.open())
    assert landed.living() == all_of(kind) or not kind.compares_ids
    assert landed.versions() <= PEOPLE + 2


def test_a_first_load_goes_on_after_a_crash_at_any_page(kind: PeopleKind) -> None:
    """The rest comes, in a new process; no row is lost, and none is landed twice."""
    stop, is_cut = 0, True
    while is_cut:
        landed = Landed()
        is_cut = landed.pull(kind.open(page_rows=PAGE), pages=stop).pages == stop
        landed.pull(kind.open(page_rows=PAGE))
        assert landed.living() == all_of(kind), stop
        assert landed.versions() == PEOPLE, stop
        stop += 1
        kind.time.tick(minutes=1)  # the vendors' limits
    assert stop > PEOPLE // PAGE


@pytest.mark.parametrize("stop", range(6))
def test_a_delta_goes_on_after_a_crash_at_any_page(kind: PeopleKind, landed: Landed, stop: int) -> None:
    """The same holds for a delta in which rows changed, were deleted, and were added."""
    landed.pull(kind.open())
    kind.time.tick(days=1)
    for number in range(1, 13):
        kind.put(number, email=f"second{number}@example.jp")
    kind.delete(13)
    kind.put(PEOPLE + 1)
    kind.time.tick()
    landed.pull(kind.open(page_rows=PAGE), pages=stop)
    kind.time.tick(hours=1)
    landed.pull(kind.open(page_rows=PAGE))
    rows = landed.rows()
    assert all("second" in rows[kind.id_of(number)]["payload"] for number in range(1, 13))
    assert landed.living() == all_of(kind) - {kind.id_of(13)} | {kind.id_of(PEOPLE + 1)}
    assert landed.versions() == PEOPLE + 14


def test_rows_add_up_over_nights(kind: PeopleKind, landed: Landed) -> None:
    """Read is new, unchanged or refused each night; every row that was ever there is living or a tombstone."""
    pulls = [landed.pull(kind.open(page_rows=PAGE))]
    kind.time.tick(days=1)
    kind.put(1, email="a@example.jp")
    kind.put(PEOPLE + 1)
    kind.delete(2)
    kind.time.tick()
    pulls.append(landed.pull(kind.open(page_rows=PAGE)))
    assert all(one.read == one.new + one.unchanged + one.quarantined for one in pulls)
    assert sum(one.new for one in pulls) == landed.versions() == PEOPLE + 3
    marks = [row["deleted"] for row in landed.rows().values()]
    assert (len(marks), sum(marks)) == (PEOPLE + 1, 1)


def test_the_same_record_by_two_methods_lands_byte_equal(kind: PeopleKind, landed: Landed) -> None:
    """A window over everything, and another method where there is one, bring no new version."""
    landed.pull(kind.open())
    known = landed.living
    pages = kind.open(page_rows=PAGE).read_window("contacts", Window(), None, known_ids=known)
    assert {row.source_id for row in landed.again(pages)} == all_of(kind)
    other = kind.open_other_way()
    if other is not None:
        pulled = landed.pull(other)
        assert (pulled.read, pulled.new) == (PEOPLE, 0)
    assert landed.versions() == PEOPLE
