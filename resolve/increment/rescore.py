"""The scored pairs around a change as a full run would have them: stored ones, new ones, and those that links list.

A pair is listed where both of its contacts are linked to a third one. So a link that comes or goes changes the standing
of pairs two links away from it, and of none beyond.
"""

import numpy as np
import pandas as pd

from resolve.increment.closure import Pairs, ends_of, out_of_date, pair_rows, with_an_end
from resolve.increment.relink import Relinked, Relinker
from resolve.increment.stored import Change, Stored
from resolve.link import components
from resolve.link.arrays import Ints
from resolve.link.components import pairs_across
from resolve.link.engine import LISTED
from resolve.schema import conform, empty, frames
from resolve.schema.rows import join_rows
from resolve.sets import among, joined, without

_PAIR = ["contact_id_l", "contact_id_r"]
_SCORED = list(frames.SCORED_PAIRS.names)
LINK = 0.0  # bits from which a pair is a link for those around it


class Rescorer:
    """Knows the pairs of every contact it is asked for: `pairs` as they were, `scored` (SCORED_PAIRS) as they are.

    seeds: contacts any of whose pairs differs because of a text, a judgement or a value that others share.
    """

    def __init__(self, change: Change, stored: Stored, linker: Relinker, found: Relinked) -> None:
        """Take what linking the change found."""
        self._linker, self._found = linker, found
        self._names = [rule.name for rule in linker.rules.blocking]
        self.pairs = Pairs(stored)
        judged = [pd.Index(change.judgements[side], dtype=object) for side in _PAIR]
        self.seeds = linker.changed.append([found.watchers, self._moved(stored), *judged]).unique()
        self._fresh = found.scored[_SCORED]
        self._known = self._listed = empty(frames.SCORED_PAIRS)  # as they are: of blocking, and by links

    def of(self, ids: pd.Index) -> pd.DataFrame:
        """Return SCORED_PAIRS of all pairs with either side among the ids."""
        self.load(ids)
        parts = [rows[with_an_end(rows, ids)] for rows in (self._known, self._listed)]
        return conform(join_rows(parts).drop_duplicates(_PAIR), frames.SCORED_PAIRS)

    def begin(self) -> pd.Index:
        """Load the pairs of the seeds and of those linked to them; return contacts of pairs that are listed otherwise.

        Of each such pair the left one is given, unless a seed is in it.
        """
        self.load(self.seeds)
        strong = [rows.loc[rows["match_weight"] >= LINK, _PAIR] for rows in (self.pairs.rows, self._known)]
        self.load(ends_of(join_rows([rows[with_an_end(rows, self.seeds)] for rows in strong])))
        self.load(self._around_hubs())
        self._tell_ruled()
        stays, new = self._list_again()
        fresh = self._linker.around.score(new.assign(rule=-1), self._linker.book, -np.inf)
        moved = join_rows([self._listed.loc[~stays, _PAIR], new])
        self._listed = join_rows([self._listed[stays], fresh])
        return pd.Index(moved.loc[~with_an_end(moved, self.seeds), _PAIR[0]].unique(), dtype=object)

    def load(self, ids: pd.Index) -> None:
        """Load the pairs of contacts."""
        rows = self.pairs.load(ids)
        rows = rows[~out_of_date(rows, self._linker.changed, self._found.groups) & rows["match_weight"].notna()]
        is_listed = (rows["rule"] == LISTED).to_numpy()
        here = with_an_end(self._fresh, ids)  # those of others came with them
        fresh, self._fresh = self._fresh[here], self._fresh[~here]
        self._known = join_rows([self._known, rows.loc[~is_listed, _SCORED], fresh])
        self._listed = join_rows([self._listed, rows.loc[is_listed, _SCORED]])

    def _around_hubs(self) -> pd.Index:
        """Return those linked to a contact that has, or had, too many links to be the third one of others."""
        found = []
        for rows in (self.pairs.rows, self._known):
            links = rows.loc[rows["match_weight"] >= LINK, _PAIR]
            counts = pd.concat([links[side] for side in _PAIR]).value_counts()
            found.append(links[with_an_end(links, counts.index[counts > components.MOST_LINKS])])
        return ends_of(join_rows(found))

    def _tell_ruled(self) -> None:
        """Tell of pairs whose hard rule hides it whether a blocking rule found them, or links list them."""
        ruled = ~self._known["rule"].isin(self._names)
        rows = self._known[ruled]
        found = self._linker.pairs_found(rows[_PAIR])
        found = found.sort_values([*_PAIR, "rule"]).drop_duplicates(_PAIR, ignore_index=True)
        blocked = self._linker.around.score(found, self._linker.book, self._linker.rules.floor)
        others = ~pd.MultiIndex.from_frame(rows[_PAIR]).isin(pd.MultiIndex.from_frame(blocked[_PAIR]))
        self._known = join_rows([self._known[~ruled], blocked])
        self._listed = join_rows([self._listed, rows[others].assign(rule=LISTED)])

    def _list_again(self) -> tuple[np.ndarray, pd.DataFrame]:
        """Return which of the listed pairs stay so, and the pairs that are listed now and were not."""
        while True:
            ids = ends_of(join_rows([self._known, self._listed])).sort_values()
            loaded, seed = ids.isin(self.pairs.ids), ids.isin(self.seeds)
            links = self._known[self._known["match_weight"] >= LINK]
            left, right = (ids.get_indexer(pd.Index(links[side])).astype(np.int64) for side in _PAIR)
            sure, all_ = (_codes(*pairs_across(left, right, len(ids), thirds), len(ids)) for thirds in (loaded, None))
            known, listed = (_codes(*_rows(ids, rows), len(ids)) for rows in (self._known, self._listed))
            one, two = _rows(ids, self._listed)
            told = (loaded[one] & loaded[two]) | seed[one] | seed[two]  # all that both of them are linked to is here
            stays = among(listed, sure) | ~told
            doubtful = ends_of(self._listed[~stays & among(listed, all_)])  # by somebody whose links are not all here
            if not len(doubtful):
                break
            self.load(ends_of(links[with_an_end(links, doubtful)]))
        new = without(sure, joined(known, listed))
        one, two = new // max(len(ids), 1), new % max(len(ids), 1)
        mine = loaded[one] | loaded[two]
        names = ids.to_numpy(dtype=object)
        return stays, pd.DataFrame({_PAIR[0]: names[one[mine]], _PAIR[1]: names[two[mine]]}, dtype=object)

    def _moved(self, stored: Stored) -> pd.Index:
        """Return the unchanged contacts that have a pair whose evidence is not what was stored."""
        found = self._found
        if not len(found.groups):
            return pd.Index([], dtype=object)
        ids = pd.Index(found.groups["contact_id"].unique(), dtype=object)
        stored_pairs = pair_rows(stored, "match_edge", ids)
        none = pd.Index([], dtype=object)
        old = stored_pairs[out_of_date(stored_pairs, none, found.groups) & stored_pairs["match_weight"].notna()]
        new = found.scored[out_of_date(found.scored, none, found.groups)]
        both = old[_SCORED].merge(new[_SCORED], on=_SCORED, how="outer", indicator=True)
        return ends_of(both[both["_merge"] != "both"])


def _rows(ids: pd.Index, pairs: pd.DataFrame) -> tuple[Ints, Ints]:
    """Return the places of both sides of pairs among the ids."""
    left, right = (ids.get_indexer(pd.Index(pairs[side])).astype(np.int64) for side in _PAIR)
    return left, right


def _codes(left: Ints, right: Ints, count: int) -> Ints:
    """Return each pair as one number."""
    return left * count + right
