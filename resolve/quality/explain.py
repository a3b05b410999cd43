"""Why a pair of contacts is linked, or not: a waterfall in bits that adds up to the match weight."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from resolve.link.block import build_blocks
from resolve.link.compare import Comparer
from resolve.link.encode import Encoded
from resolve.link.rules import CLASSES, LinkRules
from resolve.link.score import log_levels, score_agreements
from resolve.model import MatchModel

PRIOR, GROUPS = "prior", "same household or office"


@dataclass(frozen=True, slots=True)
class Bar:
    """One step of the waterfall: a comparison, the level found ("missing" where there is no evidence), and its bits.

    `frequency` is the part of `bits` that comes from how rare the shared value is.
    """

    name: str
    level: str
    bits: float
    frequency: float = 0.0


@dataclass(frozen=True, slots=True)
class Explanation:
    """A pair explained; the bars sum to `match_weight`, bits.

    `rules` are the blocking rules that bring the two together; none: they were never a candidate pair.
    """

    bars: tuple[Bar, ...]
    match_weight: float
    match_probability: float
    relation: str
    rules: tuple[str, ...]


def explain_pair(
    contacts: pd.DataFrame, model: MatchModel, pair: tuple[str, str] | None = None, *, meeting: bool = True
) -> Explanation:
    """Explain one pair of CONTACTS (key contact_id).

    `contacts`: the two alone, or more with `pair` naming the two: how many people share a mailbox or number can only
    be seen with the other contacts at hand. `meeting` False leaves out the blocking rules, which take the longest.
    Raises KeyError when a contact of the pair is not there.

    Bars: the prior, one for each comparison (same person against unrelated), and one, never above 0, for the chance
    that the two are of one household or office instead.
    """
    encoded = Encoded(contacts)
    position = {key: row for row, key in enumerate(encoded.ids)}
    rows = sorted(position[key] for key in (pair or encoded.ids[:2]))
    left, right = (np.asarray([row], dtype=np.int64) for row in rows)
    rules = model.link
    agreements = Comparer(encoded, rules).compare(left, right)
    scores = score_agreements(agreements, rules, len(encoded))
    shares = rules.sizes.shares(len(encoded))
    bars = [Bar(PRIOR, "", float(np.log2(shares[0] / shares[3])))]
    for comparison, table, agreement in zip(rules.comparisons, log_levels(rules), agreements, strict=True):
        level = int(agreement.levels[0])
        rarity = -float(agreement.bits[0][0]) if agreement.bits is not None else 0.0
        name = comparison.levels[level - 1] if level else "missing"
        bars.append(Bar(comparison.name, name, float(table[0, level] - table[3, level]) + rarity, rarity))
    weight = float(scores.weight[0])
    bars.append(Bar(GROUPS, "", weight - sum(bar.bits for bar in bars)))
    relation = ("same", *CLASSES[1:])[int(scores.relation[0])]
    met = _meeting(encoded, rules, rows) if meeting else ()
    return Explanation(tuple(bars), weight, float(scores.probability[0]), relation, met)


def _meeting(contacts: Encoded, rules: LinkRules, rows: list[int]) -> tuple[str, ...]:
    """Return the names of the blocking rules under which the two contacts meet."""
    blocks = build_blocks(contacts, rules)
    found = []
    for rule, block in zip(blocks.rules, blocks.blocks, strict=True):
        entries = block.entries[block.starts[rows[0]] : block.starts[rows[0] + 1]]
        if any(rows[1] in block.members[e + 1 : e + 1 + block.after[e]] for e in entries):
            found.append(rule.name)
    return tuple(found)
