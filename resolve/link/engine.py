"""The pair engine: contacts in, scored pairs out.

Chunk by chunk: candidate pairs, comparisons, weights; only pairs at or above the floor are kept. Then pairs that two
links lead across are scored as well, candidates or not, because clustering weighs them.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from resolve.link.arrays import Ints
from resolve.link.block import CHUNK_PAIRS, Blocks, Pairs, build_blocks
from resolve.link.bound import Bounds, is_plain
from resolve.link.cascade import decide
from resolve.link.compare import SHARED_COLUMNS, Agreement, Comparer
from resolve.link.components import pairs_across
from resolve.link.encode import Encoded
from resolve.link.rules import LinkRules
from resolve.link.score import may_reach, score_agreements
from resolve.link.scored import (
    LISTED,
    SHARED_BY_MANY,
    Linkage,
    LinkStats,
    Scored,
    join_scored,
    pairs_frame,
    shared_frame,
)
from resolve.link.slices import Part, Survivors, cut_block, join_survivors, surviving_pairs
from resolve.link.workers import each_in_turn, in_turn

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = [
    "LISTED",
    "SHARED_BY_MANY",
    "LinkStats",
    "Linkage",
    "encode_named",
    "hot_values",
    "link_contacts",
    "score_listed",
    "score_pairs",
]

Progress = Callable[[int, int], None]
LISTED_PAIRS = 1 << 18  # pairs across two links that one thread scores at a time
HOT_NAMES = 5  # distinct names on a value from which on it is reported as shared


def link_contacts(
    contacts: "pd.DataFrame | pa.Table | Encoded",
    rules: LinkRules,
    *,
    workers: int = 1,
    on_progress: Progress | None = None,
) -> Linkage:
    """Find and score the pairs of CONTACTS (key contact_id) that may be the same person.

    Returns the pairs at or above `rules.floor`, and below it those of contacts that are linked to the same third one;
    sorted by key. Neither row order nor `workers` (threads) changes the result. Contacts that were encoded for training
    need not be encoded again.
    """
    encoded = contacts if isinstance(contacts, Encoded) else Encoded(contacts)
    if workers > 1:
        encode_named(encoded, rules, workers)
    blocks, comparer = build_blocks(encoded, rules, workers), Comparer(encoded, rules)
    if is_plain(rules):
        scored, counts = _link_plain(comparer, blocks, workers)
    else:
        scored, counts = _link_chunks(comparer, blocks, workers, on_progress)
    first = scored.firsts(len(encoded))
    listed = _listed(comparer, scored, first, workers)
    scored = join_scored([scored, listed], len(rules.comparisons)).in_order(len(encoded))
    stats = LinkStats(
        int(counts.sum()),
        len(first),
        {rule.name: int(n) for rule, n in zip(rules.blocking, counts, strict=True)},
        _losses(blocks),
        shared_values(comparer),
    )
    return Linkage(encoded, rules, scored, stats)


def encode_named(contacts: Encoded, rules: LinkRules, workers: int) -> None:
    """Encode the columns that rules and comparisons name ahead, `workers` at a time."""
    keys = [key for rule in rules.blocking for key in rule.keys]
    contacts.encode(sorted({*keys, *(column for c in rules.comparisons for column in c.columns)}), workers)


def _link_chunks(
    comparer: Comparer, blocks: Blocks, workers: int = 1, on_progress: Progress | None = None
) -> tuple[Scored, Ints]:
    """Score all candidate pairs chunk by chunk; return what reaches the floor, and pairs by first rule.

    `workers` threads take chunks in turn.
    """
    found: list[Scored] = []
    counts = np.zeros(len(blocks.rules), dtype=np.int64)

    def solve(span: tuple[int, int]) -> tuple[Scored, Ints]:
        pairs = blocks.pairs_of(*span)
        return _score(comparer, pairs, comparer.rules.floor), np.bincount(pairs.rule, minlength=len(counts))

    spans = blocks.spans(CHUNK_PAIRS // workers)
    comparer.prepare(workers)
    for (_, last), (scored, counted) in zip(spans, each_in_turn(solve, spans, workers), strict=True):
        counts += counted
        found.append(scored)
        if on_progress is not None:
            on_progress(last, len(comparer.contacts))
    return join_scored(found, len(comparer.rules.comparisons)), counts


def _link_plain(comparer: Comparer, blocks: Blocks, workers: int = 1) -> tuple[Scored, Ints]:
    """Do the same for rules on single columns: hopeless pairs are never written down; a rule counts all its pairs.

    The pairs are in no order, and stand there twice where two rules found them. `workers` threads take parts in turn.
    """
    bounds, floor = Bounds(comparer, blocks, workers), comparer.rules.floor
    bounds.prepare(workers)

    def solve(part: Part) -> Scored:
        found = join_survivors(list(surviving_pairs(part, bounds, floor)))
        pairs, levels = decide(found, bounds, floor)
        return _scored(comparer, pairs, comparer.with_bits(levels, pairs.left, pairs.right), floor)

    parts = in_turn(lambda block: cut_block(*block), enumerate(blocks.blocks), workers)
    found = in_turn(solve, (part for cut in parts for part in cut), workers)
    counts = np.asarray([block.pairs for block in blocks.blocks], dtype=np.int64)
    return join_scored(found, len(bounds.fields)), counts


def score_listed(contacts: "pd.DataFrame", pairs: "pd.DataFrame", rules: LinkRules) -> "pd.DataFrame":
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
    scored = _score(Comparer(encoded, rules), listed, -np.inf)
    return pairs_frame(encoded, rules, scored.at(np.argsort(scored.codes(len(encoded)), kind="stable")))


def score_pairs(comparer: Comparer, pairs: Pairs, floor: float) -> "pd.DataFrame":
    """Return SCORED_PAIRS of distinct pairs of rows (rule -1: listed) at or above the floor."""
    scored = _score(comparer, pairs, floor)
    return pairs_frame(comparer.contacts, comparer.rules, scored.in_order(len(comparer.contacts)))


def _score(comparer: Comparer, pairs: Pairs, floor: float) -> Scored:
    """Score pairs; return those at or above the floor."""
    return _scored(comparer, pairs, comparer.compare(pairs.left, pairs.right), floor)


def _scored(comparer: Comparer, pairs: Pairs | Survivors, agreements: list[Agreement], floor: float) -> Scored:
    """Score pairs from their agreements, as _score."""
    near = may_reach(agreements, comparer.rules, floor, len(comparer.contacts))
    pairs, agreements = pairs.at(near), [agreement.at(near) for agreement in agreements]
    scores = score_agreements(agreements, comparer.rules, len(comparer.contacts))
    keep = np.flatnonzero(scores.weight >= floor)
    levels = np.empty((len(keep), len(agreements)), dtype=np.uint8)
    for number, agreement in enumerate(agreements):
        levels[:, number] = agreement.levels[keep]
    left, right, rule = (part[keep].astype(np.int32) for part in (pairs.left, pairs.right, pairs.rule))
    return Scored(left, right, rule, scores.weight[keep], scores.relation[keep].astype(np.int8), levels)


def _listed(comparer: Comparer, scored: Scored, first: Ints, workers: int) -> Scored:
    """Score the pairs across two links that are not among the scored ones; `first`: each of these once, in order."""
    links = first[np.take(scored.weight, first) >= 0]
    records = len(comparer.contacts)
    left, right = pairs_across(scored.left[links], scored.right[links], records)
    known = np.take(scored.codes(records), first)
    codes = np.sort(left * records + right)
    at = np.minimum(np.searchsorted(known, codes), max(len(known) - 1, 0))
    new = np.flatnonzero(known[at] != codes) if len(known) else np.arange(len(codes))
    pairs = Pairs(codes[new] // records, codes[new] % records, np.full(len(new), -1, dtype=np.int64))
    comparer.prepare(workers)
    parts = in_turn(
        lambda rows: _score(comparer, pairs.at(rows), -np.inf),
        np.array_split(np.arange(len(new)), len(new) // LISTED_PAIRS + 1),
        workers,
    )
    return join_scored(parts, len(comparer.rules.comparisons))


def _losses(blocks: Blocks) -> list[tuple[str, int, int]]:
    """Return rule, keys and pairs that were left out because too many contacts share the key."""
    return [
        (rule.name, block.skipped_keys, block.skipped_pairs)
        for rule, block in zip(blocks.rules, blocks.blocks, strict=True)
        if block.skipped_keys and rule.keys  # a rule for few contacts is meant to end by itself
    ]


def shared_values(comparer: Comparer) -> list[tuple[str, str, int]]:
    """Return type, value and number of distinct names of mailboxes and numbers that many people share."""
    found: list[tuple[str, str, int]] = []
    for column, kind in zip(SHARED_COLUMNS, ("email", "phone"), strict=True):
        if not comparer.contacts.has(column):
            continue
        sharing, values = comparer.sharing(column), comparer.contacts.lists(column).values
        many = np.flatnonzero(sharing.names >= HOT_NAMES)
        texts = values.texts[many].tolist() if len(many) else []
        found += sorted((kind, text, int(n)) for text, n in zip(texts, sharing.names[many].tolist(), strict=True))
    return found


def hot_values(comparer: Comparer) -> "pd.DataFrame":
    """Return type, value, count (distinct names) and reason of mailboxes and numbers that many people share."""
    return shared_frame(shared_values(comparer))
