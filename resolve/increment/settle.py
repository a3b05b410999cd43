"""Pairs to customers for the contacts a change can move, and for nobody else.

Clusters merge while the highest value between two of them reaches the bar, and no value between a merged cluster and
another is above those of its parts. So whoever merges does so with the nearest, wherever else anything merges; and
clusters that would not have joined contact by contact do not join as wholes. That is why the others can stand still
around the customers decided here: only where one of them would join is its customer decided as well.
"""

from dataclasses import dataclass

import pandas as pd

from resolve.golden.cluster import cluster_contacts
from resolve.golden.judge import judge_pairs
from resolve.increment.closure import Closure, ends_of, hard_pairs, load_customers, pair_rows, with_an_end
from resolve.increment.relink import Relinked, Relinker
from resolve.increment.rescore import Rescorer
from resolve.increment.rows import join_rows
from resolve.increment.stored import Change, Stored
from resolve.model import MatchModel
from resolve.pipeline import source_merges
from resolve.schema import conform, frames

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
        self._gone = pd.Index(change.gone["contact_id"], dtype=object)
        self._ids = pd.Index([], dtype=object)
        self._links = [stored.rows("profile_link", "contact_id", [])]
        self._contacts = [change.contacts.iloc[:0]]

    def run(self, found: Relinked) -> Settled:
        """Return the decision on everyone whom the change can move."""
        rescorer = Rescorer(self._change, self._stored, self._linker, found)
        more = rescorer.begin().union(rescorer.seeds)
        while True:
            self._join_customers(more, rescorer)
            verdicts, judgements = self._judge(rescorer)
            clusters = self._cluster(verdicts)
            more = self._joining(clusters)
            if not len(more):
                break
        mine = clusters[clusters["contact_id"].isin(self._ids)].reset_index(drop=True)
        links = join_rows(self._links).drop_duplicates("contact_id").sort_values("contact_id", ignore_index=True)
        closure = Closure(self._ids, rescorer.pairs.of(self._ids), links)
        return Settled(closure, self._living(), verdicts, mine, judgements)

    def _join_customers(self, ids: pd.Index, rescorer: Rescorer) -> None:
        """Let contacts be decided, with all of their customers, and with those whom a person or a rule ties to them."""
        merged = self._change.contacts.loc[self._change.contacts["merged_into"].notna(), ["contact_id", "merged_into"]]
        told = join_rows([merged.set_axis(_PAIR, axis=1), self._change.judgements[_PAIR]]).astype(object)
        while len(ids):
            links = load_customers(self._stored, ids)
            every = ids.append(pd.Index(links["contact_id"], dtype=object))
            new = every[~every.isin(self._ids)].unique()
            self._ids = self._ids.append(new)
            self._links.append(links)
            self._contacts.append(self._linker.around.take(new.difference(self._gone)))
            rescorer.load(new)
            ties = join_rows([hard_pairs(rescorer.pairs.of(new)), told[with_an_end(told, new)]])
            ids = ends_of(ties)
            ids = ids[~ids.isin(self._ids)]

    def _living(self) -> pd.DataFrame:
        """Return CONTACTS of all that are decided, by contact_id."""
        self._contacts = [join_rows(self._contacts).sort_values("contact_id", ignore_index=True)]
        return self._contacts[0]

    def _judge(self, rescorer: Rescorer) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return VERDICTS of all pairs of the contacts, and the JUDGEMENTS of them."""
        scored = rescorer.of(self._ids).sort_values(_PAIR, ignore_index=True)
        judgements = conform(pair_rows(self._stored, "judgement", self._ids), frames.JUDGEMENTS)
        return judge_pairs(scored, judgements, source_merges(self._living()), self._model.thresholds), judgements

    def _cluster(self, verdicts: pd.DataFrame) -> pd.DataFrame:
        """Return CLUSTERS of the contacts, and of others that might join them, each of whom stands alone."""
        limits, living = self._model.thresholds, pd.Index(self._living()["contact_id"], dtype=object)
        near = ends_of(verdicts[verdicts["match_weight"] >= limits.link - self._model.lone])
        others = near[~near.isin(self._ids)]
        return cluster_contacts(
            living.append(others).tolist(), verdicts, stop=limits.link, unmet=limits.unmet, lone=self._model.lone
        )

    def _joining(self, clusters: pd.DataFrame) -> pd.Index:
        """Return the contacts that are not decided and yet join others."""
        together = clusters[clusters["cluster_id"].duplicated(keep=False)]
        return pd.Index(together.loc[~together["contact_id"].isin(self._ids), "contact_id"], dtype=object)
