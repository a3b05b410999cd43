"""Rules that an older version of Meibo wrote, as plain data: levels that have gone or come since are put right."""

from collections.abc import Mapping
from typing import Any

from resolve.link.rules_text import COMPARISON_KEYS, KNOWN_LEVELS, THRESHOLD_KINDS, levels_of

Data = Mapping[str, Any]


def upgrade_comparisons(stored: list[Data], shipped: list[Data]) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the comparisons as this version reads them, and what was changed, one sentence each.

    A level that is no more is dropped. A level that is new gets the probabilities it is shipped with, where a shipped
    comparison of the same kind has it, else next to none; the other levels of a class shrink to make room. A
    comparison of a kind that is no more is dropped whole.
    """
    kinds = {c["kind"]: c for c in shipped}
    kept, notes = [], []
    for data in stored:
        kind, name = str(data.get("kind")), data.get("name")
        if kind not in (*KNOWN_LEVELS, *THRESHOLD_KINDS):
            notes.append(f"comparison {name}: its kind {kind!r} is no more, so it was dropped")
            continue
        comparison, changes = _upgrade_comparison(data, kinds.get(kind, {}))
        kept.append(comparison)
        notes += [f"comparison {name}: {change}" for change in changes]
    return kept, notes


def _upgrade_comparison(data: Data, shipped: Data) -> tuple[dict[str, Any], list[str]]:
    """Return one comparison as this version reads it, and what was changed."""
    unknown = sorted(set(data) - COMPARISON_KEYS)
    notes = [f"{key!r} is no more, so it was dropped" for key in unknown]
    comparison = {key: value for key, value in data.items() if key not in unknown}
    if "levels" in comparison:
        levels, changes = _upgrade_levels(comparison, shipped.get("levels", {}))
        comparison |= {"levels": levels, **_known_only(comparison, levels, shipped.get("says", {}))}
        notes += changes
    return comparison, notes


def _upgrade_levels(comparison: Data, shipped: Data) -> tuple[dict[str, list[float]], list[str]]:
    """Return the levels of one comparison with the names of this version, and what was changed."""
    given = comparison["levels"]
    names = levels_of(comparison["kind"], tuple(float(t) for t in comparison.get("thresholds", ())))
    gone = [name for name in given if name not in names]
    new = [name for name in names if name not in given]
    if not gone and not new:
        return dict(given), []
    added = {name: [float(p) for p in shipped.get(name, [1e-6] * 4)] for name in new}
    if comparison["kind"] == "name":  # rows of names have a sum for each group of levels: leave them as they are
        added_only = {name: added[name] if name in added else [float(p) for p in given[name]] for name in names}
        return added_only, _changes(gone, new)
    room = [min(sum(row[k] for row in added.values()), 0.5) for k in range(4)]
    left = [sum(float(given[name][k]) for name in names if name in given) for k in range(4)]
    scale = [(1.0 - room[k]) / left[k] if left[k] > 0 else 0.0 for k in range(4)]
    levels = {
        name: added[name] if name in added else [float(given[name][k]) * scale[k] for k in range(4)] for name in names
    }
    return levels, _changes(gone, new)


def _changes(gone: list[str], new: list[str]) -> list[str]:
    """Return what happened to levels, one sentence each."""
    changes = [f"level {name!r} is no more, so it was dropped" for name in gone]
    return changes + [f"level {name!r} is new, and as likely as it is shipped until training" for name in new]


def _known_only(comparison: Data, levels: Data, shipped_says: Data) -> dict[str, Any]:
    """Return the entries of a comparison that list levels: without those that are no more, with shipped new ones."""
    result: dict[str, Any] = {}
    for key in ("household", "colleague"):
        if isinstance(comparison.get(key), list):
            result[key] = [name for name in comparison[key] if name in levels] or "all"
    if "says" in comparison:
        listed = {name for names in comparison["says"].values() for name in names}
        fresh = set(levels) - set(comparison["levels"]) - listed
        said = {
            word: [*names, *fresh.intersection(shipped_says.get(word, ()))]
            for word, names in comparison["says"].items()
        }
        says = {word: [n for n in names if n in levels] for word, names in said.items()}
        result["says"] = {word: names for word, names in says.items() if names}
    return result
