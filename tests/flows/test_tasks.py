"""The stages as Prefect tasks: what is repeated, what is left on the server, and that a failure says why."""

import sqlite3
import traceback
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import make_url

from flows.environment import set_prefect_defaults

set_prefect_defaults()

from prefect.client.orchestration import get_client  # noqa: E402
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey  # noqa: E402
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings  # noqa: E402
from prefect.testing.utilities import prefect_test_harness  # noqa: E402

from flows import nightly, tasks  # noqa: E402
from flows.backfill_flow import BackfillParameters, backfill  # noqa: E402
from flows.intake import extract  # noqa: E402
from flows.night import PLAIN  # noqa: E402
from flows.nightly import NightlyParameters  # noqa: E402
from flows.tasks import asset_key, tasks_for  # noqa: E402
from resolve.errors import GateError, MeiboError, SchemaError, SourceError  # noqa: E402

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # of the temporary server
    pytest.mark.xdist_group("tasks"),  # one worker starts it for all
]
READ_STREAM = extract._read_stream


@pytest.fixture(scope="module", autouse=True)
def server() -> Iterator[None]:
    """A temporary server for the module."""
    with (
        prefect_test_harness(server_startup_timeout=180),
        temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}),
    ):
        yield


def artifact(key: str) -> Any:
    """Return the newest artifact of a key."""
    with get_client(sync_client=True) as client:
        found = client.read_artifacts(artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=[key])))
    return max(found, key=lambda a: a.created).data


def run(project: Any, **parameters: Any) -> dict[str, Any]:
    """Run the flow on a small project."""
    return nightly.nightly(NightlyParameters(config=project.config, quiet=True, workers=1, **parameters))


class Flaky:
    """Reads a stream of a source that fails at its second page, as often as it is told to."""

    def __init__(self, times: int, *, is_transient: bool) -> None:
        self.left = times
        self.calls = 0
        self._is_transient = is_transient
        self._read = READ_STREAM

    def __call__(self, run: Any, source: Any, reading: Any, apart: Any) -> None:
        """Read a stream, or fail after it has landed."""
        if reading.source != "sales" or reading.stream != "contacts":
            return self._read(run, source, reading, apart)
        self.calls += 1
        self._read(run, source, reading, apart)
        if self.left:
            self.left -= 1
            raise SourceError("sales", "the line is down", is_transient=self._is_transient)
        return None


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Repeat without waiting."""
    monkeypatch.setattr(nightly, "tasks_for", lambda url: tasks_for(url, delays=(0, 0)))


def test_a_source_that_comes_back_is_read_again_and_counts_once(
    small: Any, at_once: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two failures, then all is well: nothing is missing, rows already landed are not read twice, no failure is told."""
    flaky = Flaky(2, is_transient=True)
    monkeypatch.setattr(extract, "_read_stream", flaky)
    facts = run(small)
    assert flaky.calls == 3
    assert facts["status"] == "succeeded"
    assert facts["failures"] == []
    by_stream = {(row["source"], row["stream"]): row for row in facts["sources"]}
    assert by_stream["sales", "contacts"]["read"] == by_stream["sales", "contacts"]["new"] == 60
    assert by_stream["support", "contacts"]["new"] == 20


