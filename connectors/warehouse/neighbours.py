"""The last published run, asked for the few rows around a change; every question is answered by an index."""

from collections.abc import Collection, Iterable, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import sqlalchemy as sa

from connectors.warehouse import cells
from connectors.warehouse.asked import among, in_place, prefer_indexes
from connectors.warehouse.blocking_index import find_members
from connectors.warehouse.bodies import body_bytes, contacts_of, read_bodies
from connectors.warehouse.bulk import all_rows, fetch, stored
from connectors.warehouse.judgements import newest_of
from connectors.warehouse.prefetch import prefetch
from connectors.warehouse.tables import SCHEMAS, TABLES
from connectors.warehouse.touchpoints import load_touchpoints
from resolve.schema.rows import join_rows

_FILLED = frozenset({"run_id", "golden_version", "updated_at"})  # filled by publishing
_BODY = ["contact_id", "source", "source_id", "content_hash", "body"]
_AT_ONCE = 50_000  # values of one question


class Neighbours:
    """Rows of the last published run by what is indexed, on an open connection; see resolve.increment.stored.Stored."""

    def __init__(self, conn: sa.Connection) -> None:
        """Take the connection of the run's transaction."""
        self._conn = conn
        prefer_indexes(conn)

    def members(self, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return (position among the distinct keys, hash of a contact) of every entry of the blocking index."""
        return find_members(self._conn, keys)

    def contacts(self, column: str, values: Iterable[Any]) -> pd.DataFrame:
        """Return CONTACTS of stored contacts by contact_id or contact_hash."""
        return contacts_of(self._by("contact", column, list(values), _BODY))

    def texts(self, column: str, values: Iterable[Any], columns: Collection[str]) -> pa.Table:
        """Return contact_id and some text columns of the same contacts; those that nobody has are empty."""
        table, listed = TABLES["contact"], list(values)
        query = sa.select(stored(table.c.contact_id), body_bytes(self._conn, table.c.body))
        conditions = (among(self._conn, table.c[column], part) for part in _cut(listed))
        parts = (self._conn.execute(query.where(in_place(self._conn, table, one))) for one in conditions)
        read = partial(_texts, columns=sorted(columns))
        return pa.concat_tables(map(read, prefetch(map(all_rows, parts))))

    def rows(
        self, table: str, column: str, values: Iterable[Any], columns: Sequence[str] | None = None
    ) -> pd.DataFrame:
        """Return the rows of a table whose column holds one of the values, without what publishing fills.

        `columns` names those that are wanted; of touchpoint, judgement and profile_link all are given.
        """
        listed = list(values)
        if table == "touchpoint":
            return self._touchpoints(TABLES[table].c[column], listed)
        if table == "judgement":
            return self._judgements(column, listed)
        names = [name for name in SCHEMAS[table].names if name not in _FILLED]
        if table != "profile_link":
            return self._by(table, column, listed, columns or names)
        found = self._links(listed, names) if column == "contact_id" else self._by(table, column, listed, names)
        found.insert(0, "contact_id", (found["source"] + ":" + found["source_id"]).astype(object))
        return found

    def statuses(self, touchpoint_ids: Iterable[Any]) -> pd.DataFrame:
        """Return touchpoint_id, status of those of the touchpoints that have a status."""
        has_one = TABLES["touchpoint"].c.status.is_not(None)
        return self._by("touchpoint", "touchpoint_id", list(touchpoint_ids), ["touchpoint_id", "status"], has_one)

    def identified(self, values: pd.DataFrame) -> pd.DataFrame:
        """Return the rows of `touchpoint` that name one of the identifiers; `values`: type, value."""
        own = TABLES["touchpoint"].c
        parts = [self._touchpoints(own.identifier, [])]
        for kind, some in values.groupby("type"):
            condition = own.identifier_type == kind
            parts.append(self._touchpoints(own.identifier, some["value"].tolist(), condition))
        return join_rows(parts)

    def identifiers(self, values: pd.DataFrame) -> pd.DataFrame:
        """Return the rows of `profile_identifier` of all customers that have one of the identifiers: type, value."""
        table = "profile_identifier"
        names = [name for name in SCHEMAS[table].names if name not in _FILLED]
        parts = [self._by(table, "value", [], names)]
        for kind, some in values.groupby("type"):
            condition = TABLES[table].c.type == kind
            parts.append(self._by(table, "value", some["value"].tolist(), names, condition))
        return join_rows(parts)

    def holders(self, values: pd.DataFrame, inside: Iterable[str]) -> pd.DataFrame:
        """Return type, value, first, last: smallest and largest golden_id outside `inside` that has each identifier."""
        rows = TABLES["profile_identifier"]
        listed = list(inside)
        parts = [pd.DataFrame({name: [] for name in ("type", "value", "first", "last")}, dtype=object)]
        for kind, some in values.groupby("type"):
            for part in _cut(some["value"].tolist()):
                own = sa.select(rows.c.value, rows.c.golden_id).where(rows.c.type == kind)
                own = own.where(among(self._conn, rows.c.value, part))
                parts.append(self._ends(str(kind), own.distinct().subquery(), listed))
        found = join_rows(parts)
        return values[["type", "value"]].merge(found, how="left", on=["type", "value"]).astype(object)

    def _ends(self, kind: str, own: sa.Subquery, inside: list[str]) -> pd.DataFrame:
        """Return the first and the last holder of each value beyond those inside."""
        beyond = sa.not_(among(self._conn, own.c.golden_id, inside))
        query = sa.select(own.c.value, sa.func.min(own.c.golden_id), sa.func.max(own.c.golden_id))
        found = self._conn.execute(query.where(beyond).group_by(own.c.value)).all()
        columns = list(zip(*found, strict=True)) or [(), (), ()]
        frame = {"type": kind, "value": columns[0], "first": columns[1], "last": columns[2]}
        return pd.DataFrame(frame, dtype=object)

    def _by(
        self,
        table: str,
        column: str,
        values: list[Any],
        names: Sequence[str],
        where: sa.ColumnElement[bool] | None = None,
    ) -> pd.DataFrame:
        """Return columns of the rows whose column holds one of the values."""
        target = TABLES[table]
        kinds = {c.name: c for c in SCHEMAS[table].columns}
        if not values:  # a question without an answer may cost a walk through the whole table
            return cells.decode([], [kinds[n] for n in names])
        parts = []
        for part in _cut(values):
            condition = among(self._conn, target.c[column], part)
            condition = condition if where is None else sa.and_(condition, where)
            query = sa.select(*(stored(target.c[n]) for n in names)).where(in_place(self._conn, target, condition))
            parts.append(fetch(self._conn, query, [kinds[n] for n in names]))
        return join_rows(parts)

    def _links(self, ids: list[str], names: Sequence[str]) -> pd.DataFrame:
        """Return profile_link of contacts."""
        by_source: dict[str, list[str]] = {}
        for one in ids:
            source, _, source_id = one.partition(":")
            by_source.setdefault(source, []).append(source_id)
        parts = [self._by("profile_link", "source_id", [], names)]
        for source, some in by_source.items():
            condition = TABLES["profile_link"].c.source == source
            parts.append(self._by("profile_link", "source_id", some, names, condition))
        return join_rows(parts)

    def _judgements(self, column: str, ids: list[str]) -> pd.DataFrame:
        """Return JUDGEMENTS of contacts, the newest of each pair; either of them may stand left in the table."""
        names = [name for name in SCHEMAS["judgement"].names if name != "run_id"]
        every = join_rows([self._by("judgement", side, ids, names) for side in ("contact_id_l", "contact_id_r")])
        newest = newest_of(every)
        return newest[newest[column].isin(ids)].reset_index(drop=True)

    def _touchpoints(
        self, column: sa.ColumnElement[Any], values: list[Any], where: sa.ColumnElement[bool] | None = None
    ) -> pd.DataFrame:
        """Return TOUCHPOINTS whose column holds one of the values."""
        parts = []
        for part in _cut(values):
            condition = among(self._conn, column, part) if part else sa.false()
            parts.append(load_touchpoints(self._conn, condition if where is None else sa.and_(condition, where)))
        return join_rows(parts)


def _texts(rows: list[tuple[Any, ...]], columns: Sequence[str]) -> pa.Table:
    """Return rows (contact_id, body) as a table of texts."""
    ids, bodies = zip(*rows, strict=True) if rows else ((), ())
    return read_bodies(bodies, columns).append_column("contact_id", pa.array(ids, pa.string()))


def _cut(values: list[Any]) -> list[list[Any]]:
    """Return the values in lists of bounded length, one at least."""
    return [values[at : at + _AT_ONCE] for at in range(0, len(values), _AT_ONCE)] or [[]]
