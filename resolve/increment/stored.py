"""What an incremental run asks of the last published run, and what it is told has changed."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import pandas as pd
import pyarrow as pa

from resolve.link.arrays import Hashes, Ints
from resolve.schema.rows import join_rows


@dataclass(frozen=True, slots=True)
class Change:
    """What differs from the last published run.

    contacts: CONTACTS, new or other content. gone: contact_id, reason. touchpoints: TOUCHPOINTS, new or other content.
    touchpoints_gone: touchpoint_id. judgements: contact_id_l, contact_id_r of pairs judged since. due: touchpoint_id of
    what was planned then, and is no more.
    """

    contacts: pd.DataFrame
    gone: pd.DataFrame
    touchpoints: pd.DataFrame
    touchpoints_gone: pd.DataFrame
    judgements: pd.DataFrame
    due: pd.DataFrame = field(default_factory=lambda: pd.DataFrame({"touchpoint_id": []}, dtype=object))

    @property
    def touched(self) -> pd.Index:
        """The contact_ids that are new, other or gone."""
        return pd.Index([*self.contacts["contact_id"], *self.gone["contact_id"]], dtype=object)


class Stored(Protocol):
    """The last published run, asked for rows by what is indexed; every answer is small."""

    def members(self, keys: Hashes) -> tuple[Ints, Ints]:
        """Return (position among the distinct keys, hash of a contact) of every entry of the blocking index."""
        ...

    def contacts(self, column: str, values: Iterable[object]) -> pd.DataFrame:
        """Return CONTACTS of stored contacts by `contact_id` or `contact_hash`."""
        ...

    def texts(self, column: str, values: Iterable[object], columns: Collection[str]) -> pa.Table:
        """Return the same contacts as a table of texts: contact_id and some text columns of CONTACTS, or extra ones."""
        ...

    def rows(
        self, table: str, column: str, values: Iterable[object], columns: Sequence[str] | None = None
    ) -> pd.DataFrame:
        """Return the rows of a table whose column holds one of the values, without run_id; or some of its columns.

        profile_link has contact_id as well, and may be asked by it; judgement gives JUDGEMENTS.
        """
        ...

    def statuses(self, touchpoint_ids: Iterable[object]) -> pd.DataFrame:
        """Return touchpoint_id, status of those of the touchpoints that have a status."""
        ...

    def identified(self, values: pd.DataFrame) -> pd.DataFrame:
        """Return the rows of `touchpoint` that name one of the identifiers; `values`: type, value."""
        ...

    def identifiers(self, values: pd.DataFrame) -> pd.DataFrame:
        """Return the rows of `profile_identifier` of all customers that have one of the identifiers: type, value."""
        ...

    def holders(self, values: pd.DataFrame, inside: Iterable[str]) -> pd.DataFrame:
        """Return type, value, first, last: smallest and largest golden_id outside `inside` that has each identifier.

        Both are None where there is none; they are equal where there is one.
        """
        ...


def contacts_now(change: Change, stored: Stored, ids: pd.Index) -> pd.DataFrame:
    """Return CONTACTS of the given ids as they are after the change, as far as they live, in their order."""
    mine = change.contacts[change.contacts["contact_id"].isin(ids)]
    others = stored.contacts("contact_id", ids[~ids.isin(change.touched)].tolist())
    return join_rows([mine, others]).sort_values("contact_id", ignore_index=True)
