"""Golden IDs that stay: examples of each rule, each with a sentence why."""

import pandas as pd
import pytest

from resolve.errors import ConfigError, SchemaError
from resolve.golden.identify import Identification, identify_clusters
from resolve.golden.mint import golden_ids
from resolve.schema import OPERATIONS, conform, empty, text_series

DAY = pd.Timestamp("2026-01-01", tz="UTC")
KEY = b"a key of the tests"


class Register:
    """A warehouse in small: what identification has to remember between runs."""

    def __init__(self) -> None:
        self.registry = empty(OPERATIONS["golden_registry"]).drop(columns="run_id")
        self.links = pd.DataFrame(columns=["contact_id", "golden_id", "previous_golden_id", "linked_at"], dtype=object)
        self.nights = 0
        self.replayed: dict[str, str] = {}

    def night(self, *groups: str, erased: str = "", deleted: str = "") -> Identification:
        """Run with clusters such as "a1 a2"; contacts are created in the order of their names."""
        self.nights += 1
        rows = [(f"s:{one}", f"s:{min(group.split())}") for group in groups for one in group.split()]
        clusters = pd.DataFrame(rows, columns=["contact_id", "cluster_id"], dtype=object)
        contacts = clusters.assign(created_at=DAY)[["contact_id", "created_at"]]
        why = {f"s:{one}": "erased" for one in erased.split()} | {f"s:{one}": "deleted" for one in deleted.split()}
        links = self.links.assign(gone=text_series(map(why.get, self.links["contact_id"]), self.links.index))
        at = DAY + pd.Timedelta(days=self.nights)
        found = identify_clusters(clusters, contacts, self.registry, links, key=KEY, at=at)
        self.links, self.registry = found.links, found.registry
        self._replay(found.events)
        return found

    def _replay(self, events: pd.DataFrame) -> None:
        """Follow the feed as a reader downstream would."""
        for golden, records in events[["golden_id", "records"]].itertuples(index=False, name=None):
            for record in (records or "").split("\n"):
                if record.startswith("+"):
                    self.replayed[record[1:]] = golden
                elif record and self.replayed.get(record[1:]) == golden:
                    del self.replayed[record[1:]]

    def id_of(self, contact: str) -> str:
        """Return the golden ID of a contact."""
        return str(self.links.set_index("contact_id").loc[f"s:{contact}", "golden_id"])

    def status(self, golden: str) -> str:
        """Return the status of an ID."""
        return str(self.registry.set_index("golden_id").loc[golden, "status"])


def current(found: Identification, golden: str) -> str | None:
    """Return the living ID that an ID leads to."""
    value = found.redirects.set_index("golden_id").loc[golden, "current_golden_id"]
    return None if value is None else str(value)


def told(found: Identification) -> list[tuple[str, str]]:
    """Return (golden_id, type) of the events."""
    return list(found.events[["golden_id", "type"]].itertuples(index=False, name=None))


def test_ids_are_opaque_and_a_replay_mints_the_same() -> None:
    """G and 16 characters of base 32 without I, L, O, U; another key gives another ID."""
    one, again = Register(), Register()
    one.night("a1 a2", "b1")
    again.night("b1", "a2 a1")
    assert one.id_of("a1") == one.id_of("a2") == again.id_of("a1")
    assert len(one.id_of("a1")) == 17
    assert not set(one.id_of("a1")) & set("ILOU")
    assert golden_ids(["s:a1"], [0], KEY) == [one.id_of("a1")] != golden_ids(["s:a1"], [0], b"other")
    assert golden_ids(["s:a1"], [0], b"long" * 40)[0].startswith("G")


def test_a_rerun_changes_nothing() -> None:
    """Same clusters again: no event, no new time, the same frames."""
    register = Register()
    register.night("a1 a2", "b1", "c1")
    first = register.night("a1 a2 b1", "c1")
    second = register.night("a1 a2 b1", "c1")
    assert second.events.empty
    pd.testing.assert_frame_equal(first.links, second.links)
    pd.testing.assert_frame_equal(first.redirects, second.redirects)
    left, right = (f.registry.sort_values("golden_id", ignore_index=True) for f in (first, second))
    pd.testing.assert_frame_equal(left, right)


