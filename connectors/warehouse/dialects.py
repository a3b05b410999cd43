"""One engine per warehouse URL: SQLite in WAL mode or PostgreSQL, and errors that say what to do next."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import StaticPool

from connectors.warehouse.reasons import reason_of
from resolve.errors import ConfigError, WarehouseError

BUSY_SECONDS = 60  # how long a writer waits for another writer, say a person's judgement during a publish
CONNECT_SECONDS = 10
PATIENCE = 1.0  # seconds
PAGE_BYTES = 4_096  # a night reads and writes rows that stand apart; 8,192 load a first run's a sixth faster
PAGE_CACHE_KIB = 98_304  # more is no quicker: neither loads nor look-ups come back to most pages
# Whatever server and role have as defaults: nobody waits for a lock longer than in SQLite, and the driver reads times.
# Compiling a statement takes longer than ours run: look-ups of ids that were just staged, whose number is misjudged.
SESSION = f"-c timezone=UTC -c datestyle=ISO -c lock_timeout={BUSY_SECONDS}s -c jit=off"
LOG_PAGES = 40_000  # of the log, until it is copied into the file: pages of landing are written again and again


def open_engine(url: str, *, create: bool = True) -> sa.Engine:
    """Return an engine for the warehouse at `url` that has been reached once.

    `create=False` refuses to make a new SQLite file. Raises ConfigError for a URL that cannot be understood,
    WarehouseError when the warehouse cannot be reached or written; passwords are masked in both.
    """
    target = _parse(url)
    on_sqlite = target.get_backend_name() == "sqlite"
    engine = _open_sqlite(target, create) if on_sqlite else _open_postgresql(target)
    with explained(engine), engine.connect() as conn:
        conn.execute(sa.text("SELECT 1"))
        _refuse_encoding(conn)
    return engine


def _refuse_encoding(conn: sa.Connection) -> None:
    """Raise WarehouseError for a database of PostgreSQL that cannot hold the text of every language."""
    if conn.dialect.name != "postgresql":
        return
    name, encoding = conn.execute(sa.text("SELECT current_database(), current_setting('server_encoding')")).one()
    if encoding != "UTF8":
        raise WarehouseError(
            f"the database {name} is encoded in {encoding}: names in other scripts would be refused, or damaged. "
            "Create one with CREATE DATABASE meibo ENCODING 'UTF8' TEMPLATE template0, and name it in `warehouse`"
        )


def close_engine(engine: sa.Engine) -> None:
    """Close the connections of an engine; a SQLite file then holds everything by itself, for whoever copies it alone.

    Where somebody else reads it or writes to it at that moment, the last of them brings the log into the file.
    """
    if sqlite_path(engine) is not None:
        with suppress(SQLAlchemyError), engine.connect() as conn:  # whoever may only read has written nothing either
            raw: Any = conn.connection.driver_connection
            raw.execute("PRAGMA busy_timeout = 0")  # nobody is waited for
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    engine.dispose()


def sqlite_path(engine: sa.Engine) -> Path | None:
    """Return the file of a SQLite engine; None for one in memory and for other databases."""
    name = engine.url.database
    if engine.dialect.name != "sqlite" or not name or name == ":memory:":
        return None
    return Path(name)


def masked(engine: sa.Engine) -> str:
    """Return the warehouse's URL without its password."""
    return engine.url.render_as_string(hide_password=True)


def claim(conn: sa.Connection) -> None:
    """Make this transaction the writer before its first read; waits for another writer.

    SQLite cannot turn a reader into the writer once someone else has written. PostgreSQL needs nothing.
    """
    if conn.dialect.name == "sqlite":
        conn.execute(sa.text("UPDATE meibo_schema SET version = version"))


def need_no_sync(conn: sa.Connection) -> None:
    """Let PostgreSQL's commit of this transaction not wait for the disk, as that of SQLite in WAL mode does not.

    For what can be read once more: should the server crash within a second, the transaction is lost as a whole. The
    next commit that does wait, such as a publish, makes sure of it.
    """
    if conn.dialect.name == "postgresql":
        conn.exec_driver_sql("SET LOCAL synchronous_commit = off")


def keep_open(conn: sa.Connection) -> None:
    """Let PostgreSQL not end this transaction, however long the run computes between two of its statements."""
    if conn.dialect.name == "postgresql":
        conn.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
        if (conn.dialect.server_version_info or (0,)) >= (17,):
            conn.exec_driver_sql("SET LOCAL transaction_timeout = 0")


@contextmanager
def explained(engine: sa.Engine) -> Iterator[None]:
    """Turn database errors raised inside into WarehouseError: what, where, what next; never values of rows."""
    try:
        yield
    except DBAPIError as error:
        raise WarehouseError(f"warehouse {masked(engine)}: {reason_of(error)}") from _without_rows(error)
    except SQLAlchemyError as error:
        raise WarehouseError(f"warehouse {masked(engine)}: {type(error).__name__}") from error


