"""Pairs to customers for the contacts a change can move: what to score again, who is linked, who is clustered."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from resolve.golden.cluster import cluster_contacts
from resolve.golden.judge import judge_pairs
from resolve.increment.closure import Closure, close_links, out_of_date, pair_rows
from resolve.increment.relink import Relinked, Relinker
from resolve.increment.rows import join_rows
from resolve.increment.stored import Change, Stored
from resolve.link.components import pairs_inside
from resolve.link.engine import LISTED
from resolve.model import MatchModel
from resolve.pipeline import source_merges
from resolve.schema import conform, frames

_PAIR = ["contact_id_l", "contact_id_r"]
_SCORED = frames.SCORED_PAIRS.names


@dataclass(frozen=True, slots=True)
class Settled:
    """Who is to be decided again, and what was decided.

    closure: the contacts, with what was stored of them. contacts: CONTACTS of the living ones. verdicts: VERDICTS of
    every pair with either side among them. clusters: CLUSTERS of the living. judgements: JUDGEMENTS of them.
    """

    closure: Closure
    contacts: pd.DataFrame
    verdicts: pd.DataFrame
    clusters: pd.DataFrame
    judgements: pd.DataFrame


class Settler:
    """Decides on the neighbourhood of one change."""

    def __init__(self, change: Change, stored: Stored, model: MatchModel, linker: Relinker) -> None:
        """Take what is needed to link."""
        self._change, self._stored, self._model = change, stored, model
        self._linker = linker
        self._gone = pd.Index(change.gone["contact_id"], dtype=object)
        self._names = [rule.name for rule in model.link.blocking]

    def run(self, found: Relinked) -> Settled:
        """Return the decision on everyone whom the change can move."""
        closure = self._close(found)
        living = closure.ids.difference(self._gone)
        contacts = self._linker.around.take(living)
        living = pd.Index(contacts["contact_id"], dtype=object)
        scored = self._scored(closure, found, living)
        judgements = conform(pair_rows(self._stored, "judgement", closure.ids), frames.JUDGEMENTS)
        merges = source_merges(contacts)
        limits = self._model.thresholds
        verdicts = judge_pairs(scored, judgements, merges, limits)
        clusters = cluster_contacts(
            living.tolist(), verdicts, stop=limits.link, unmet=limits.unmet, lone=self._model.lone
        )
        return Settled(closure, contacts, verdicts, clusters, judgements)

    def _close(self, found: Relinked) -> Closure:
        """Return the contacts that can move."""
        weight = min(0.0, self._model.thresholds.lowest)
        touched = self._change.touched
        judged = self._change.judgements
        strong = found.scored.loc[found.scored["match_weight"] >= weight, _PAIR]
        merged = self._change.contacts.loc[self._change.contacts["merged_into"].notna(), ["contact_id", "merged_into"]]
        merged = merged.set_axis(_PAIR, axis=1)
        fresh = join_rows([strong, merged, judged[_PAIR]]).astype(object)
        seeds = touched.append(found.watchers).append(self._moved(found))
        for side in _PAIR:
            seeds = seeds.append(pd.Index(judged[side], dtype=object))
        return close_links(self._stored, seeds.unique(), fresh, weight)

    def _moved(self, found: Relinked) -> pd.Index:
        """Return the unchanged contacts that have a pair whose evidence is not what was stored."""
        if not len(found.groups):
            return pd.Index([], dtype=object)
        ids = pd.Index(found.groups["contact_id"].unique(), dtype=object)
        stored = pair_rows(self._stored, "match_edge", ids)
        none = pd.Index([], dtype=object)
        old = stored[out_of_date(stored, none, found.groups) & stored["match_weight"].notna()]
        new = found.scored[out_of_date(found.scored, none, found.groups)]
        both = old[_SCORED].merge(new[_SCORED], on=_SCORED, how="outer", indicator=True)
        other = both[both["_merge"] != "both"]
        return pd.Index(pd.concat([other[side] for side in _PAIR]).unique(), dtype=object)

    def _scored(self, closure: Closure, found: Relinked, living: pd.Index) -> pd.DataFrame:
        """Return SCORED_PAIRS of every pair with a side among the contacts, as a full run would have them."""
        kept = closure.edges[~out_of_date(closure.edges, self._change.touched, found.groups)]
        kept = kept[kept["match_weight"].notna()]
        listed = kept.loc[kept["rule"] == LISTED, _SCORED]
        ruled = ~kept["rule"].isin([*self._names, LISTED])  # a hard rule hides which blocking rule found the pair
        known = kept.loc[~ruled & (kept["rule"] != LISTED), _SCORED]
        again = self._rescored(kept.loc[ruled, _PAIR])
        near = found.scored.loc[np.any([found.scored[side].isin(closure.ids) for side in _PAIR], axis=0), _SCORED]
        parts = [known, again, near]
        scored: pd.DataFrame = join_rows(parts)
        scored = conform(scored.drop_duplicates(_PAIR), frames.SCORED_PAIRS)
        inside = self._inside(scored, living)
        keys = pd.MultiIndex.from_frame(inside)
        old = listed[pd.MultiIndex.from_frame(listed[_PAIR]).isin(keys)]
        new = inside[~keys.isin(pd.MultiIndex.from_frame(old[_PAIR]))]
        fresh = self._linker.around.score(new.assign(rule=-1), self._linker.book, -np.inf)
        every: pd.DataFrame = conform(join_rows([scored, old, fresh]), frames.SCORED_PAIRS)
        return every.sort_values(_PAIR, ignore_index=True)

    def _rescored(self, pairs: pd.DataFrame) -> pd.DataFrame:
        """Return SCORED_PAIRS of given unchanged pairs, as far as blocking finds them and they reach the floor."""
        number = np.arange(len(pairs))
        groups = pd.concat(
            [pd.DataFrame({"contact_id": pairs[side].to_numpy(dtype=object), "group": number}) for side in _PAIR],
            ignore_index=True,
        )
        found = self._linker.pairs_in(groups)
        found = found.sort_values([*_PAIR, "rule"]).drop_duplicates(_PAIR, ignore_index=True)
        return self._linker.around.score(found, self._linker.book, self._model.link.floor)

    def _inside(self, scored: pd.DataFrame, living: pd.Index) -> pd.DataFrame:
        """Return the pairs inside components of links that blocking did not give, in their order."""
        links = scored[scored["match_weight"] >= 0]
        ids = living.sort_values()
        left, right = (ids.get_indexer(pd.Index(links[side])).astype(np.int64) for side in _PAIR)
        left, right = pairs_inside(left, right, len(ids))
        names = ids.to_numpy(dtype=object)
        inside = pd.DataFrame({_PAIR[0]: names[left], _PAIR[1]: names[right]}, dtype=object)
        known = pd.MultiIndex.from_frame(scored[_PAIR])
        return inside[~pd.MultiIndex.from_frame(inside).isin(known)].reset_index(drop=True)