def test_the_larger_part_of_a_merge_keeps_its_id_and_the_other_redirects() -> None:
    """Three records against two: fewer links change; the lost ID leads to the living one."""
    register = Register()
    register.night("a1 a2", "b1 b2 b3")
    a, b = register.id_of("a1"), register.id_of("b1")
    found = register.night("a1 a2 b1 b2 b3")
    assert register.id_of("a1") == b
    assert current(found, a) == b
    assert told(found) == [(g, "merged") for g in sorted([a, b])]
    assert found.links.set_index("contact_id").loc["s:a1", "previous_golden_id"] == a
    assert found.registry.set_index("golden_id").loc[a, "members"] == "s:a1\ns:a2"


def test_the_older_id_wins_a_tie() -> None:
    """Two single records merge: the ID minted a night before stays."""
    register = Register()
    register.night("z1")
    old = register.id_of("z1")
    register.night("z1", "a1")
    register.night("z1 a1")
    assert register.id_of("a1") == old


@pytest.mark.parametrize("sizes", [(1, 1), (2, 1), (1, 3), (2, 2), (4, 3)])
def test_merge_then_unmerge_gives_both_ids_back(sizes: tuple[int, int]) -> None:
    """Whatever the sizes, splitting a merged customer along the old line restores both IDs."""
    left, right = (" ".join(f"{name}{n}" for n in range(size)) for name, size in zip("ab", sizes, strict=True))
    register = Register()
    register.night(left, right)
    before = register.links.set_index("contact_id")["golden_id"]
    register.night(f"{left} {right}")
    found = register.night(left, right)
    pd.testing.assert_series_equal(before, register.links.set_index("contact_id")["golden_id"])
    assert set(found.events["type"]) == {"restored", "split"}
    assert set(register.registry["status"]) == {"active"}


def test_unmerge_gives_the_id_back_although_the_part_has_grown() -> None:
    """b3 to b5 joined after the merge and outnumber a; still each side is what it was."""
    register = Register()
    register.night("a1 a2", "b1 b2")
    a, b = register.id_of("a1"), register.id_of("b1")
    register.night("a1 a2 b1 b2")
    register.night("a1 a2 b1 b2 b3 b4 b5")
    register.night("a1 a2", "b1 b2 b3 b4 b5")
    assert (register.id_of("a1"), register.id_of("b5")) == (a, b)


def test_merges_in_turn_come_apart_in_any_order() -> None:
    """Contact c joins a and b, leaves, then a and b part: everyone has the ID of the first night."""
    register = Register()
    register.night("c1 c2 c3")
    register.night("a1", "b1", "c1 c2 c3")
    ids = [register.id_of(one) for one in ("a1", "b1", "c1")]
    register.night("a1 b1", "c1 c2 c3")
    register.night("a1 b1 c1 c2 c3")
    register.night("a1 b1", "c1 c2 c3")
    register.night("a1", "b1", "c1 c2 c3")
    assert [register.id_of(one) for one in ("a1", "b1", "c1")] == ids


def test_the_largest_part_of_a_split_keeps_the_id() -> None:
    """Two of three records stay together and keep it; the third gets a new one."""
    register = Register()
    register.night("a1 a2 a3")
    a = register.id_of("a1")
    found = register.night("a1", "a2 a3")
    assert register.id_of("a2") == a
    assert register.id_of("a1") != a
    assert told(found)[0] == (a, "split")
    assert set(found.events["type"]) == {"split", "created"}
    assert found.events["other_golden_ids"].tolist() == [register.id_of("a1"), a]


def test_a_new_id_of_a_known_founder_is_a_new_generation() -> None:
    """a1 founded the first ID, which its former companions keep; its second ID differs."""
    register = Register()
    register.night("a1 a2 a3")
    register.night("a1", "a2 a3")
    row = register.registry.set_index("golden_id").loc[register.id_of("a1")]
    assert (row["founder"], row["generation"]) == ("s:a1", 1)


def test_a_vanished_customer_comes_back_under_its_id() -> None:
    """Retired while its records are away; restored with them; meanwhile the ID leads nowhere but is known."""
    register = Register()
    register.night("a1 a2", "b1")
    a = register.id_of("a1")
    found = register.night("b1", deleted="a1 a2")
    assert (register.status(a), current(found, a)) == ("retired", None)
    assert found.events[["type", "reason", "records"]].to_numpy().tolist() == [["retired", "deleted", "-s:a1\n-s:a2"]]
    found = register.night("a1 a2", "b1")
    assert (register.id_of("a1"), register.status(a), current(found, a)) == (a, "active", a)
    assert told(found) == [(a, "restored")]


