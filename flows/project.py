"""A project: its settings, the folder they stand in, and transactions on its warehouse."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from sqlalchemy import Connection, Engine, make_url
from sqlalchemy.exc import SQLAlchemyError

from connectors.settings.project import Settings, load_settings
from connectors.warehouse.dialects import claim, close_engine, explained, keep_open, open_engine
from flows.options import DEFAULT_CONFIG
from resolve.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Project:
    """Settings and the engine of their warehouse, whose connections are closed at the end of a `with` block."""

    settings: Settings
    engine: Engine

    def __enter__(self) -> Self:
        """Return the project itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it, however the block ends."""
        self.close()

    def close(self) -> None:
        """Close every connection; the file of a SQLite warehouse then holds everything by itself."""
        close_engine(self.engine)

    @property
    def warehouse(self) -> str:
        """The address of the warehouse as the settings name it, password masked; a dry run may have none there yet."""
        return masked_url(self.settings.warehouse)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection for reading; whatever is written on it is rolled back."""
        with explained(self.engine), self.engine.connect() as conn:
            yield conn
            conn.rollback()


def load_project_settings(config: Path, *, reads_sources: bool = True) -> Settings:
    """Return the settings of a project; raise ConfigError with every mistake, or what to run first."""
    if not config.is_file():
        hint = "run `meibo init` to start a project here, `meibo demo` for a sample one, or name a file with --config"
        where = "no meibo.yaml in this folder" if config == DEFAULT_CONFIG else f"{config}: there is no such file"
        raise ConfigError(f"{where}; {hint}")
    return load_settings(config, os.environ, reads_sources=reads_sources)


def open_project(config: Path, *, create: bool = False) -> Project:
    """Return the project of a settings file with its warehouse reached; raise ConfigError or WarehouseError.

    Without `create`, a warehouse file that is not there yet is an error that says what to run first.
    """
    settings = load_project_settings(config)
    return Project(settings, open_engine(settings.warehouse, create=create))


def open_published(config: Path) -> Project:
    """Return the project to look at what was published: as `open_project`, without the secrets of the sources."""
    settings = load_project_settings(config, reads_sources=False)
    return Project(settings, open_engine(settings.warehouse, create=False))


def open_dry(config: Path) -> Project:
    """Return the project for a run that writes nothing, not even a new warehouse file."""
    settings = load_project_settings(config)
    return Project(settings, open_without_creating(settings))


def open_without_creating(settings: Settings) -> Engine:
    """Return the engine of the warehouse; for a file that is not there yet one in memory, once its folder is tried."""
    url = make_url(settings.warehouse)
    path = Path(str(url.database))
    if url.get_backend_name() != "sqlite" or not url.database or path.exists():
        return open_engine(settings.warehouse)
    if not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        return open_engine(settings.warehouse)  # explains what is wrong with the folder
    return open_engine("sqlite://")


def masked_url(url: str) -> str:
    """Return a database URL without its password."""
    return make_url(url).render_as_string(hide_password=True)


class Transactions:
    """Transactions on a warehouse: each committed at its end; in a dry run all on one connection, rolled back last."""

    def __init__(self, engine: Engine, outer: Connection | None = None) -> None:
        self._engine = engine
        self._outer = outer

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Yield a connection inside a transaction that is committed unless the block raises."""
        with explained(self._engine):
            if self._outer is None:
                with self._engine.begin() as conn:
                    yield conn
            else:
                with self._outer.begin_nested():
                    yield self._outer

    def open(self) -> Connection:
        """Return a connection inside a transaction that `going_on` ends; `leave` it before, and nothing of it stays."""
        with explained(self._engine):
            conn = self._engine.connect()
            conn.begin()
            return conn

    def leave(self, conn: Connection) -> None:
        """Close a connection that `open` returned, also one that is lost: why it was is told by who met it first."""
        with suppress(SQLAlchemyError):
            conn.close()

    @contextmanager
    def going_on(self, conn: Connection) -> Iterator[Connection]:
        """Yield a connection that `open` returned; its transaction is committed unless the block raises."""
        with explained(self._engine):
            try:
                yield conn
            except BaseException:
                with suppress(SQLAlchemyError):  # of a connection that is lost nothing is committed
                    conn.rollback()
                raise
            conn.commit()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Yield as `begin` does, with the right to write already claimed; the tables have to be there."""
        with self.begin() as conn:
            claim(conn)
            yield conn


@contextmanager
def open_transactions(engine: Engine, *, dry_run: bool) -> Iterator[Transactions]:
    """Yield the transactions of a run; with `dry_run` nothing that happened in them stays."""
    if not dry_run:
        yield Transactions(engine)
        return
    with explained(engine), engine.connect() as conn:
        outer = conn.begin()
        keep_open(conn)
        try:
            yield Transactions(engine, conn)
        finally:
            outer.rollback()
