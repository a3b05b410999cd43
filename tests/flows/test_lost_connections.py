"""A PostgreSQL server that ends sessions in a night: a clear end, nothing half published, and the next night does it."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import flows.publishing.publish as publish_stage
from connectors.warehouse import bulk
from flows.night import PLAIN
from flows.project import open_project
from resolve.errors import WarehouseError

pytestmark = pytest.mark.postgres
OTHERS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
END = f"SELECT pg_terminate_backend(pid) {OTHERS}"


@pytest.fixture
def project(postgres: Callable[[], str], build: Callable[..., Any], tmp_path: Path) -> Any:
    """A small project on PostgreSQL."""
    return build(tmp_path / "project", postgres())


def set_for_database(project: Any, setting: str) -> None:
    """Set what every new session of the project's database has."""
    engine = open_project(project.config).engine
    with engine.begin() as conn:
        name = conn.scalar(sa.text("SELECT current_database()"))
        conn.execute(sa.text(f"ALTER DATABASE {name} SET {setting}"))
    engine.dispose()


def test_sessions_that_end_before_publishing_are_told(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the tables of a first night are on their way already, on a session that ended with the others."""
    monkeypatch.setattr(bulk, "FILE_ROWS", 1)

    def publish(*done: Any) -> Any:
        project.execute(END)
        return PLAIN.publish(*done)

    with pytest.raises(WarehouseError, match="lock was lost"):
        project.run(publish=publish)
    assert project.run()["status"] == "succeeded"
    assert project.statuses() == ["failed", "succeeded"]


def test_a_lock_that_is_lost_while_tables_are_written_stops_the_publish(
    project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another run may hold the warehouse by then: nothing is committed without the lock."""
    close = publish_stage.close_books

    def lose(conn: sa.Connection, *rest: Any) -> str:
        conn.execute(sa.text(f"{END} AND pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory')"))
        return close(conn, *rest)

    monkeypatch.setattr(publish_stage, "close_books", lose)
    with pytest.raises(WarehouseError, match="lock was lost"):
        project.run()
    assert project.table("golden_profile").empty
    monkeypatch.undo()
    assert project.run()["status"] == "succeeded"


@pytest.mark.parametrize("setting", ["idle_in_transaction_session_timeout", "transaction_timeout"])
def test_a_dry_run_may_take_longer_than_the_server_lets_others(project: Any, setting: str) -> None:
    """All of it is one transaction, in which the run computes for minutes."""
    set_for_database(project, f"{setting} = '200ms'")

    def prepare(*done: Any) -> Any:
        time.sleep(0.6)
        return PLAIN.prepare(*done)

    assert project.run(dry_run=True, prepare=prepare)["dry_run"]
