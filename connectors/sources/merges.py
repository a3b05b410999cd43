"""Which records their source has merged, and into which: told by the loser, or listed by the winner."""

import re

import pandas as pd

from connectors.sources.cells import Cells

_BETWEEN = re.compile(r"[;,\s]+")


def find_merges(raw: pd.DataFrame, listed: Cells) -> dict[str, str]:
    """Return loser -> winner for every merge, chains followed to their end.

    `raw`: source_id, merged_into (told by the loser). `listed`: beside each row the ids merged into it, parted by
    semicolons, commas or blanks. Where both disagree the loser is believed; a ring of merges stops where it began.
    """
    merges: dict[str, str] = {}
    for winner, cell in zip(raw["source_id"], listed, strict=True):
        if cell:
            merges |= {loser: winner for loser in _BETWEEN.split(cell.strip()) if loser and loser != winner}
    told = raw["merged_into"].notna() & (raw["merged_into"] != raw["source_id"])
    merges |= dict(zip(raw.loc[told, "source_id"], raw.loc[told, "merged_into"], strict=True))
    ends = {loser: _end_of(loser, merges) for loser in merges}
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
