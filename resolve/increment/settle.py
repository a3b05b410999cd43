"""Pairs to customers for the contacts a change can move, and for nobody else.

Clusters merge while the highest value between two of them reaches the bar, and no value between a merged cluster and
another is above those of its parts. So whoever merges does so with the nearest, wherever else anything merges; and
clusters that would not have joined contact by contact do not join as wholes. That is why the others can stand still
around the customers decided here: only where one of them would join is its customer decided as well.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from resolve.golden.cluster import cluster_contacts
from resolve.golden.judge import Verdict, judge_pairs
from resolve.graphs import label_components
from resolve.increment.closure import Closure, ends_of, load_customers, pair_rows, with_an_end
from resolve.increment.relink import Relinked, Relinker
from resolve.increment.rescore import Rescorer
from resolve.increment.stored import Change, Stored, contacts_now
from resolve.model import MatchModel
from resolve.pipeline import source_merges
from resolve.schema import conform, frames
from resolve.schema.rows import join_rows

_PAIR = ["contact_id_l", "contact_id_r"]


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
        self._ids = pd.Index([], dtype=object)
        self._links = [stored.rows("profile_link", "contact_id", [])]
        self._contacts: list[pd.DataFrame] = []
        self._judgements: list[pd.DataFrame] = []
        self._verdicts: list[pd.DataFrame] = []
        self._clusters: list[pd.DataFrame] = []

    def run(self, found: Relinked) -> Settled:
        """Return the decision on everyone whom the change can move."""
        rescorer = Rescorer(self._change, self._stored, self._linker, found)
        more = rescorer.begin().union(rescorer.seeds)
        while True:
            new = self._join_customers(more, rescorer)
            self._judge(rescorer, new)
            more = self._cluster(new)
            if not len(more):
                break
        links = join_rows(self._links).drop_duplicates("contact_id").sort_values("contact_id", ignore_index=True)
        closure = Closure(self._ids, rescorer.pairs.of(self._ids), links)
        contacts, clusters = (
            join_rows(parts).sort_values("contact_id", ignore_index=True) for parts in (self._contacts, self._clusters)
        )
        verdicts = join_rows(self._verdicts).sort_values(_PAIR, ignore_index=True)
        return Settled(closure, contacts, verdicts, clusters, join_rows(self._judgements))

    def _join_customers(self, ids: pd.Index, rescorer: Rescorer) -> pd.Index:
        """Let contacts be decided, with all of their customers, and with those whom a person or a rule ties to them.

        Returns those that were not decided so far.
        """
        before = len(self._ids)
        merged = self._change.contacts.loc[self._change.contacts["merged_into"].notna(), ["contact_id", "merged_into"]]
        told = join_rows([merged.set_axis(_PAIR, axis=1), self._change.judgements[_PAIR]]).astype(object)
        while len(ids):
            links = load_customers(self._stored, ids)
            every = ids.append(pd.Index(links["contact_id"], dtype=object))
            new = every[~every.isin(self._ids)].unique()
            self._ids = self._ids.append(new)
            self._links.append(links)
            rescorer.load(new)
            ties = join_rows([rows[with_an_end(rows, new)] for rows in (rescorer.pairs.hard, told)])
            ids = ends_of(ties)
            ids = ids[~ids.isin(self._ids)]
        new = self._ids[before:]
        self._contacts.append(contacts_now(self._change, self._stored, new))
        return new

    def _judge(self, rescorer: Rescorer, new: pd.Index) -> None:
        """Judge the pairs of new contacts; nothing ties these to those decided before, whose pairs are judged."""
        known = self._ids[: len(self._ids) - len(new)]
        scored, judged = rescorer.of(new), pair_rows(self._stored, "judgement", new)
        scored, judged = (rows[~with_an_end(rows, known)] for rows in (scored, judged))
        judgements = conform(judged.reset_index(drop=True), frames.JUDGEMENTS)
        merges = source_merges(self._contacts[-1])
        self._judgements.append(judgements)
        self._verdicts.append(judge_pairs(scored, judgements, merges, self._model.thresholds))

    def _cluster(self, new: pd.Index) -> pd.Index:
        """Cluster all who hang together with new contacts; return contacts that are not decided and yet join them.

        Others who might join stand alone: their pairs among each other are left out.
        """
        limits = self._model.thresholds
        lowest = limits.link - self._model.lone
        pairs = join_rows([one[[*_PAIR, "match_weight", "verdict", "decided_by"]] for one in self._verdicts])
        strong = (pairs["match_weight"] >= lowest) | (pairs["verdict"] == Verdict.LINK)
        living = pd.Index(pd.concat([one["contact_id"] for one in self._contacts]), dtype=object)
        codes, names = pd.factorize(pd.concat([pd.Series(new), *(pairs[side] for side in _PAIR), pd.Series(living)]))
        left, right = np.split(codes[len(new) : len(new) + 2 * len(pairs)].astype(np.int64), 2)
        part = label_components(len(names), left[strong], right[strong])
        moved = np.zeros(len(names), dtype=bool)
        moved[part[codes[: len(new)]]] = True
        ids = pd.Index(names[moved[part]], dtype=object)
        found = cluster_contacts(
            ids[ids.isin(living) | ~ids.isin(self._ids)].tolist(),
            pairs[moved[part[left]] & moved[part[right]]],
            stop=limits.link, unmet=limits.unmet, lone=self._model.lone,
        )  # fmt: skip
        mine = found["contact_id"].isin(living)
        self._clusters = [one[~one["contact_id"].isin(found["contact_id"])] for one in self._clusters] + [found[mine]]
        together = found["cluster_id"].duplicated(keep=False)
        return pd.Index(found.loc[together & ~mine, "contact_id"], dtype=object)
