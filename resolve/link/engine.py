"""The pair engine: contacts in, scored pairs out.

Chunk by chunk: candidate pairs, comparisons, weights; only pairs at or above the floor are kept. Then every pair inside
the components that links form is scored as well, candidate or not, because clustering weighs all of them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from resolve.link.arrays import Ints
from resolve.link.block import CHUNK_PAIRS, Blocks, Pairs, build_blocks
from resolve.link.bound import Bounds, is_plain
from resolve.link.cascade import decided_batches
from resolve.link.compare import SHARED_COLUMNS, Agreement, Comparer
from resolve.link.components import pairs_inside
from resolve.link.encode import Encoded
from resolve.link.rules import LinkRules
from resolve.link.score import pattern_texts, relation_names, score_agreements
from resolve.link.slices import surviving_pairs
from resolve.schema.frames import SCORED_PAIRS

Progress = Callable[[int, int], None]
LISTED = "listed"  # rule of a pair that no blocking rule produced
HOT_NAMES = 5  # distinct names on a value from which on it is reported as shared


@dataclass(frozen=True)
class LinkStats:
    """What linking met: `pairs` distinct candidates, `kept` at or above the floor.

    `by_rule`: distinct pairs that each rule was the first to find (of rules on single columns: all pairs of the rule).
    `skipped`: rule, keys and pairs left out because too many contacts share a key. `hot`: type, value, count, reason of
    identifier values that many people share.
    """

    pairs: int
    kept: int
    by_rule: dict[str, int]
    skipped: pd.DataFrame
    hot: pd.DataFrame = field(repr=False)


@dataclass(frozen=True)
class Linkage:
    """Scored pairs (SCORED_PAIRS, key contact_id_l, contact_id_r) and what linking met."""

    pairs: pd.DataFrame
    stats: LinkStats


def link_contacts(
    contacts: pd.DataFrame | Encoded, rules: LinkRules, *, workers: int = 1, on_progress: Progress | None = None
) -> Linkage:
    """Find and score the pairs of CONTACTS (key contact_id) that may be the same person.

    Returns the pairs at or above `rules.floor`, and below it those inside components of links; sorted by key. Neither
    row order nor `workers` (reserved for very large inputs) changes the result. Contacts that were encoded for training
    need not be encoded again.
    """
    del workers
    encoded = contacts if isinstance(contacts, Encoded) else Encoded(contacts)
    blocks, comparer = build_blocks(encoded, rules), Comparer(encoded, rules)
    if is_plain(rules):
        found, counts = _link_plain(comparer, blocks)
    else:
        found, counts = _link_chunks(comparer, blocks, on_progress)
    scored = _joined(found)
    inside = _inside(comparer, scored)
    stats = LinkStats(
        int(counts.sum()),
        len(scored),
        {rule.name: int(n) for rule, n in zip(rules.blocking, counts, strict=True)},
        _skipped(blocks),
        hot_values(comparer),
    )
    return Linkage(_frame(encoded, _joined([scored, inside]), rules), stats)


def _link_chunks(comparer: Comparer, blocks: Blocks, on_progress: Progress | None) -> tuple[list[pd.DataFrame], Ints]:
    """Score all candidate pairs chunk by chunk; return what reaches the floor, and pairs by first rule."""
    found: list[pd.DataFrame] = []
    counts = np.zeros(len(blocks.rules), dtype=np.int64)
    for pairs in blocks.chunks(CHUNK_PAIRS):
        counts += np.bincount(pairs.rule, minlength=len(counts))
        found.append(_score(comparer, pairs, comparer.rules.floor))
        if on_progress is not None:
            on_progress(int(pairs.left[-1]) + 1, len(comparer.contacts))
    return found, counts


def _link_plain(comparer: Comparer, blocks: Blocks) -> tuple[list[pd.DataFrame], Ints]:
    """Do the same for rules on single columns: hopeless pairs are never written down; a rule counts all its pairs."""
    bounds, floor = Bounds(comparer), comparer.rules.floor
    pairs = surviving_pairs(blocks, bounds, floor)
    found = [
        _scored(comparer, kept, agreements, floor)
        for kept, agreements in decided_batches(comparer, pairs, bounds, floor)
    ]
    return found, np.asarray([block.pairs for block in blocks.blocks], dtype=np.int64)


def score_listed(contacts: pd.DataFrame, pairs: pd.DataFrame, rules: LinkRules) -> pd.DataFrame:
    """Score the given pairs (contact_id_l, contact_id_r) of CONTACTS, candidates or not; SCORED_PAIRS, rule "listed".

    Raises KeyError when a contact is not there.
    """
    encoded = Encoded(contacts)
    position = {key: row for row, key in enumerate(encoded.ids)}
    rows = np.asarray(
        [[position[a], position[b]] for a, b in zip(pairs["contact_id_l"], pairs["contact_id_r"], strict=True)],
        dtype=np.int64,
    ).reshape(-1, 2)
    left, right = rows.min(axis=1), rows.max(axis=1)
    listed = Pairs(left, right, np.full(len(left), -1, dtype=np.int64))
    return _frame(encoded, _score(Comparer(encoded, rules), listed, -np.inf), rules)


def _score(comparer: Comparer, pairs: Pairs, floor: float) -> pd.DataFrame:
    """Return left, right, rule, weight, probability, relation, pattern of the pairs at or above the floor."""
    return _scored(comparer, pairs, comparer.compare(pairs.left, pairs.right), floor)


def _scored(comparer: Comparer, pairs: Pairs, agreements: list[Agreement], floor: float) -> pd.DataFrame:
    """Score pairs from their agreements, as _score."""
    scores = score_agreements(agreements, comparer.rules, len(comparer.contacts))
    keep = np.flatnonzero(scores.weight >= floor)
    kept = [type(a)(a.levels[keep]) for a in agreements]
    return pd.DataFrame(
        {
            "left": pairs.left[keep],
            "right": pairs.right[keep],
            "rule": pairs.rule[keep],
            "match_weight": scores.weight[keep],
            "match_probability": scores.probability[keep],
            "relation": relation_names(scores.relation[keep]),
            "pattern": pattern_texts(kept, comparer.rules),
        }
    )


def _joined(frames: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Return the frames one behind the other; none at all gives an empty frame."""
    filled = [frame for frame in frames if len(frame)]
    if not filled:
        names = ("left", "right", "rule", "match_weight", "match_probability", "relation", "pattern")
        return pd.DataFrame({name: [] for name in names})
    return pd.concat(filled, ignore_index=True)


