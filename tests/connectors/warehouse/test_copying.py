"""COPY in the binary format: PostgreSQL reads back what Arrow held."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.warehouse import bulk, copying
from connectors.warehouse.cells import ARROW
from connectors.warehouse.dialects import explained, open_engine
from connectors.warehouse.tables import UtcTime
from resolve.errors import WarehouseError

pytestmark = pytest.mark.postgres

COLUMNS = {
    "text": sa.Text(), "int": sa.BigInteger(), "float": sa.Double(), "bool": sa.Boolean(), "time": UtcTime(),
    "bytes": sa.LargeBinary(),
}  # fmt: skip
KINDS = ARROW | {"bytes": pa.large_binary()}
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "text": st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=30),
    "int": st.integers(-(2**63), 2**63 - 1),
    "float": st.floats(allow_nan=False),
    "bool": st.booleans(),
    "time": st.datetimes(datetime(1700, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    "bytes": st.binary(max_size=30),
}
ROWS = st.lists(st.fixed_dictionaries({name: st.none() | values for name, values in VALUES.items()}), max_size=12)


@pytest.fixture(scope="module")
def conn(postgres: Callable[[], str]) -> Iterator[sa.Connection]:
    """Yield a connection."""
    engine = open_engine(postgres())
    with engine.connect() as conn:
        yield conn
    engine.dispose()


@settings(max_examples=60)
@given(rows=ROWS, cut=st.integers(0, 3))
def test_what_is_copied_is_what_is_read(conn: sa.Connection, rows: list[dict[str, Any]], cut: int) -> None:
    """Every kind of value, nulls, nothing at all, and the rest of a table whose first rows are cut off."""
    table = sa.Table("copied", sa.MetaData(), *(sa.Column(*column) for column in COLUMNS.items()))
    data = pa.table({name: pa.array([row[name] for row in rows], KINDS[name]) for name in KINDS}).slice(cut)
    with conn.begin() as transaction:
        table.create(conn)
        copying.copy_rows(conn, table, data)
        found = [dict(row) for row in conn.execute(sa.select(table)).mappings()]
        transaction.rollback()
    assert found == rows[cut:]


@settings(max_examples=30)
@given(rows=ROWS.filter(bool))
def test_rows_of_a_driver_are_copied_as_they_are(conn: sa.Connection, rows: list[dict[str, Any]]) -> None:
    """They are loaded by way of Arrow: PostgreSQL holds the same."""
    table = sa.Table("copied", sa.MetaData(), *(sa.Column(*column) for column in COLUMNS.items()))
    with conn.begin() as transaction:
        table.create(conn)
        bulk.insert_rows(conn, table, [tuple(row[name] for name in COLUMNS) for row in rows])
        found = [dict(row) for row in conn.execute(sa.select(table)).mappings()]
        transaction.rollback()
    assert found == rows


def test_rows_are_copied_part_by_part(conn: sa.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """The parts follow each other; columns that are not given stay empty."""
    monkeypatch.setattr(copying, "ROWS", 3)
    table = sa.Table("copied", sa.MetaData(), *(sa.Column(*column) for column in COLUMNS.items()))
    with conn.begin() as transaction:
        table.create(conn)
        copying.copy_rows(conn, table, pa.table({"int": pa.array(range(10), pa.int64())}))
        found = conn.execute(sa.select(table.c.int, table.c.text)).all()
        transaction.rollback()
    assert [tuple(row) for row in found] == [(number, None) for number in range(10)]


def test_an_error_of_a_copy_tells_no_values(conn: sa.Connection) -> None:
    """It is an error of the warehouse that names the column, as that of any other statement."""
    table = sa.Table("copied", sa.MetaData(), sa.Column("a", sa.Text()), sa.Column("b", sa.Text(), nullable=False))
    with conn.begin() as transaction:
        table.create(conn)
        with pytest.raises(WarehouseError, match='"b"') as told, explained(conn.engine):
            bulk.insert_rows(conn, table, [("secret", None)])
        transaction.rollback()
    assert "secret" not in str(told.value)
