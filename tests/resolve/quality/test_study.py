"""What a fitted model is worth: rules, stops, calibration, and labels."""

import json

import numpy as np
import pandas as pd
import pytest

from resolve.golden.judge import judge_pairs
from resolve.link.block import build_blocks
from resolve.link.encode import Encoded
from resolve.link.engine import link_contacts
from resolve.model import MatchModel
from resolve.quality.calibration import calibrate
from resolve.quality.labels import from_entities, from_pairs
from resolve.quality.rule_links import count_rule_links, finds, propose_rules
from resolve.quality.stops import StopEstimate, propose_stop
from resolve.quality.study import study_model
from resolve.quality.train import train_model
from resolve.schema import empty
from resolve.schema.frames import JUDGEMENTS


@pytest.fixture(scope="module")
def fitted(people):
    """Return 400 people's contacts, their person by contact_id, a model fitted to them, and its verdicts."""
    crowd = people.crowd(400, 3)
    person = pd.Series(crowd["x_person"].to_numpy(), index=pd.Index(crowd["contact_id"]))
    contacts = crowd.drop(columns="x_person")
    model, _ = train_model(contacts, MatchModel.shipped())
    merged = pd.DataFrame({"contact_id_l": [], "contact_id_r": [], "rule": []}, dtype=object)
    scored = link_contacts(contacts, model.link).pairs
    return contacts, person, model, judge_pairs(scored, empty(JUDGEMENTS), merged, model.thresholds)


def test_a_study_is_plain_data_with_every_rule_and_stop(fitted):
    """It can be stored as JSON; without labels it has none."""
    contacts, _, model, verdicts = fitted
    facts = json.loads(json.dumps(study_model(contacts, model, verdicts).as_dict()))
    assert [r["rule"] for r in facts["rules"]] == [r.name for r in model.link.blocking]
    assert "labels" not in facts
    now = next(s for s in facts["stops"] if s["stop"] == model.thresholds.link)
    assert now["precision"] > 0.95
    assert now["recall"] > 0.95
    assert facts["proposed_stop"] is None


def test_links_of_a_rule_are_those_that_share_its_key(fitted):
    """Counted against the plain way: the two contacts stand in one group of the rule."""
    contacts, _, model, verdicts = fitted
    encoded = Encoded(contacts)
    blocks = build_blocks(encoded, model.link)
    links = verdicts[verdicts["match_weight"] >= 0]
    position = {key: row for row, key in enumerate(encoded.ids)}
    left, right = (links[s].map(position).to_numpy(np.int64) for s in ("contact_id_l", "contact_id_r"))
    plain = []
    for block in blocks.blocks:
        groups = np.split(block.members, np.cumsum(block.sizes)[:-1]) if len(block.sizes) else []
        pairs = {(a, b) for group in groups for a in group.tolist() for b in group.tolist()}
        hits = np.asarray([pair in pairs for pair in zip(left.tolist(), right.tolist(), strict=True)])
        np.testing.assert_array_equal(finds(block, left, right), hits)
        plain.append(hits)
    alone = np.sum(plain, axis=0) == 1
    counted = count_rule_links(blocks, left, right)
    assert [r.links for r in counted] == [int(h.sum()) for h in plain]
    assert [r.only for r in counted] == [int((h & alone).sum()) for h in plain]


def test_proposed_rules_find_every_link_and_none_is_idle(fitted):
    """A model that names no rules gets a short list; one of its own is left alone."""
    contacts, _, model, verdicts = fitted
    encoded = Encoded(contacts)
    blocks = build_blocks(encoded, model.link)
    position = {key: row for row, key in enumerate(encoded.ids)}
    links = verdicts[verdicts["match_weight"] >= 0]
    left, right = (links[s].map(position).to_numpy(np.int64) for s in ("contact_id_l", "contact_id_r"))
    chosen = propose_rules(blocks, left, right)
    hits = [finds(b, left, right) for r, b in zip(blocks.rules, blocks.blocks, strict=True) if r in chosen]
    assert np.any(hits, axis=0).all()
    assert 0 < len(chosen) < len(blocks.rules)
    assert propose_rules(blocks, left[:0], right[:0]) == ()
    own = MatchModel.from_yaml("blocking: [{name: email, keys: [email]}, {name: name, keys: [name]}]")
    assert study_model(contacts, own, verdicts).proposed == ()


