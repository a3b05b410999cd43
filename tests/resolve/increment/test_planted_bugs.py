"""The random histories tell: what one of them forgets is seen in some table."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from resolve.increment import (
    denials_around,
    evidence,
    history_around,
    identifiers_around,
    identities,
    relink,
    rescore,
    resolve_change,
    settle,
    survivors,
)
from resolve.link.columns_read import columns_read
from resolve.schema.rows import join_rows

NO_KEYS = np.empty(0, dtype=np.uint64)
Bug = Callable[[pytest.MonkeyPatch], None]


def _cut(module: Any, name: str) -> Bug:
    """Return a bug that lets a function find no rows."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        found = getattr(module, name)
        patch.setattr(module, name, lambda *given: found(*given).iloc[:0])

    return plant


def _keep_fading(patch: pytest.MonkeyPatch) -> None:
    """The pairs on a mailbox keep their weight when another name comes to it."""
    found = relink.Relinker._values_that_change
    patch.setattr(
        relink.Relinker,
        "_values_that_change",
        lambda self, values: (found(self, values)[0].iloc[:0], found(self, values)[1]),
    )


def _keep_flips(patch: pytest.MonkeyPatch) -> None:
    """A key that becomes too common, or rare again, is not looked at."""
    patch.setattr(relink.Relinker, "_flipped_keys", lambda self: NO_KEYS)


def _keep_what_is_left(patch: pytest.MonkeyPatch) -> None:
    """Those whom a deleted contact held together are not decided again."""
    load, join = settle.load_customers, settle.Settler._join_customers

    def joined(self: Any, ids: pd.Index, rescorer: Any) -> pd.Index:
        gone = pd.Index(self._change.gone["contact_id"], dtype=object)

        def customers(stored: Any, some: pd.Index) -> pd.DataFrame:
            alone = stored.rows("profile_link", "contact_id", some.intersection(gone))
            return join_rows([load(stored, some.difference(gone)), alone])

        patch.setattr(settle, "load_customers", customers)
        found: pd.Index = join(self, ids, rescorer)
        return found

    patch.setattr(settle.Settler, "_join_customers", joined)


def _keep_listed(patch: pytest.MonkeyPatch) -> None:
    """Pairs that two new links lead across are not scored."""
    again = rescore.Rescorer._list_again
    patch.setattr(rescore.Rescorer, "_list_again", lambda self: (again(self)[0], again(self)[1].iloc[:0]))


def _keep_those_who_join(patch: pytest.MonkeyPatch) -> None:
    """Customers whom nothing but a changed one draws to itself stay where they are."""
    cluster = settle.Settler._cluster
    patch.setattr(settle.Settler, "_cluster", lambda self, new: cluster(self, new)[:0])


def _keep_neighbours_homes(patch: pytest.MonkeyPatch) -> None:
    """Neighbours who lose, or find, someone of their household keep what they had."""
    find = resolve_change.find_homes

    def found(stored: Any, settled: Any, identity: Any) -> Any:
        homes, mine = find(stored, settled, identity), pd.Index(identity.links["golden_id"].unique(), dtype=object)
        return replace(homes, customers=mine, households=homes.households[homes.households["golden_id"].isin(mine)])

    patch.setattr(resolve_change, "find_homes", found)


def _forget_former_members(patch: pytest.MonkeyPatch) -> None:
    """Where the former members of an ended customer live now is not looked up."""
    homes = identities.Chain._homes

    def found(self: Any, new: pd.DataFrame) -> pd.DataFrame:
        rows = homes(self, new)
        self.outside = self.outside.iloc[:0]
        return rows.iloc[:0]

    patch.setattr(identities.Chain, "_homes", found)


def _read_less(patch: pytest.MonkeyPatch) -> None:
    """A contact of another place is taken for one of which linking reads nothing new."""
    patch.setattr(evidence, "columns_read", lambda rules: columns_read(rules) - {"postal_key", "street_key"})


def _forget_what_is_due(patch: pytest.MonkeyPatch) -> None:
    """Customers are not measured again when what was planned with them has been."""
    gather = history_around._gather
    patch.setattr(
        history_around, "_gather", lambda change, *rest: gather(replace(change, due=change.due.iloc[:0]), *rest)
    )


BUGS: dict[str, Bug] = {
    "fading": _keep_fading,
    "flips": _keep_flips,
    "what is left of a customer": _keep_what_is_left,
    "pairs that links lead across": _keep_listed,
    "customers that join a changed one": _keep_those_who_join,
    "is_shared of others": _cut(identifiers_around, "_patched"),
    "events by identifier": _cut(identifiers_around, "_moved_owners"),
    "households of neighbours": _keep_neighbours_homes,
    "values of who shared a mailbox": _cut(survivors, "_others"),
    "former members": _forget_former_members,
    "columns that linking reads": _read_less,
    "values that linking does not read": _cut(survivors, "_restated"),
    "plans that are due": _forget_what_is_due,
    "denials of contacts that left": _cut(denials_around, "list_denials"),
}

QUICK = (
    "what is left of a customer",
    "flips",
    "values that linking does not read",
)  # seen within the first twenty histories


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in BUGS]
)
def test_a_planted_bug_is_seen(
    new_world: Callable[..., Any], check: Callable[[Any], None], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """One of the two hundred histories of every CI run ends with a table that differs; an error would be no proof."""
    BUGS[name](monkeypatch)
    for seed in range(10):
        world = new_world(seed, cap=1 + seed % 3, people=5 + seed % 9, parts=20)
        try:
            for _ in range(3):
                check(world)
        except AssertionError as error:
            told = str(error)
            assert "are different" in told, told
            print(f"{name}: history {seed}, night {world.nights}: {told.splitlines()[0]}")
            return
    pytest.fail(f"no history tells that this is forgotten: {name}")


def test_a_planted_bug_in_what_was_handed_on_is_seen(
    new_moving_world: Callable[..., Any], check: Callable[[Any], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """That another mailbox of a customer who is not decided counts again, or no more, is not looked at."""
    _cut(identifiers_around, "_shared_by_others")(monkeypatch)
    world = new_moving_world(61, people=19)
    nights = (check(world) for _ in range(4))
    with pytest.raises(AssertionError, match="are different"):
        list(nights)
