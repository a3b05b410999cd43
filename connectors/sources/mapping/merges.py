"""Which records their source has merged, and into which: told by the loser, or listed by the winner."""

import re
from collections.abc import Iterable
from typing import NamedTuple

import pandas as pd

from connectors.sources.mapping.cells import Cells

_BETWEEN = re.compile(r"[;,\s]+")
_MERGED_AT = re.compile(r"(?<=\d):\d{13}\b")  # hs_calculated_merged_vids tells when, in ms, behind each id


class Merge(NamedTuple):
    """One merge as one row tells it: the loser itself, or the winner that lists its losers. All are ids of a stream."""

    told_by: str
    loser: str
    winner: str


def list_merges(raw: pd.DataFrame, listed: Cells) -> list[Merge]:
    """Return every merge that the rows tell, by the row that tells it.

    `raw`: source_id, merged_into (told by the loser). `listed`: beside each row the ids merged into it, parted by
    semicolons, commas or blanks.
    """
    merges: dict[tuple[str, str], Merge] = {}
    for winner, cell in zip(raw["source_id"], listed, strict=True):
        if cell:
            losers = _BETWEEN.split(_MERGED_AT.sub("", cell.strip()))
            merges |= {(winner, loser): Merge(winner, loser, winner) for loser in losers if loser and loser != winner}
    told = raw["merged_into"].notna() & (raw["merged_into"] != raw["source_id"])
    rows = zip(raw.loc[told, "source_id"], raw.loc[told, "merged_into"], strict=True)
    named = ((loser, winner.strip()) for loser, winner in rows)  # landed with their blanks by earlier versions
    return [*merges.values(), *(Merge(loser, loser, winner) for loser, winner in named if loser != winner)]


def resolve_merges(merges: Iterable[Merge]) -> dict[str, str]:
    """Return loser -> winner for every merge, chains followed to their end.

    Where a loser and a lister disagree the loser is believed; of two listers the larger id. A ring of merges stops
    where it began.
    """
    ordered = sorted(merges, key=lambda merge: (merge.told_by == merge.loser, merge.told_by))
    step = {merge.loser: merge.winner for merge in ordered}
    ends = {loser: _end_of(loser, step) for loser in step}
    return {loser: winner for loser, winner in ends.items() if loser != winner}


def _end_of(loser: str, merges: dict[str, str]) -> str:
    """Return the end of a chain of merges."""
    seen = {loser}
    current = merges[loser]
    while current in merges and merges[current] not in seen:
        seen.add(current)
        current = merges[current]
    return current


def alias_frame(source: str, merges: dict[str, str]) -> pd.DataFrame:
    """Return merges as a frame of contact_id and merged_into, both source:id, by contact_id."""
    rows = [(f"{source}:{loser}", f"{source}:{winner}") for loser, winner in sorted(merges.items())]
    return pd.DataFrame(rows, columns=["contact_id", "merged_into"], dtype=object)
