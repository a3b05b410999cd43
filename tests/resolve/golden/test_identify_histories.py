"""Golden IDs over random histories: what holds after every night, whatever the clusters were."""

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resolve.golden.identify import Identification, identify_clusters
from resolve.schema import OPERATIONS, empty, text_series

DAY = pd.Timestamp("2026-01-01", tz="UTC")
CONTACTS = tuple(f"s:{n}" for n in range(8))
Groups = frozenset[frozenset[str]]


class World:
    """Nights in a row, and what a reader downstream has seen of them."""

    def __init__(self) -> None:
        self.registry = empty(OPERATIONS["golden_registry"]).drop(columns="run_id")
        self.links = pd.DataFrame(columns=["contact_id", "golden_id", "previous_golden_id", "linked_at"], dtype=object)
        self.groups: Groups = frozenset()
        self.nights = 0
        self.published: set[str] = set()
        self.dead: set[str] = set()
        self.replayed: dict[str, str] = {}

    def night(self, groups: Groups, erased: frozenset[str] = frozenset(), order: int = 1) -> Identification:
        """Run one night and check every promise; `order` -1 hands all rows over backwards."""
        self.nights += 1
        rows = [(one, min(group)) for group in groups for one in group]
        clusters = pd.DataFrame(sorted(rows), columns=["contact_id", "cluster_id"], dtype=object).iloc[::order]
        born = DAY - pd.to_timedelta([hash_free_age(one) for one in clusters["contact_id"]], unit="D")
        contacts = pd.DataFrame({"contact_id": clusters["contact_id"], "created_at": born})
        why = text_series(("erased" if one in erased else None for one in self.links["contact_id"]), self.links.index)
        links, registry = self.links.assign(gone=why).iloc[::order], self.registry.iloc[::order]
        at = DAY + pd.Timedelta(days=self.nights)
        found = identify_clusters(clusters, contacts, registry, links, key=b"key", at=at)
        self._check(groups, found)
        self.links, self.registry, self.groups = found.links, found.registry, groups
        return found

    def _check(self, groups: Groups, found: Identification) -> None:
        """Check one-to-one, no reuse, every ID resolves, unchanged customers stay, the feed replays to the links."""
        now = dict(zip(found.links["contact_id"], found.links["golden_id"], strict=True))
        before = dict(zip(self.links["contact_id"], self.links["golden_id"], strict=True))
        ids = {group: {now[one] for one in group} for group in groups}
        assert all(len(held) == 1 for held in ids.values())
        active = set(found.registry.loc[found.registry["status"] == "active", "golden_id"])
        assert len(active) == len(groups)
        assert active == set(now.values())
        assert found.registry["golden_id"].is_unique
        assert self.published <= set(found.registry["golden_id"])
        created = set(found.events.loc[found.events["type"] == "created", "golden_id"])
        assert created == set(found.registry["golden_id"]) - self.published
        assert not self.dead & active
        self.published |= set(found.registry["golden_id"])
        self.dead |= set(found.registry.loc[found.registry["status"] == "erased", "golden_id"])
        leads = dict(zip(found.redirects["golden_id"], found.redirects["current_golden_id"], strict=True))
        assert set(leads) == self.published
        assert all(end is None or end in active for end in leads.values())
        assert all(leads[one] == one for one in active)
        assert all(now[one] == before[one] for group in groups & self.groups for one in group)
        self._replay(found.events)
        assert self.replayed == now

    def _replay(self, events: pd.DataFrame) -> None:
        """Follow the feed."""
        for golden, records in events[["golden_id", "records"]].itertuples(index=False, name=None):
            for record in filter(None, (records or "").split("\n")):
                if record[0] == "+":
                    self.replayed[record[1:]] = golden
                elif self.replayed.get(record[1:]) == golden:
                    del self.replayed[record[1:]]


def hash_free_age(contact: str) -> int:
    """Return an age in days that is no function of the contact's place in the order."""
    return (int(contact[2:]) * 5) % 8


@st.composite
def partitions(draw: st.DrawFn) -> Groups:
    """Draw clusters of some of the contacts."""
    labels = draw(st.lists(st.integers(0, 4), min_size=len(CONTACTS), max_size=len(CONTACTS)))
    groups: dict[int, set[str]] = {}
    for contact, label in zip(CONTACTS, labels, strict=True):
        if label:
            groups.setdefault(label, set()).add(contact)
    return frozenset(frozenset(group) for group in groups.values())


@given(
    st.lists(st.tuples(partitions(), st.frozensets(st.sampled_from(CONTACTS), max_size=2)), min_size=1, max_size=7),
    st.data(),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_promises_hold_after_every_night(nights: list[tuple[Groups, frozenset[str]]], data: st.DataObject) -> None:
    """After any history: no ID reused, all resolve, none points to two, the feed replays; then merge, unmerge, vanish, return."""
    world = World()
    for groups, erased in nights:
        living = {one for group in groups for one in group}
        world.night(groups, erased - living)
    last, groups = world.links["golden_id"].tolist(), world.groups
    assert world.night(groups).events.empty
    assert world.links["golden_id"].tolist() == last
    if len(groups) > 1:
        left, right = data.draw(st.permutations(sorted(groups, key=min)))[:2]
        world.night((groups - {left, right}) | {left | right})
        world.night(groups)
        assert world.links["golden_id"].tolist() == last
    world.night(frozenset())
    world.night(groups)
    assert world.links["golden_id"].tolist() == last


@given(partitions(), st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), min_size=1, max_size=5), st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_who_was_united_in_a_night_comes_apart_in_any_order(
    groups: Groups, unions: list[tuple[int, int]], data: st.DataObject
) -> None:
    """Customers united by chance in one night and parted again over some nights, along the old lines: all IDs are back."""
    if not groups:
        return
    world, singles = World(), sorted(groups, key=min)
    world.night(groups)
    before = world.links["golden_id"].tolist()
    label = list(range(len(singles)))
    for left, right in unions:
        old, new = label[left % len(label)], label[right % len(label)]
        label = [new if one == old else one for one in label]

    def united(labels: list[int]) -> Groups:
        return frozenset(
            frozenset().union(*(one for one, mine in zip(singles, labels, strict=True) if mine == label))
            for label in set(labels)
        )

    world.night(united(label))
    sides = st.lists(st.booleans(), min_size=len(label), max_size=len(label))
    for cut in data.draw(st.lists(sides, max_size=3)):
        label = [one * 2 + side for one, side in zip(label, cut, strict=True)]
        world.night(united(label))
    world.night(groups)
    assert world.links["golden_id"].tolist() == before


@given(st.lists(st.tuples(partitions(), st.sampled_from([1, -1])), min_size=1, max_size=4))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_row_order_never_matters(nights: list[tuple[Groups, int]]) -> None:
    """Rows handed over backwards give the same IDs, registry and feed."""
    plain, shuffled = World(), World()
    for groups, order in nights:
        one, other = plain.night(groups), shuffled.night(groups, order=order)
        pd.testing.assert_frame_equal(one.links, other.links)
        pd.testing.assert_frame_equal(one.events, other.events)
        left, right = (f.registry.sort_values("golden_id", ignore_index=True) for f in (one, other))
        pd.testing.assert_frame_equal(left, right)