def _inside(comparer: Comparer, scored: pd.DataFrame) -> pd.DataFrame:
    """Score the pairs inside components of links that are not among the scored ones."""
    links = scored[scored["match_weight"] >= 0]
    left, right = pairs_inside(
        links["left"].to_numpy(np.int64), links["right"].to_numpy(np.int64), len(comparer.contacts)
    )
    known = _codes(scored, comparer.contacts)  # in order, as candidates come
    codes = left * len(comparer.contacts) + right
    at = np.minimum(np.searchsorted(known, codes), max(len(known) - 1, 0))
    new = np.flatnonzero(known[at] != codes) if len(known) else np.arange(len(codes))
    rule: Ints = np.full(len(new), -1, dtype=np.int64)
    return _score(comparer, Pairs(left[new], right[new], rule), -np.inf)


def _codes(scored: pd.DataFrame, contacts: Encoded) -> Ints:
    """Return each pair as one number that sorts by left, right."""
    return np.asarray(scored["left"].to_numpy(np.int64) * len(contacts) + scored["right"].to_numpy(np.int64))


def _frame(contacts: Encoded, scored: pd.DataFrame, rules: LinkRules) -> pd.DataFrame:
    """Return SCORED_PAIRS, sorted by its key."""
    names = np.asarray([rule.name for rule in rules.blocking] + [LISTED], dtype=object)
    order = np.argsort(_codes(scored, contacts), kind="stable")
    scored = scored.take(order)
    return pd.DataFrame(
        {
            "contact_id_l": contacts.ids[scored["left"].to_numpy(np.int64)],
            "contact_id_r": contacts.ids[scored["right"].to_numpy(np.int64)],
            "match_weight": scored["match_weight"].to_numpy(np.float64),
            "match_probability": scored["match_probability"].to_numpy(np.float64),
            "relation": scored["relation"].to_numpy(object),
            "rule": names[scored["rule"].to_numpy(np.int64)],
            "pattern": scored["pattern"].to_numpy(object),
        },
        columns=SCORED_PAIRS.names,
    )


def _skipped(blocks: Blocks) -> pd.DataFrame:
    """Return rule, keys and pairs that were left out because too many contacts share the key."""
    rows = [
        (rule.name, block.skipped_keys, block.skipped_pairs)
        for rule, block in zip(blocks.rules, blocks.blocks, strict=True)
        if block.skipped_keys and rule.keys  # a rule for few contacts is meant to end by itself
    ]
    return pd.DataFrame(rows, columns=["rule", "keys", "pairs"])


def hot_values(comparer: Comparer) -> pd.DataFrame:
    """Return type, value, count (distinct names) and reason of mailboxes and numbers that many people share."""
    frames = []
    for column, kind in zip(SHARED_COLUMNS, ("email", "phone"), strict=True):
        if not comparer.contacts.has(column):
            continue
        sharing, values = comparer.sharing(column), comparer.contacts.lists(column).values
        many = np.flatnonzero(sharing.names >= HOT_NAMES)
        texts = values.texts[many] if len(many) else np.empty(0, dtype=object)
        frame = pd.DataFrame({"type": kind, "value": texts, "count": sharing.names[many]})
        frame["reason"] = [f"shared by {n} names" for n in frame["count"]]
        frames.append(frame.sort_values("value"))
    if not frames:
        return pd.DataFrame(columns=["type", "value", "count", "reason"])
    return pd.concat(frames, ignore_index=True)
