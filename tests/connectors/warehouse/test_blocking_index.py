"""The blocking index answers as a set of (key, member) entries would, whatever runs took out and put in."""

from datetime import UTC, datetime

import numpy as np
import pytest

from connectors.warehouse import blocking_index
from connectors.warehouse.blocking_index import append_index, find_members, has_index, slice_entries, write_index
from connectors.warehouse.dialects import open_engine
from connectors.warehouse.versions import create_tables

Entry = tuple[int, int]


def arrays(entries: set[Entry]) -> tuple[np.ndarray, np.ndarray]:
    """Return entries as keys and members."""
    listed = sorted(entries)
    return np.array([e[0] for e in listed], dtype=np.uint64), np.array([e[1] for e in listed], dtype=np.int64)


@pytest.mark.parametrize(("share", "most"), [(0, 8), (100, 2), (100, 20), (0.3, 2)])
@pytest.mark.parametrize("seed", range(3))
def test_the_index_holds_what_runs_added_and_did_not_take_out(
    monkeypatch: pytest.MonkeyPatch, seed: int, share: float, most: int
) -> None:
    """A full index, then runs whose entries come, go, come back, or stand on both sides.

    They go into the buckets at once, become one now and then, stay as they are, or do both.
    """
    monkeypatch.setattr(blocking_index, "FULL_SHARE", share)
    monkeypatch.setattr(blocking_index, "MOST_RUNS", most)
    draw = np.random.default_rng(seed)
    keys = np.unique(draw.integers(0, 2**64, 60, dtype=np.uint64))

    def some(count: int) -> set[Entry]:
        return {(int(draw.choice(keys)), int(draw.integers(0, 2**32))) for _ in range(count)}

    engine = open_engine("sqlite://")
    with engine.begin() as conn:
        create_tables(conn, datetime(2026, 1, 1, tzinfo=UTC))
        assert not has_index(conn)
        held = some(300)
        write_index(conn, slice_entries([arrays(held), arrays(set(sorted(held)[:20]))]))
        for _ in range(8):
            old = sorted(held)
            taken = {old[int(at)] for at in draw.choice(len(old), 30, replace=False)}
            added = (some(25) - held) | set(sorted(taken)[:10])  # ten contacts keep these keys
            append_index(conn, arrays(taken), arrays(added))
            held = (held - taken) | added
            at, member = find_members(conn, keys)
            found = set(zip(keys[at].tolist(), member.tolist(), strict=True))
            assert found == held
            assert len(at) == len(held)
    engine.dispose()
