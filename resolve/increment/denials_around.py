"""Denials that outlive their record, as far as a change moves them: of contacts that left, and of records come back."""

import pandas as pd

from resolve.golden.kept_denials import ERASED, keep_denials, list_denials
from resolve.increment.relink import Relinker
from resolve.increment.settle import Settled
from resolve.increment.stored import Change, Stored
from resolve.increment.survivors import Survivors
from resolve.schema.rows import join_rows


def keep_around(
    change: Change, stored: Stored, linker: Relinker, settled: Settled, survivors: Survivors, at: pd.Timestamp
) -> tuple[pd.DataFrame, frozenset[str]]:
    """Return kept_denial as it has to be, of a change's contacts, and which contacts' rows it replaces.

    Complete for the customers whose values are chosen again.
    """
    freed = survivors.freed["contact_id"]
    asked = pd.concat([survivors.contacts["contact_id"], change.gone["contact_id"], freed]).unique()
    kept = stored.rows("kept_denial", "contact_id", asked)
    gone = change.gone.loc[change.gone["reason"] != ERASED, "contact_id"]
    left = linker.before[linker.before["contact_id"].isin(gone)]
    living = join_rows([settled.contacts[["contact_id"]], change.contacts[["contact_id"]]])["contact_id"]
    now = keep_denials(kept, list_denials(left), settled.closure.links, living, at)
    return now, frozenset([*kept["contact_id"], *now["contact_id"]])
