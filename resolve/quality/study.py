"""What a fitted model is worth on the contacts at hand: its rules, its stop, and labels where there are any."""

from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from resolve.link.block import Blocks, build_blocks
from resolve.link.compare import Comparer
from resolve.link.encode import Encoded
from resolve.link.rules import BlockingRule
from resolve.link.score import score_agreements
from resolve.model import MatchModel
from resolve.quality.calibration import Bin, calibrate
from resolve.quality.labels import from_entities, from_pairs
from resolve.quality.rule_links import RuleLinks, count_rule_links, propose_rules
from resolve.quality.stops import StopEstimate, estimate_stops, propose_stop
from resolve.quality.supervised import Judged, is_better, is_enough, learn_from_labels


@dataclass(frozen=True, slots=True)
class LabelStudy:
    """What labels say of a model: pairs and how many are one person, pairs of unknown contacts, calibration.

    `judged` and `model` (the model with the labels learnt) are empty where the labels are too few to learn from.
    """

    pairs: int
    same: int
    unknown: int
    bins: list[Bin]
    judged: list[Judged] = field(default_factory=list)
    model: MatchModel | None = None

    @property
    def is_better(self) -> bool:
        """Whether the model with the labels does better on the held-back pairs."""
        return bool(self.judged) and is_better(self.judged)


@dataclass(frozen=True, slots=True)
class Study:
    """Figures of a model: blocking rules, expected results by stop, a stop and rules that it proposes, labels."""

    rules: list[RuleLinks]
    stops: list[StopEstimate]
    stop: StopEstimate | None
    proposed: tuple[BlockingRule, ...]
    labels: LabelStudy | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the study as plain data."""
        facts: dict[str, Any] = {
            "rules": [rule.as_dict() for rule in self.rules],
            "stops": [stop.as_dict() for stop in self.stops],
            "proposed_stop": self.stop.stop if self.stop else None,
            "proposed_blocking": [{"name": r.name, "keys": list(r.keys), "cap": r.cap} for r in self.proposed],
        }
        if self.labels is not None:
            facts["labels"] = {
                "pairs": self.labels.pairs,
                "same": self.labels.same,
                "unknown": self.labels.unknown,
                "calibration": [b.as_dict() for b in self.labels.bins],
                "held_back": [asdict(judged) for judged in self.labels.judged],
                "is_better_with_labels": self.labels.is_better,
            }
        return facts


def study_model(
    contacts: pd.DataFrame,
    model: MatchModel,
    verdicts: pd.DataFrame,
    pairs: pd.DataFrame | None = None,
    entity: pd.Series | None = None,
) -> Study:
    """Return the study of a model on CONTACTS and the VERDICTS that it gives there.

    Labels are optional: `pairs` with contact_id_l, contact_id_r and same (boolean), `entity` by contact_id; pairs are
    taken where both are there. Rules are proposed where the model has the shipped ones, and so names none.
    """
    encoded = Encoded(contacts)
    blocks = build_blocks(encoded, model.link)
    links = verdicts[verdicts["match_weight"].fillna(-np.inf) >= model.thresholds.link]
    index = pd.Index(encoded.ids)
    left, right = (index.get_indexer(pd.Index(links[side])) for side in ("contact_id_l", "contact_id_r"))
    expected = model.link.sizes.match * len(encoded)
    stops = estimate_stops(encoded.ids.tolist(), verdicts, expected, model.thresholds)
    has_own_rules = model.link.blocking[: len(MatchModel.shipped().link.blocking)] != MatchModel.shipped().link.blocking
    return Study(
        count_rule_links(blocks, left, right),
        stops,
        propose_stop(stops, model.thresholds.link),
        () if has_own_rules else propose_rules(blocks, left, right),
        study_labels(encoded, model, blocks, pairs, entity),
    )


def study_labels(
    contacts: Encoded, model: MatchModel, blocks: Blocks, pairs: pd.DataFrame | None, entity: pd.Series | None
) -> LabelStudy | None:
    """Return what labels say of a model, and the model that learnt them; None without labels."""
    unknown = 0
    if pairs is not None and len(pairs):
        labelled, unknown = from_pairs(contacts, pairs)
    elif entity is not None:
        labelled = from_entities(contacts, blocks, entity)
    else:
        return None
    agreements = Comparer(contacts, model.link).compare(labelled.left, labelled.right)
    weights = score_agreements(agreements, model.link, len(contacts)).weight
    found = LabelStudy(len(labelled), int(labelled.same.sum()), unknown, calibrate(weights, labelled.same))
    if not is_enough(labelled):
        return found
    rules, judged = learn_from_labels(model.link, agreements, labelled, len(contacts))
    trained_on = {**model.trained_on, "labels": int((~labelled.held_back).sum())}
    return replace(found, judged=judged, model=replace(model, link=rules, trained_on=trained_on))