def _without_rows(error: DBAPIError) -> DBAPIError | None:
    """Return the error, None where the server shows a row in it: logs of Prefect have causes, too."""
    diag = getattr(error.orig, "diag", None)
    shows = diag is not None and (diag.message_detail or diag.context)
    return None if shows else error


def _parse(url: str) -> URL:
    """Return the parsed URL with the driver we use; raises ConfigError."""
    try:
        target = make_url(url)
        backend = target.get_backend_name()
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise ConfigError(
            "warehouse: this is no database URL. Write sqlite:///meibo.db or postgresql://user@host/database"
        ) from None
    if backend == "sqlite":
        return target.set(drivername="sqlite")
    if backend in ("postgresql", "postgres"):
        return target.set(drivername="postgresql+psycopg")
    raise ConfigError(f"warehouse: {backend} is not supported. Use sqlite:///… or postgresql://…")


def _open_sqlite(url: URL, create: bool) -> sa.Engine:
    """Return an engine on a SQLite file whose transactions hold for every statement, DDL included."""
    in_memory = url.database in (None, "", ":memory:")
    if not in_memory:
        _check_file(Path(str(url.database)), create)
        _refuse_nothing(Path(str(url.database)))
        _make_private(Path(str(url.database)))
    options: dict[str, Any] = {"poolclass": StaticPool} if in_memory else {}
    arguments = {"timeout": BUSY_SECONDS, "check_same_thread": False}
    engine = sa.create_engine(url, connect_args=arguments, hide_parameters=True, **options)

    @sa.event.listens_for(engine, "connect")
    def _prepare(raw: Any, _record: Any) -> None:
        raw.isolation_level = None  # the driver opens no transactions of its own; "begin" below does
        for pragma in (
            f"page_size = {PAGE_BYTES}",  # of a new file
            "journal_mode = WAL",
            "synchronous = NORMAL",
            "foreign_keys = ON",
            f"cache_size = -{PAGE_CACHE_KIB}",
            f"wal_autocheckpoint = {LOG_PAGES}",
        ):
            raw.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(conn: sa.Connection) -> None:
        conn.exec_driver_sql("BEGIN")

    return engine


def _check_file(path: Path, create: bool) -> None:
    """Raise WarehouseError when the SQLite file cannot be opened for writing."""
    folder = path.absolute().parent
    if not folder.is_dir():
        raise WarehouseError(f"warehouse {path}: the folder {folder} does not exist. Create it, or change `warehouse`")
    if path.is_dir():
        raise WarehouseError(f"warehouse {path} is a folder. Name a file in it, such as {path / 'meibo.db'}")
    if not path.exists() and not create:
        raise WarehouseError(f"there is no warehouse at {path} yet. Run `meibo nightly` first")
    checked = [folder, *(p for p in (path,) if p.exists())]
    blocked = next((p for p in checked if not os.access(p, os.W_OK)), None)
    if blocked is not None:
        raise WarehouseError(
            f"warehouse {path}: {blocked} is not writable. Give this user write access, or change `warehouse`"
        )


def _refuse_nothing(path: Path) -> None:
    """Raise WarehouseError for a file of no bytes: a copy that went wrong would be taken for a new warehouse.

    One that another process has just made gets its first page within a moment.
    """
    until = monotonic() + PATIENCE
    while path.is_file() and not path.stat().st_size:
        if monotonic() > until:
            raise WarehouseError(
                f"warehouse {path}: the file has no bytes. Restore it from a backup; where there was no warehouse yet, "
                "delete it, and run again"
            )
        sleep(PATIENCE / 20)


def _make_private(path: Path) -> None:
    """Make a new SQLite file for its owner alone: it will hold personal data. What stands beside it has its rights."""
    with suppress(OSError):  # it is there, or SQLite says why not
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def _open_postgresql(url: URL) -> sa.Engine:
    """Return an engine on PostgreSQL with sessions in UTC; of the URL's own options each counts as it stands there."""
    arguments = {"connect_timeout": CONNECT_SECONDS, "application_name": "meibo"}
    arguments |= {"keepalives": 1, "keepalives_idle": 30}
    kept = {name: value for name, value in arguments.items() if name not in url.query}
    kept["client_encoding"] = "utf8"  # of a database without an encoding the driver would give bytes
    kept["options"] = " ".join([SESSION, *url.normalized_query.get("options", ())])
    try:
        return sa.create_engine(url, connect_args=kept, hide_parameters=True, pool_pre_ping=True)
    except ModuleNotFoundError:
        raise WarehouseError(
            "the PostgreSQL driver is not installed. Install Meibo with its extra for PostgreSQL: meibo[postgres]"
        ) from None
