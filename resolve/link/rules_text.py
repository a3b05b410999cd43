"""Link rules as plain data (what model.yaml holds) and back; every mistake is collected, none stops the reading."""

import base64
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from resolve.link.arrays import Floats, Hashes
from resolve.link.compare_identifiers import EMAIL_LEVELS, PHONE_LEVELS
from resolve.link.compare_names import LEVEL_NAMES
from resolve.link.compare_organisations import ORGANISATION_LEVELS
from resolve.link.compare_places import ADDRESS_LEVELS, COMPANY_LEVELS
from resolve.link.compare_values import DATE_LEVELS
from resolve.link.local_numbers import LOCAL_LEVELS
from resolve.link.name_levels import joint_levels
from resolve.link.rules import BlockingRule, ClassSizes, Comparison, Frequencies, LinkRules, tie
from resolve.link.says_text import read_says, write_says
from resolve.link.witness import WITNESS_LEVELS

KNOWN_LEVELS = {
    "name": LEVEL_NAMES,
    "email": EMAIL_LEVELS,
    "witness": WITNESS_LEVELS,
    "phone": PHONE_LEVELS,
    "address": ADDRESS_LEVELS,
    "company": COMPANY_LEVELS,
    "organisation": ORGANISATION_LEVELS,
    "date": DATE_LEVELS,
    "exact": ("equal", "different"),
    "lists": ("shared", "none shared"),
    "local number": LOCAL_LEVELS,
}
THRESHOLD_KINDS = ("similar", "edits", "number")


def levels_of(kind: str, thresholds: tuple[float, ...]) -> tuple[str, ...]:
    """Return the names of the levels of a kind of comparison; KeyError for an unknown kind."""
    if kind in THRESHOLD_KINDS:
        word = "at least" if kind == "similar" else "within"
        return ("equal", *(f"{word} {t:g}" for t in thresholds), "different")
    return KNOWN_LEVELS[kind]


def read_rules(data: Mapping[str, Any], mistakes: list[str]) -> LinkRules:
    """Read link rules from plain data; what is wrong is added to `mistakes`, with its place."""
    blocking = tuple(r for r in (_read_blocking(d, i, mistakes) for i, d in _items(data, "blocking", mistakes)) if r)
    compared = tuple(
        c for c in (_read_comparison(d, i, mistakes) for i, d in _items(data, "comparisons", mistakes)) if c
    )
    for what, names in (("blocking", [r.name for r in blocking]), ("comparisons", [c.name for c in compared])):
        mistakes += [f"{what}: the name {n!r} is there twice" for n in sorted({n for n in names if names.count(n) > 1})]
    try:
        sizes = ClassSizes(**data.get("classes", {}))
    except TypeError as error:
        mistakes.append(f"classes: {error}")
        sizes = ClassSizes()
    frozen = data.get("frozen", {})
    frequencies = {
        name: Frequencies(_unpack(d["hashes"], np.uint64), _unpack(d["bits"], np.float64), float(d["unseen"]))
        for name, d in frozen.get("frequencies", {}).items()
    }
    hot = {name: _unpack(text, np.uint64) for name, text in frozen.get("hot", {}).items()}
    return LinkRules(blocking, compared, sizes, float(data.get("floor", -3.0)), frequencies, hot)


def _items(data: Mapping[str, Any], key: str, mistakes: list[str]) -> list[tuple[int, Mapping[str, Any]]]:
    """Return the numbered entries of a list of mappings."""
    entries = data.get(key) or []
    if not isinstance(entries, list) or not entries:
        mistakes.append(f"{key}: a list with at least one entry is needed")
        return []
    return list(enumerate(entries))


def _read_blocking(data: Mapping[str, Any], number: int, mistakes: list[str]) -> BlockingRule | None:
    """Read one blocking rule."""
    where = f"blocking[{number}]"
    unknown = set(data) - {"name", "keys", "cap"}
    mistakes += [f"{where}: unknown key {k!r}" for k in sorted(unknown)]
    if not isinstance(data.get("keys"), list):
        mistakes.append(f"{where}: keys must be a list of columns or built-in keys")
        return None
    keys = tuple(str(k) for k in data["keys"])
    cap = data.get("cap", 60)
    if not isinstance(cap, int) or cap < 2:
        mistakes.append(f"{where}: cap must be a whole number from 2 on")
        return None
    return BlockingRule(str(data.get("name", "+".join(keys))), keys, cap)


COMPARISON_KEYS = {
    "name",
    "kind",
    "columns",
    "thresholds",
    "frequency",
    "household",
    "colleague",
    "levels",
    "family",
    "given",
    "says",
}


