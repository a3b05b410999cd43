"""Pruning and signatures lose nothing: the pairs are those of the plain computation, to the last bit."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA, JaroWinkler, Levenshtein

from resolve.link import engine, slices
from resolve.link.block import build_blocks
from resolve.link.bound import Bounds, is_plain
from resolve.link.compare import Comparer
from resolve.link.encode import Encoded
from resolve.link.rules import BlockingRule, ClassSizes, Comparison, LinkRules
from resolve.link.rules_text import levels_of
from resolve.link.scored import pairs_frame
from resolve.link.signature import least_matches, sign_texts, too_many_edits, too_unlike

TEXT = st.text(alphabet="abcdeé漢字01", max_size=12)


def plain(name, kind, thresholds=(), frequency=True):
    """Return a comparison of one column."""
    levels = levels_of(kind, thresholds)
    m = np.append(0.8, np.full(len(levels) - 1, 0.2 / (len(levels) - 1)))
    u = np.append(0.01, np.full(len(levels) - 1, 0.99 / (len(levels) - 1)))
    m[-1], u[-1] = 0.02, 0.9
    rows = [tuple(float(p) for p in row / row.sum()) for row in (m, u, u, u)]
    return Comparison(name, kind, (f"x_{name}",), levels, *rows, frequency=frequency, thresholds=thresholds)


RULES = LinkRules(
    (
        BlockingRule("town", ("x_town",), 1000),
        BlockingRule("name", ("x_name",), 1000),
        BlockingRule("both", ("x_day", "x_town"), 1000),
    ),
    (
        plain("name", "similar", (0.92, 0.8)),
        plain("code", "edits", (1.0, 2.0), frequency=False),
        plain("town", "exact"),
        plain("day", "date", frequency=False),
        plain("size", "number", (0.01, 0.1), frequency=False),
    ),
    ClassSizes(records=1000),
)


def records(people, seed, size=80):
    """Return contacts with values that repeat, differ slightly, and are missing."""
    rng = np.random.default_rng(seed)

    def noisy(values):
        value = str(rng.choice(values))
        if rng.random() < 0.3:
            at = rng.integers(0, len(value))
            value = value[:at] + str(rng.choice(list("abc019漢"))) + value[at + 1 :]
        return None if rng.random() < 0.1 else value

    rows = [
        {
            "x_name": noisy(["martha", "marhta", "jonathan", "jon", "okafor"]),
            "x_code": noisy(["1234567", "1234576", "9000001"]),
            "x_town": str(rng.choice(["ulm", "bonn", "kiel"])) if rng.random() > 0.1 else None,
            "x_day": str(rng.choice(["1980-01-02", "1980-02-01", "1975-12-31"])),
            "x_size": noisy(["100", "101", "250"]),
        }
        for _ in range(size)
    ]
    return people.build(rows)


def survivors(blocks, bounds, floor):
    """Return what slices keep of all parts."""
    return [
        kept
        for number, block in enumerate(blocks.blocks)
        for part in slices.cut_block(number, block)
        for kept in slices.surviving_pairs(part, bounds, floor)
    ]


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    floor=st.sampled_from([-8.0, -3.0, 0.0, 4.0]),
    positions=st.sampled_from([7, 64, 1 << 15]),
    batch=st.sampled_from([5, 1 << 20]),
    shape=st.sampled_from([(1000, 5, 1), (20, 5, 2), (1000, 9, 1)]),
)
def test_pruning_changes_no_pair(people, seed, floor, positions, batch, shape):
    """For any data, floor, chunk, cap, workers and number of columns, slices and cascade keep what scoring all keeps."""
    contacts, (cap, columns, workers) = records(people, seed), shape
    blocking = tuple(BlockingRule(rule.name, rule.keys, cap) for rule in RULES.blocking)
    rules = LinkRules(blocking, (RULES.comparisons * 2)[:columns], RULES.sizes, floor)
    assert is_plain(rules)
    encoded = Encoded(contacts)
    everything, _ = engine._link_chunks(Comparer(encoded, rules), build_blocks(encoded, rules))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slices, "POSITIONS", positions)
        patch.setattr(slices, "PART_PAIRS", batch)
        pruned, _ = engine._link_plain(Comparer(encoded, rules), build_blocks(encoded, rules), workers)
    expected, found = (pairs_frame(encoded, rules, scored.in_order(len(encoded))) for scored in (everything, pruned))
    pd.testing.assert_frame_equal(expected, found, check_exact=True)


def test_signatures_are_at_work_where_groups_are_large(people):
    """The property above is no property of idle filters: numbers and names are both proven different."""
    encoded = Encoded(records(people, 3, 300))
    comparer, blocks = Comparer(encoded, RULES), build_blocks(encoded, RULES)
    bounds = Bounds(comparer, blocks)
    proven = np.bitwise_or.reduce(np.concatenate([s.far for s in survivors(blocks, bounds, -60.0)]))
    assert {f.comparison.name for f in bounds.fields if proven >> f.slot & 1} >= {"name", "code"}


def test_pruning_does_drop_pairs_early(people):
    """The bound is not idle: most candidates are never written down."""
    encoded = Encoded(records(people, 3, 300))
    rules = LinkRules(RULES.blocking, RULES.comparisons, RULES.sizes, 4.0)
    comparer, blocks = Comparer(encoded, rules), build_blocks(encoded, rules)
    assert sum(map(len, survivors(blocks, Bounds(comparer, blocks), 4.0))) < 0.5 * sum(
        block.pairs for block in blocks.blocks
    )


@settings(max_examples=300, deadline=None)
@given(a=TEXT, b=TEXT, classes=st.sampled_from([16, 32]))
def test_signatures_never_reject_a_text_within_reach(a, b, classes):
    """What the edit filter rejects is beyond that many edits; what the Jaro-Winkler filter rejects is below."""
    signed = sign_texts(pa.array([a, b], type=pa.string()), classes)
    left, right = (
        tuple(part[i : i + 1] for part in (signed.bits, signed.lengths, signed.slack, signed.first)) for i in (0, 1)
    )
    for most in (1, 2, 3):
        if too_many_edits(left[0], right[0], most)[0]:
            assert Levenshtein.distance(a, b) > most
            assert OSA.distance(a, b) > most
    for threshold in (0.8, 0.92):
        if too_unlike(left, right, least_matches(threshold))[0]:
            assert JaroWinkler.similarity(a, b) < threshold


def test_many_equal_characters_saturate_without_a_false_proof():
    """Seventeen zeros against eighteen are one edit apart, and long texts are never rejected by length."""
    signed = sign_texts(pa.array(["0" * 17, "0" * 18, "", "x" * 70, "y" * 80], type=pa.string()), 16)
    assert not too_many_edits(signed.bits[:1], signed.bits[1:2], 1)[0]
    assert signed.bits[2] == 0
    long = [
        tuple(part[i : i + 1] for part in (signed.bits, signed.lengths, signed.slack, signed.first)) for i in (3, 4)
    ]
    assert not too_unlike(long[0], long[1], least_matches(0.92))[0]


def test_padded_sizes_are_exact_for_small_groups_and_never_too_small():
    """Groups up to twelve are laid out as they are, larger ones waste at most an eighth."""
    sizes = np.arange(2, 5000)
    padded = slices.padded_sizes(sizes)
    assert (padded >= sizes).all()
    assert (padded[sizes <= 12] == sizes[sizes <= 12]).all()
    assert (padded / sizes).max() < 1.13
    assert len(np.unique(padded)) < 90
