"""The product's path on a labelled set, stage by stage, with the CPU seconds of each."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from counting import Score, count_pairs
from labelled import LabelledSet

from resolve.golden.cluster import cluster_contacts
from resolve.golden.judge import judge_pairs
from resolve.link.block import build_blocks
from resolve.link.encode import Encoded
from resolve.link.engine import link_contacts
from resolve.model import MatchModel
from resolve.quality.train import train_model
from resolve.schema import empty
from resolve.schema.frames import JUDGEMENTS
from resolve.standardise.contact import standardise_contacts

STOPS = (-0.45, -0.25, 0.0, 0.5, 1.0, 2.0, 3.0)  # above unmet + lone
PLAIN_STOPS = (-1.9, -1.5, -1.25, -1.0, -0.75, -0.5, 0.0)


@dataclass
class Outcome:
    """What the path made of a set: contacts, the model, scored pairs, clusters by contact_id, and seconds by stage."""

    contacts: pd.DataFrame
    model: MatchModel
    report: dict[str, object]
    scored: pd.DataFrame
    candidates: int
    clusters: pd.Series
    seconds: dict[str, float] = field(default_factory=dict)


@contextmanager
def _timed(seconds: dict[str, float], stage: str) -> Iterator[None]:
    """Add the CPU seconds of the block under a name."""
    started = time.process_time()
    yield
    seconds[stage] = time.process_time() - started


def run_path(labelled: LabelledSet, train: bool = True) -> Outcome:
    """Standardise, train, link, judge and cluster a set, with no settings."""
    seconds: dict[str, float] = {}
    with _timed(seconds, "standardise"):
        contacts = standardise_contacts(labelled.records, default_countries=labelled.country)
    model, report = MatchModel.shipped(), {}
    if train:
        with _timed(seconds, "train"):
            model, trained = train_model(contacts, model)
            report = trained.as_dict()
    with _timed(seconds, "link"):
        linkage = link_contacts(contacts, model.link)
    with _timed(seconds, "cluster"):
        clusters = cluster_scored(contacts, linkage.pairs, model, model.thresholds.link)
    return Outcome(contacts, model, report, linkage.pairs, linkage.stats.pairs, clusters, seconds)


def cluster_scored(
    contacts: pd.DataFrame, scored: pd.DataFrame, model: MatchModel, stop: float, lone: float | None = None
) -> pd.Series:
    """Return the cluster of every contact at a stop (bits), with the model's `lone` or another one."""
    merged = pd.DataFrame({"contact_id_l": [], "contact_id_r": [], "rule": []}, dtype=object)  # no set declares merges
    verdicts = judge_pairs(scored, empty(JUDGEMENTS), merged, model.thresholds)
    lone = model.lone if lone is None else lone
    found = cluster_contacts(
        contacts["contact_id"].tolist(), verdicts, stop=stop, unmet=model.thresholds.unmet, lone=lone
    )
    return pd.Series(found["cluster_id"].to_numpy(), index=pd.Index(found["contact_id"]))


def best_stop(outcome: Outcome, truth: pd.Series) -> tuple[Score, str]:
    """Return the score of the best stop for labelled contacts, and which it is: `bits`, or `plain bits`.

    Tried are stops as the model counts them, and those of plain average linkage, where all merges have one bar.
    """
    shaped = [(stop, None, f"{stop:g}") for stop in STOPS]
    plain = [(stop, 0.0, f"plain {stop:g}") for stop in PLAIN_STOPS]
    scores = []
    for stop, lone, name in shaped + plain:
        found = cluster_scored(outcome.contacts, outcome.scored, outcome.model, stop, lone).reindex(truth.index)
        scores.append((count_pairs(found, truth), -abs(stop), name))
    best = max(scores, key=lambda row: (row[0].f1, row[1]))
    return best[0], best[2]


def are_candidates(outcome: Outcome, pairs: pd.DataFrame) -> np.ndarray:
    """Return which of the pairs (contact_id_l, contact_id_r) a blocking rule of the model produces."""
    encoded = Encoded(outcome.contacts)
    position = {key: row for row, key in enumerate(encoded.ids)}
    left = pairs["contact_id_l"].map(position).to_numpy(np.int64)
    right = pairs["contact_id_r"].map(position).to_numpy(np.int64)
    asked = np.minimum(left, right) * len(encoded) + np.maximum(left, right)
    found = np.zeros(len(pairs), dtype=bool)
    for chunk in build_blocks(encoded, outcome.model.link).chunks():
        found |= np.isin(asked, chunk.left * len(encoded) + chunk.right)
    return found
