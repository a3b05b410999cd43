"""Training without labels: probabilities, class sizes and frequencies, estimated on the contacts themselves."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from resolve.link.arrays import Floats, Ints, Levels
from resolve.link.block import Blocks, build_blocks
from resolve.link.compare import Comparer
from resolve.link.compare_names import STATES, SWAPPED
from resolve.link.compare_values import EQUAL_DATE, TWINS
from resolve.link.encode import Encoded
from resolve.link.frequency import FILLER_DATES, NAME_PARTS, READ_PARTS, count_frequencies
from resolve.link.parts import State
from resolve.link.rules import CLASSES, ClassSizes, LinkRules
from resolve.link.workers import in_turn
from resolve.model import MatchModel
from resolve.quality.em import Evidence, Fit, posteriors
from resolve.quality.generic import add_generic
from resolve.quality.learner import Learner
from resolve.quality.plausible import DOUBTS, fit_plausible

if TYPE_CHECKING:
    import pandas as pd

FEWEST_SEEDS = 30.0


@dataclass(frozen=True)
class TrainReport:
    """What training found.

    `sizes`: expected pairs of each class. `precision`, `recall`: expected for pairs at or above the link threshold, of
    all pairs of one person. `rules`: the pairs of each blocking rule. `levels`: the probabilities of each level.
    `left_out`: extra columns that cannot help, with the reason. `notes`: what people should know, a sentence each.
    """

    records: int
    pairs: int
    sizes: dict[str, float]
    precision: float
    recall: float
    rounds: int
    rules: list[dict[str, Any]]
    levels: list[dict[str, Any]]
    left_out: dict[str, str]
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain data."""
        return {
            "records": self.records,
            "pairs": self.pairs,
            "class_sizes": self.sizes,
            "expected_precision": self.precision,
            "expected_recall": self.recall,
            "rounds": self.rounds,
            "rules": self.rules,
            "levels": self.levels,
            "left_out": self.left_out,
            "notes": list(self.notes),
        }


def train_model(
    contacts: "pd.DataFrame | Encoded", model: MatchModel, *, seed: int = 0, workers: int = 1
) -> tuple[MatchModel, TrainReport]:
    """Return the model with parameters estimated on CONTACTS, and the report; extra columns become comparisons.

    Deterministic for a seed, whatever the order of rows and the number of `workers` (threads). Few contacts leave the
    model near where it started.
    """
    encoded = contacts if isinstance(contacts, Encoded) else Encoded(contacts)
    rules, left_out = add_generic(encoded, replace(model.link, frequencies={}, hot={}))
    rules = replace(rules, frequencies=_frequencies(encoded, rules, workers))
    blocks = build_blocks(encoded, rules, workers)
    rules = replace(rules, hot={b.name: k.hot for b, k in zip(blocks.rules, blocks.blocks, strict=True)})
    learner = Learner(Comparer(encoded, rules), blocks, workers)
    blocked, by_rule = learner.blocked_patterns()
    n = len(encoded)
    random, kinds = learner.random_patterns(seed)
    evidence = Evidence(blocked, random, max(n * (n - 1) / 2, 1.0), kinds)
    fit = _fit(rules, evidence, n)
    rules = _with_fit(rules, fit, n, evidence.pairs)
    trained = replace(model, link=rules, seed=seed, trained_on={"records": n, "pairs": int(blocked.total)})
    return trained, _report(rules, (evidence, fit), (blocks, by_rule), left_out)


def _frequencies(contacts: Encoded, rules: LinkRules, workers: int) -> dict[str, Any]:
    """Return the frozen frequency tables of every field that uses them."""
    fields = {c.columns[0] for c in rules.comparisons if c.frequency and c.columns}
    if any(c.kind in ("name", "witness") for c in rules.comparisons):
        fields |= {*NAME_PARTS, *READ_PARTS, FILLER_DATES}
    plain = sorted(fields - {*NAME_PARTS, *READ_PARTS, FILLER_DATES})  # name parts share what they are counted on
    contacts.encode(plain, workers)
    counted = dict(zip(plain, in_turn(lambda name: count_frequencies(contacts, name), plain, workers), strict=True))
    return {name: counted.get(name) or count_frequencies(contacts, name) for name in sorted(fields)}