def test_an_empty_list_of_rules_means_the_shipped_ones():
    """Whoever names none gets a proposal for them."""
    assert MatchModel.from_yaml("blocking: []").version == MatchModel.shipped().version


def test_another_stop_is_proposed_only_where_it_clearly_gains():
    """Half a point of F1, by the model's own estimate."""
    now, little, clear = (StopEstimate(s, p, r) for s, p, r in ((0, 0.9, 0.9), (1, 0.902, 0.9), (2, 0.95, 0.9)))
    assert propose_stop([now, little], 0) is None
    assert propose_stop([now, little, clear], 0) == clear


def test_calibration_compares_predicted_and_true_shares():
    """A weight of 1 bit is right two times of three; a range that is clearly off is marked."""
    bins = calibrate(np.full(90, 1.0), np.arange(90) % 3 > 0)
    assert len(bins) == 1
    assert bins[0].predicted == pytest.approx(2 / 3)
    assert bins[0].true == pytest.approx(2 / 3)
    assert not bins[0].is_off
    assert calibrate(np.full(90, 1.0), np.zeros(90, dtype=bool))[0].is_off
    assert not calibrate(np.full(5, 1.0), np.zeros(5, dtype=bool))[0].is_off


def test_labels_come_from_pairs_or_from_entities(fitted):
    """A pair labelled both ways is not the same; unknown contacts are counted; the split is the same for both."""
    contacts, person, model, _ = fitted
    encoded = Encoded(contacts)
    ids = encoded.ids
    rows = [(ids[0], ids[1], True), (ids[1], ids[0], False), (ids[2], ids[3], True), (ids[4], "x:9", True)]
    labelled, unknown = from_pairs(encoded, pd.DataFrame(rows, columns=["contact_id_l", "contact_id_r", "same"]))
    assert labelled.same.tolist() == [False, True]
    assert unknown == 1
    blocks = build_blocks(encoded, model.link)
    whole = from_entities(encoded, blocks, person)
    again = from_entities(encoded, blocks, person.sample(frac=1, random_state=1))
    np.testing.assert_array_equal(whole.left, again.left)
    np.testing.assert_array_equal(whole.same, again.same)
    np.testing.assert_array_equal(whole.same, (person[ids[whole.left]].values == person[ids[whole.right]].values))
    assert 0.15 < whole.held_back.mean() < 0.45
    assert len(from_entities(encoded, blocks, person.iloc[:10])) < len(whole)


def test_labels_give_calibration_and_a_model_that_is_judged_on_pairs_held_back(fitted):
    """The model as it is, the one with the labels, and the three classifiers; the model stays a model."""
    contacts, person, model, verdicts = fitted
    study = study_model(contacts, model, verdicts, entity=person).labels
    assert study.pairs > study.same > 100
    assert [j.name for j in study.judged] == [
        "the model as it is",
        "the model with the labels",
        "logistic regression",
        "support vectors",
        "naive Bayes",
    ]
    assert all(0.8 < j.f1 <= 1 for j in study.judged[:3])
    assert study.model.version != model.version
    assert study.model.trained_on["labels"] < study.pairs
    assert MatchModel.from_yaml(study.model.to_yaml()).version == study.model.version


def test_few_labels_calibrate_and_teach_nothing(fitted):
    """Under twenty of each kind, on either side of the split, no model is made of them."""
    contacts, _, model, verdicts = fitted
    pairs = verdicts.head(10)[["contact_id_l", "contact_id_r"]].assign(same=True)
    study = study_model(contacts, model, verdicts, pairs=pairs).labels
    assert study.pairs == 10
    assert sum(b.pairs for b in study.bins) == 10
    assert study.model is None
    assert not study.is_better
