"""One run at a time on one warehouse, by a lock that the operating system frees when the run's process ends."""

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from connectors.warehouse.dialects import explained, masked, sqlite_path
from connectors.warehouse.tables import TABLES
from resolve.errors import LockedError, WarehouseError

GLANCE = 0.25  # seconds; `is_held` of another process may be looking at the lock file at this moment


class Hold:
    """The lock, while it is held."""

    def check(self) -> None:
        """Raise WarehouseError when the lock was lost, say with its connection; call it before committing."""


class _SessionHold(Hold):
    """An advisory lock of a PostgreSQL session."""

    def __init__(self, conn: sa.Connection) -> None:
        self._conn = conn

    def check(self) -> None:
        """Raise WarehouseError when the session that holds the lock is gone."""
        try:
            self._conn.execute(sa.text("SELECT 1"))
        except SQLAlchemyError:
            raise WarehouseError(
                "the connection that held the warehouse's lock was lost. Nothing was published; run again"
            ) from None


@contextmanager
def hold(engine: sa.Engine) -> Iterator[Hold]:
    """Hold the warehouse's lock inside the block; raises LockedError at once when another run holds it.

    SQLite: an exclusive transaction on an empty database `<file>.lock` beside the warehouse. PostgreSQL: a session
    advisory lock (a pooler in transaction mode does not carry it). A warehouse in memory needs none.
    """
    path = _real_path(engine)
    if engine.dialect.name != "sqlite":
        with _hold_session(engine) as held:
            yield held
    elif path is None:
        yield Hold()
    else:
        with _hold_file(engine, path):
            yield Hold()


def is_held(engine: sa.Engine) -> bool:
    """Return whether a run holds the warehouse right now; never takes the lock itself."""
    path = _real_path(engine)
    if engine.dialect.name != "sqlite":
        with explained(engine), engine.connect() as conn:
            key = _key(str(conn.scalar(sa.text("SELECT current_schema()")))) & 0xFFFFFFFFFFFFFFFF
            asked = sa.text(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted "
                "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
                "AND classid = :high AND objid = :low"
            )
            return bool(conn.scalar(asked, {"high": key >> 32, "low": key & 0xFFFFFFFF}))
    beside = path and path.with_name(path.name + ".lock")
    if beside is None or not beside.exists():
        return False
    raw = None
    try:
        raw = sqlite3.connect(beside, timeout=0, isolation_level=None)
        raw.execute("SELECT count(*) FROM sqlite_master")
    except sqlite3.DatabaseError as error:
        if _is_busy(error):
            return True
        raise _unusable(beside, str(error)) from None
    finally:
        if raw is not None:
            raw.close()
    return False


def _real_path(engine: sa.Engine) -> Path | None:
    """Return the file of a SQLite engine with links followed: by whichever way it is reached, the lock is one."""
    path = sqlite_path(engine)
    return path and path.resolve()


@contextmanager
def _hold_file(engine: sa.Engine, warehouse: Path) -> Iterator[None]:
    """Hold an exclusive transaction on the lock file beside the warehouse, which gets the owner and rights of that."""
    raw, path = None, warehouse.with_name(warehouse.name + ".lock")
    try:
        raw = sqlite3.connect(path, timeout=GLANCE, isolation_level=None, check_same_thread=False)
        raw.execute("BEGIN EXCLUSIVE")
    except sqlite3.DatabaseError as error:
        if raw is not None:
            raw.close()
        raise (LockedError(_refusal(engine)) if _is_busy(error) else _unusable(path, str(error))) from None
    try:
        # of a file that it may not write, SQLite takes a reader's lock in its place, and two runs would have it at once
        if not os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
            raise _unusable(path, "it is not writable")
        _give_rights(warehouse, path)
        yield
    finally:
        raw.close()


def _give_rights(warehouse: Path, path: Path) -> None:
    """Let whoever may write the warehouse take its lock, too, as with the files that SQLite puts beside it."""
    with suppress(OSError):  # another one's file stays as it is
        there = warehouse.stat()
        path.chmod(there.st_mode & 0o777)
        os.chown(path, there.st_uid, there.st_gid)


def _is_busy(error: sqlite3.DatabaseError) -> bool:
    """Return whether another process has the lock."""
    return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY


def _unusable(path: Path, reason: str) -> WarehouseError:
    """Return what to do about a lock file that cannot be taken: one of another user, or that something else wrote."""
    hint = "Give this user write access to it and its folder, or delete it while no run is at work: it holds nothing"
    return WarehouseError(f"the lock file {path} cannot be used: {reason}. {hint}")


@contextmanager
def _hold_session(engine: sa.Engine) -> Iterator[Hold]:
    """Hold a session advisory lock on a connection of its own."""
    with explained(engine):
        conn = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    try:
        with explained(engine):
            if (conn.dialect.server_version_info or (0,)) >= (14,):
                conn.execute(sa.text("SET idle_session_timeout = 0"))  # it says nothing for as long as a run takes
            schema = conn.scalar(sa.text("SELECT current_schema()"))
            key = _key(str(schema))
            taken = conn.scalar(sa.select(sa.func.pg_try_advisory_lock(key)))
        if not taken:
            raise LockedError(_refusal(engine))
        yield _SessionHold(conn)
    finally:
        # The server notices the end of a session a moment after it: the lock is given back first, for the next run.
        with suppress(SQLAlchemyError):
            conn.execute(sa.text("SELECT pg_advisory_unlock_all()"))
        with suppress(SQLAlchemyError):
            conn.invalidate()
        conn.close()


def _key(schema: str) -> int:
    """Return the advisory lock's number for a schema of the database."""
    return int.from_bytes(hashlib.blake2b(f"meibo:{schema}".encode(), digest_size=8).digest(), "big", signed=True)


def _refusal(engine: sa.Engine) -> str:
    """Return who holds the warehouse, as far as its manifest says."""
    manifest = TABLES["run_manifest"]
    holder = None
    with suppress(SQLAlchemyError), engine.connect() as conn:
        newest = sa.select(manifest.c.run_id, manifest.c.kind, manifest.c.started_at)
        newest = newest.where(manifest.c.status == "running").order_by(manifest.c.started_at.desc()).limit(1)
        holder = conn.execute(newest).first()
    who = "another run"
    if holder is not None:
        who = f"the {holder.kind} run {holder.run_id}, started {holder.started_at:%Y-%m-%d %H:%M:%S} UTC,"
    return f"{who} holds the warehouse {masked(engine)}. Wait until it has ended, then run again"