def _fit(rules: LinkRules, evidence: Evidence, records: int) -> Fit:
    """Run EM from seeds, or from the starting values where the seeds are few."""
    prior = rules.sizes.shares(records) if rules.sizes.records is None else ClassSizes().shares(records)
    seeds = seed_classes(evidence.blocked.levels, rules)
    if float(seeds[0] @ evidence.blocked.counts) < FEWEST_SEEDS:
        tables = [np.maximum(c.probabilities(), 1e-12) for c in rules.comparisons]
        seeds = posteriors(evidence.blocked.levels, tables, prior)
    return fit_plausible(rules.comparisons, evidence, seeds, prior)


def seed_classes(levels: Levels, rules: LinkRules) -> Floats:
    """Return starting responsibilities (4, patterns): by names, where some contact point agrees.

    Same person: both name parts agree. Household: the family name agrees, the given name conflicts. Colleague: both
    conflict. Everything else is unrelated.
    """
    seeds = np.zeros((4, len(levels)))
    column = {c.kind: i for i, c in enumerate(rules.comparisons) if c.kind not in ("exact", "date")}
    agrees = np.zeros(len(levels), dtype=bool)
    tops = {"email": 5, "phone": 4, "address": 2, "company": 1}
    for kind, top in tops.items():
        if kind in column:
            agrees |= (levels[:, column[kind]] > 0) & (levels[:, column[kind]] <= top)
    births = [i for i, c in enumerate(rules.comparisons) if c.kind == "date"]
    persons, twins = agrees.copy(), np.zeros(len(levels), dtype=bool)
    for i in births:
        persons |= levels[:, i] == EQUAL_DATE
        twins |= levels[:, i] == TWINS
    if "name" in column:
        name = levels[:, column["name"]]
        family, given = name // STATES, name % STATES
        good = [np.isin(s, (State.EQUAL, State.VARIANT)) & (name < SWAPPED) for s in (family, given)]
        against = [np.isin(s, (State.CONFLICT, State.APART)) & (name < SWAPPED) for s in (family, given)]
        # Of twins, or one person with a wrong given name, the households without a birth date decide.
        seeds[0] = (((good[0] & good[1]) | (name == SWAPPED)) & persons) | (good[0] & against[1] & agrees & twins)
        seeds[1] = good[0] & against[1] & agrees & ~twins
        seeds[2] = against[0] & against[1] & agrees
    seeds[3] = 1.0 - seeds[:3].sum(axis=0)
    return seeds


def _with_fit(rules: LinkRules, fit: Fit, records: int, pairs: float) -> LinkRules:
    """Return the rules with the fitted parameters."""
    # Six digits are more than was learnt, and short to write.
    tables = [np.vectorize(lambda p: float(f"{p:.6g}"), otypes=[np.float64])(t) for t in fit.tables]
    compared = tuple(c.with_probabilities(t) for c, t in zip(rules.comparisons, tables, strict=True))
    match, household, colleague = (float(s) * pairs / max(records, 1) for s in fit.shares[:3])
    sizes = replace(rules.sizes, match=match, household=household, colleague=colleague, records=records)
    return replace(rules, comparisons=compared, sizes=sizes)


def _report(
    rules: LinkRules, learnt: tuple[Evidence, Fit], blocking: tuple[Blocks, Ints], left_out: dict[str, str]
) -> TrainReport:
    """Return the report of a training run."""
    (evidence, fit), (blocks, by_rule) = learnt, blocking
    share = fit.responsibilities[0]
    linked = share >= 0.5
    counts = evidence.blocked.counts
    expected = max(float(fit.shares[0] * evidence.pairs), 1e-9)
    found = float((share * counts)[linked].sum())
    rows = [
        {
            "rule": r.name,
            "pairs": b.pairs,
            "first": int(n),
            "skipped_keys": b.skipped_keys,
            "skipped_pairs": b.skipped_pairs,
        }
        for r, b, n in zip(blocks.rules, blocks.blocks, by_rule, strict=True)
    ]
    levels = [
        {"comparison": c.name, "level": level, **dict(zip(CLASSES, map(float, t), strict=True))}
        for c in rules.comparisons
        for level, t in zip(c.levels, c.probabilities().T, strict=True)
    ]
    return TrainReport(
        records=blocks.records,
        pairs=int(evidence.blocked.total),
        sizes={name: float(s * evidence.pairs) for name, s in zip(CLASSES[:3], fit.shares, strict=False)},
        precision=found / max(float(counts[linked].sum()), 1e-9),
        recall=min(found / expected, 1.0),
        rounds=fit.rounds,
        rules=rows,
        levels=levels,
        left_out=left_out,
        notes=tuple(DOUBTS[relation] for relation in sorted(fit.held)),
    )