def test_a_source_that_stays_down_is_left_out_and_a_wrong_one_is_asked_once(
    small: Any, at_once: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three attempts for a broken line, one for what no repeat can help; the others are published either way."""
    for is_transient, calls in ((True, 3), (False, 1)):
        flaky = Flaky(9, is_transient=is_transient)
        monkeypatch.setattr(extract, "_read_stream", flaky)
        facts = run(small)
        assert flaky.calls == calls
        assert facts["status"] == "partial"
        assert facts["failures"] == ["source sales: the line is down"]


def test_a_run_leaves_its_report_its_sources_and_the_golden_table(small: Any) -> None:
    """Artifacts meibo-run and meibo-sources, one row a stream; the log has each stream's rows."""
    facts = run(small)
    assert facts["run_id"] in artifact("meibo-run")
    rows = artifact("meibo-sources")
    assert '"read": 60' in rows
    assert rows.count('"source"') == 3


def test_a_stopped_run_says_what_tripped_and_how_to_accept_it(small: Any) -> None:
    """The flow fails with the gate's words, which also stand in the artifact; accepted by name, it runs."""
    small.config.write_text(small.config.read_text("utf-8") + "\ngates: {floor: 2}\n", "utf-8")
    run(small)
    del small.sales[20:]
    small.config.write_text(
        small.config.read_text("utf-8").replace(
            "path: sales.csv", "path: sales.csv\n        snapshot: true\n        max_gone_rate: 1"
        )
    )
    small.write()
    with pytest.raises(GateError):
        run(small)
    assert "--accept-gate" in artifact("meibo-run")
    assert run(small, accept_gates=["all"])["status"] == "succeeded"


@pytest.mark.parametrize("is_ours", [True, False])
def test_no_value_of_a_row_reaches_the_server(small: Any, monkeypatch: pytest.MonkeyPatch, is_ours: bool) -> None:
    """What Prefect keeps of an unforeseen error, or logs of all that led to one, has its kind and place alone."""

    def broken(*_: Any) -> Any:
        try:
            return float("山田太郎")
        except ValueError as error:
            if is_ours:
                raise SchemaError("contact", "holds values that are no number") from error
            raise

    monkeypatch.setattr(tasks, "PLAIN", replace(PLAIN, resolve=broken))
    with pytest.raises(MeiboError) as caught:
        run(small)
    with get_client(sync_client=True) as client:
        ran = max(client.read_flow_runs(), key=lambda one: one.created)
        said = [ran.state, *(task.state for task in client.read_task_runs() if task.flow_run_id == ran.id)]
    told = "".join([*(str(state.message) for state in said), *traceback.format_exception(caught.value)])
    assert "山田" not in told
    assert ("are no number" if is_ours else "ValueError") in told
    assert "山田" in "".join(traceback.format_exception(caught.value.hidden))
    assert "山田" not in str(small.table("run_manifest")["message"].tolist())


def test_a_server_that_is_lost_is_no_mistake_of_ours(small: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error of the connection comes out of the flow as it is: the command tells what became of the run."""

    def lost(*_: Any, **__: Any) -> Any:
        raise httpx.ConnectError("nobody answers")

    monkeypatch.setattr(nightly, "run_night", lost)
    with pytest.raises(httpx.ConnectError):
        run(small)


def test_a_backfill_is_a_flow_as_well(small: Any) -> None:
    """On demand, with the parameters of the command line; everything resolved anew changes nothing."""
    run(small)
    rebuilt = backfill(BackfillParameters(config=small.config, quiet=True, workers=1, rebuild=True))
    assert rebuilt["kind"] == "backfill"
    assert not rebuilt["pending"]
    assert rebuilt["run_id"] in artifact("meibo-run")


def test_the_lengths_and_times_of_a_backfill_are_read_as_on_the_command_line() -> None:
    """`12h` is half a day; a time without an offset is local; a length without a unit is refused."""
    told = BackfillParameters.model_validate({"chunk": "12h", "since": "2026-10-01T00:00:00"}).in_zone("Asia/Tokyo")
    assert told.chunk == timedelta(hours=12)
    assert told.since == datetime(2026, 9, 30, 15, tzinfo=UTC)
    with pytest.raises(ValueError, match="a number and a unit"):
        BackfillParameters.model_validate({"chunk": "soon"})


def test_parameters_are_checked_before_a_run_begins() -> None:
    """An unknown gate is refused, with the names that there are."""
    with pytest.raises(ValueError, match=r"did you mean merged_profiles\?"):
        NightlyParameters(accept_gates=["merged_profile"])


def test_the_address_of_the_golden_table_never_has_a_password() -> None:
    """Host, database and table only, in characters that Prefect takes."""
    assert (
        asset_key(make_url("postgresql+psycopg://me:pw@db.example.com:5433/crm"))
        == "postgres://db.example.com:5433/crm/golden_profile"
    )
    assert asset_key(make_url("sqlite:////srv/my data/meibo.db")) == "sqlite:///srv/my_data/meibo.db/golden_profile"
    assert tasks.tasks_for(make_url("sqlite://")).publish.assets[0].key == "sqlite:///memory/golden_profile"


def test_a_table_that_is_not_there_fails_its_source_alone(small: Any, tmp_path: Path) -> None:
    """The message names it; without a delay, because no repeat would help."""
    base = tmp_path / "crm.db"
    with sqlite3.connect(base) as conn:
        conn.execute("CREATE TABLE person (id TEXT, name TEXT)")
    text = small.config.read_text("utf-8")
    small.config.write_text(text.replace("path: support.csv", f"url: sqlite:///{base}\n        table: nobody"), "utf-8")
    facts = run(small)
    assert "there is no table nobody" in facts["failures"][0]
