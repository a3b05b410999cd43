"""What is decided on a pair: link, review or reject; people overrule rules, rules overrule weights."""

from enum import StrEnum

import numpy as np
import pandas as pd

from resolve.golden.thresholds import Thresholds
from resolve.schema import assemble, conform, frames

_PAIR = list(frames.VERDICTS.key)
_CAUTION = {"non_match": 0, "unsure": 1, "match": 2}  # of two judgements made at one time the more careful one counts


class Verdict(StrEnum):
    """What was decided on a pair."""

    LINK = "link"
    REVIEW = "review"
    REJECT = "reject"


_VERDICTS = np.array([Verdict.REJECT.value, Verdict.REVIEW.value, Verdict.LINK.value], dtype=object)


class Judgement(StrEnum):
    """What a person said of a pair; UNSURE leaves the decision to rule and weight."""

    MATCH = "match"
    NON_MATCH = "non_match"
    UNSURE = "unsure"


class Authority(StrEnum):
    """Who decided, the least powerful first."""

    WEIGHT = "weight"
    RULE = "rule"
    PERSON = "person"


def judge_pairs(
    scored: pd.DataFrame, judgements: pd.DataFrame, same: pd.DataFrame, thresholds: Thresholds | None = None
) -> pd.DataFrame:
    """Return VERDICTS (key contact_id_l, contact_id_r) for every pair that any of the three inputs names.

    Args:
        scored: SCORED_PAIRS, weights in bits.
        judgements: JUDGEMENTS of people, in any order of the two sides; the newest of a pair counts.
        same: hard edges (contact_id_l, contact_id_r, rule), such as merges that a source declared.
        thresholds: where the verdict changes; the defaults when None.

    A person's match or non-match decides; else a hard edge links; else the weight decides. Rows come in the order of
    `scored`, pairs that were never scored behind them.
    """
    limits = thresholds or Thresholds()
    known = conform(scored, frames.SCORED_PAIRS).reset_index(drop=True)
    weight = known["match_weight"].to_numpy()
    known = known.assign(
        verdict=_VERDICTS[(weight >= limits.link).astype(int) + (weight >= limits.review_low)],
        decided_by=np.full(len(known), Authority.WEIGHT.value, dtype=object),
    )
    hard = _rule_edges(same)
    people = newest_judgements(judgements)
    people = people[people["judgement"] != Judgement.UNSURE]
    if len(hard):
        known = _overrule(known, hard.assign(verdict=Verdict.LINK.value, decided_by=Authority.RULE.value))
    if len(people):
        verdict = np.where(people["judgement"] == Judgement.MATCH, Verdict.LINK, Verdict.REJECT)
        known = _overrule(known, people[_PAIR].assign(verdict=verdict, decided_by=Authority.PERSON.value))
    return assemble({name: known[name] for name in known.columns}, frames.VERDICTS, known.index)


def newest_judgements(judgements: pd.DataFrame) -> pd.DataFrame:
    """Return the newest row of JUDGEMENTS per pair, the smaller contact_id left; made at one time, the careful one."""
    rows = _ordered(conform(judgements, frames.JUDGEMENTS))
    rows = rows[rows["contact_id_l"] != rows["contact_id_r"]]
    rank = rows["judgement"].map(_CAUTION)
    order = rows.assign(_rank=-rank).sort_values([*_PAIR, "judged_at", "_rank"], na_position="first", kind="stable")
    return order.drop(columns="_rank").drop_duplicates(_PAIR, keep="last").reset_index(drop=True)


def _rule_edges(same: pd.DataFrame) -> pd.DataFrame:
    """Return the hard edges, one a pair (the first rule by name), the smaller contact_id left."""
    rows = _ordered(same[[*_PAIR, "rule"]])
    rows = rows[rows["contact_id_l"] != rows["contact_id_r"]]
    return rows.sort_values([*_PAIR, "rule"]).drop_duplicates(_PAIR)


def _ordered(pairs: pd.DataFrame) -> pd.DataFrame:
    """Return pairs with the smaller contact_id on the left."""
    if not len(pairs):
        return pairs
    left, right = pairs["contact_id_l"].astype(object), pairs["contact_id_r"].astype(object)
    swap = left > right
    return pairs.assign(contact_id_l=left.where(~swap, right), contact_id_r=right.where(~swap, left))


def _overrule(known: pd.DataFrame, stronger: pd.DataFrame) -> pd.DataFrame:
    """Return `known` with the columns of `stronger` put over it, and the pairs added that it lacked."""
    near = np.flatnonzero(known["contact_id_l"].isin(stronger["contact_id_l"]).to_numpy())  # pairs are many, these few
    index = pd.MultiIndex.from_frame(known.loc[near, _PAIR])
    at = index.get_indexer(pd.MultiIndex.from_frame(stronger[_PAIR]))
    met = at >= 0
    out = known.copy(deep=False)
    for column in stronger.columns.difference(_PAIR):
        values = out[column].to_numpy(dtype=object, copy=True)
        values[near[at[met]]] = stronger[column].to_numpy(dtype=object)[met]
        out[column] = values
    new = conform(stronger[~met], frames.VERDICTS)
    return pd.concat([conform(out, frames.VERDICTS), new], ignore_index=True) if len(new) else out