def test_a_retired_id_whose_record_comes_back_elsewhere_redirects_there() -> None:
    """Contact a1 returns as part of b: the ID of a leads to b, and the feed says so."""
    register = Register()
    register.night("a1", "b1")
    a, b = register.id_of("a1"), register.id_of("b1")
    register.night("b1")
    found = register.night("a1 b1")
    assert (register.status(a), current(found, a)) == ("merged", b)
    assert set(told(found)) == {(a, "merged"), (b, "grown")}


def test_chains_of_redirects_lead_to_the_end() -> None:
    """From a into b, b into c: a leads to c at once; when b comes out again, a follows its records."""
    register = Register()
    register.night("a1", "b1 b2", "c1 c2 c3 c4")
    a, b, c = (register.id_of(one) for one in ("a1", "b1", "c1"))
    register.night("a1 b1 b2", "c1 c2 c3 c4")
    found = register.night("a1 b1 b2 c1 c2 c3 c4")
    assert (current(found, a), current(found, b), current(found, c)) == (c, c, c)
    found = register.night("a1 b1 b2", "c1 c2 c3 c4")
    assert (current(found, a), current(found, b)) == (b, b)


def test_an_erased_id_never_comes_back_and_names_nobody() -> None:
    """The same record again is a new customer; no contact_id of it is left in the registry."""
    register = Register()
    register.night("a1", "b1 a2")
    a = register.id_of("a1")
    found = register.night("b1", erased="a1 a2")
    assert register.status(a) == "erased"
    assert "erased" in set(found.events["type"])
    assert current(found, a) is None
    assert not register.registry.astype(str).apply(lambda c: c.str.contains("s:a")).any().any()
    register.night("a1", "b1")
    assert register.id_of("a1") != a
    assert register.status(a) == "erased"


def test_a_locked_id_survives_a_merge_against_a_larger_one() -> None:
    """A person locked it, so the larger customer takes it over; unmerged, both have their own again."""
    register = Register()
    register.night("a1", "b1 b2 b3")
    a, b = register.id_of("a1"), register.id_of("b1")
    register.registry["is_locked"] = register.registry["golden_id"] == a
    register.night("a1 b1 b2 b3")
    assert register.id_of("b1") == a
    register.night("a1", "b1 b2 b3")
    assert (register.id_of("a1"), register.id_of("b1")) == (a, b)


def test_a_record_that_moves_between_customers_grows_one_and_shrinks_the_other() -> None:
    """Neither ID is new, so nothing is split or merged."""
    register = Register()
    register.night("a1 a2 a3", "b1 b2")
    a, b = register.id_of("a1"), register.id_of("b1")
    found = register.night("a1 a2", "a3 b1 b2")
    assert set(told(found)) == {(a, "shrunk"), (b, "grown")}


def test_bad_state_is_refused() -> None:
    """An empty key, or links to an ID that the registry does not hold as active."""
    clusters = pd.DataFrame({"contact_id": ["s:a"], "cluster_id": ["s:a"]}, dtype=object)
    contacts = pd.DataFrame({"contact_id": ["s:a"], "created_at": [DAY]})
    links = pd.DataFrame({"contact_id": ["s:a"], "golden_id": ["G0"]}, dtype=object)
    registry = conform(empty(OPERATIONS["golden_registry"]), OPERATIONS["golden_registry"])
    with pytest.raises(ConfigError):
        identify_clusters(clusters, contacts, registry, links.iloc[:0], key=b"", at=DAY)
    with pytest.raises(SchemaError):
        identify_clusters(clusters, contacts, registry, links, key=KEY, at=DAY)


def test_an_empty_run_retires_everybody_and_an_empty_warehouse_is_fine() -> None:
    """Nothing in, nothing out; all gone, all retired."""
    register = Register()
    assert register.night().links.empty
    register.night("a1", "b1 b2")
    found = register.night()
    assert set(found.registry["status"]) == {"retired"}
    assert found.redirects["current_golden_id"].isna().all()
