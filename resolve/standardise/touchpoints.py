"""Touchpoints as matching knows them: identifiers as contacts carry them, merged records by their survivors."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from resolve.graphs import follow_chains
from resolve.schema import conform, frames
from resolve.standardise.channels import standardise_identifier


def standardise_touchpoints(
    touchpoints: pd.DataFrame, default_countries: Mapping[str, str] | str = "JP", aliases: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return TOUCHPOINTS with identifiers as contacts carry them, and merged records replaced by their survivors."""
    prepared = conform(touchpoints, frames.TOUCHPOINTS)
    keyed = prepared["identifier"].notna()
    if keyed.any():
        distinct = prepared.loc[keyed, ["source", "identifier_type", "identifier"]].drop_duplicates()
        known = {
            row: standardise_identifier(row[1], row[2], _country(default_countries, row[0]))
            for row in distinct.itertuples(index=False, name=None)
        }
        rows = prepared.loc[keyed, ["source", "identifier_type", "identifier"]].itertuples(index=False, name=None)
        prepared.loc[keyed, "identifier"] = pd.Series(
            [known[row] for row in rows], index=prepared.index[keyed], dtype=object
        )
    if aliases is not None and len(aliases):
        survivor = find_survivors(aliases)
        named = prepared["contact_id"].to_numpy(dtype=object)
        final = np.array([None if name is None else survivor.get(name, name) for name in named], dtype=object)
        moved = final != named
        before = np.full(len(named), None, dtype=object)
        before[moved] = named[moved]
        prepared["contact_id"], prepared["named_contact_id"] = final, before
    return prepared


def _country(default_countries: Mapping[str, str] | str, source: str) -> str | None:
    """Return the default country of a source."""
    return default_countries if isinstance(default_countries, str) else default_countries.get(source)


def find_survivors(aliases: pd.DataFrame) -> dict[str, str]:
    """Return the last survivor of every merged record; a loop of merges leaves its members as they are."""
    return follow_chains(dict(zip(aliases["contact_id"], aliases["merged_into"], strict=True)))