def _read_comparison(data: Mapping[str, Any], number: int, mistakes: list[str]) -> Comparison | None:
    """Read one comparison; levels that are tied to `unrelated` are set equal to it, whatever the data say."""
    where = f"comparisons[{number}]"
    found = len(mistakes)
    mistakes += [f"{where}: unknown key {k!r}" for k in sorted(set(data) - COMPARISON_KEYS)]
    kind = str(data.get("kind", ""))
    thresholds = tuple(float(t) for t in data.get("thresholds", ()))
    if kind not in (*KNOWN_LEVELS, *THRESHOLD_KINDS):
        mistakes.append(f"{where}: kind {kind!r} is none of {', '.join(sorted((*KNOWN_LEVELS, *THRESHOLD_KINDS)))}")
        return None
    if kind in THRESHOLD_KINDS and not thresholds:
        mistakes.append(f"{where}: kind {kind} needs thresholds")
    names = levels_of(kind, thresholds)
    table = joint_levels(data["family"], data["given"]) if "family" in data else _table(data, names, where, mistakes)
    said = read_says(data, names, where, mistakes)
    if len(mistakes) > found:
        return None
    comparison = Comparison(
        name=str(data.get("name", kind)),
        kind=kind,
        columns=tuple(data.get("columns", ())),
        levels=names,
        match=tuple(table[0]),
        household=tuple(table[1]),
        colleague=tuple(table[2]),
        unrelated=tuple(table[3]),
        household_tied=_tied(data.get("household", "all")),
        colleague_tied=_tied(data.get("colleague", "all")),
        frequency=bool(data.get("frequency", False)),
        thresholds=thresholds,
        said=said,
    )
    return tie(comparison)


def _tied(value: str | list[str]) -> tuple[str, ...]:
    """Return where a class is tied, as a tuple."""
    return (value,) if isinstance(value, str) else tuple(value)


def _table(data: Mapping[str, Any], names: tuple[str, ...], where: str, mistakes: list[str]) -> Floats:
    """Return probabilities (4 classes, levels) from `levels: {name: [match, household, colleague, unrelated]}`."""
    given = data.get("levels") or {}
    mistakes += [f"{where}: unknown level {n!r}" for n in given if n not in names]
    mistakes += [f"{where}: level {n!r} is missing" for n in names if n not in given]
    rows = [given.get(n, [0.25] * 4) for n in names]
    if any(not isinstance(r, list) or len(r) != 4 for r in rows):
        mistakes.append(f"{where}: each level needs four probabilities: match, household, colleague, unrelated")
        return np.full((4, len(names)), 1.0 / len(names))
    table = np.asarray(rows, dtype=np.float64).T
    if not (table >= 0).all():
        mistakes.append(f"{where}: a probability is below 0")
    return table


def write_rules(rules: LinkRules) -> dict[str, Any]:
    """Return link rules as plain data that `read_rules` reads back."""
    return {
        "blocking": [{"name": r.name, "keys": list(r.keys), "cap": r.cap} for r in rules.blocking],
        "comparisons": [_write_comparison(c) for c in rules.comparisons],
        "classes": {
            "match": rules.sizes.match,
            "household": rules.sizes.household,
            "colleague": rules.sizes.colleague,
            "records": rules.sizes.records,
        },
        "floor": rules.floor,
        "frozen": {
            "frequencies": {
                name: {"hashes": _pack(f.hashes), "bits": _pack(f.bits), "unseen": f.unseen}
                for name, f in sorted(rules.frequencies.items())
            },
            "hot": {name: _pack(hashes) for name, hashes in sorted(rules.hot.items())},
        },
    }


def _write_comparison(comparison: Comparison) -> dict[str, Any]:
    """Return one comparison as plain data."""
    table = comparison.probabilities().T
    data: dict[str, Any] = {"name": comparison.name, "kind": comparison.kind}
    if comparison.columns:
        data["columns"] = list(comparison.columns)
    if comparison.thresholds:
        data["thresholds"] = list(comparison.thresholds)
    for key, tied in (("household", comparison.household_tied), ("colleague", comparison.colleague_tied)):
        data[key] = tied[0] if len(tied) == 1 else list(tied)
    data["frequency"] = comparison.frequency
    data["levels"] = {n: [float(p) for p in row] for n, row in zip(comparison.levels, table, strict=True)}
    if says := write_says(comparison):
        data["says"] = says
    return data


def _pack(array: Hashes | Floats) -> str:
    """Return an array as text."""
    return base64.b64encode(zlib.compress(np.ascontiguousarray(array).tobytes(), 9)).decode("ascii")


def _unpack(text: str, dtype: type) -> Any:
    """Return an array from its text."""
    return np.frombuffer(zlib.decompress(base64.b64decode(text)), dtype=dtype)
