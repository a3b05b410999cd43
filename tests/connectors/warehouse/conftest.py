"""A warehouse per test: a SQLite file, or a database on a real PostgreSQL that starts once."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

from connectors.warehouse.dialects import open_engine
from connectors.warehouse.versions import create_tables

AT = pd.Timestamp("2026-11-02 03:04:05.678901", tz="UTC")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of an empty warehouse, once per kind of database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'meibo.db'}"
    make: Any = request.getfixturevalue("postgres")
    return str(make())


@pytest.fixture
def engine(url: str) -> Iterator[sa.Engine]:
    """Yield an engine on a warehouse whose tables exist."""
    engine = open_engine(url)
    with engine.begin() as conn:
        create_tables(conn, AT)
    yield engine
    engine.dispose()


@pytest.fixture
def server_default(engine: sa.Engine) -> Callable[[str, str], None]:
    """Return a function that sets what sessions of the database begin with; skip where there are no sessions."""
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite has no sessions")

    def change(setting: str, value: str) -> None:
        with engine.begin() as conn:
            name = conn.scalar(sa.text("SELECT current_database()"))
            conn.execute(sa.text(f"ALTER DATABASE {name} SET {setting} = '{value}'"))

    return change


Dump = Callable[[], dict[str, list[tuple[Any, ...]]]]


@pytest.fixture
def dump(engine: sa.Engine) -> Dump:
    """Return a function that reads every row of every table, to compare the warehouse before and after."""

    def read() -> dict[str, list[tuple[Any, ...]]]:
        with engine.connect() as conn:
            names = sorted(sa.inspect(conn).get_table_names())
            rows = {n: [tuple(r) for r in conn.execute(sa.text(f'SELECT * FROM "{n}"'))] for n in names}
        return {name: sorted(found, key=repr) for name, found in rows.items()}

    return read
