"""A real Prefect server and a process worker: as the README deploys it, on schedule, refused, stopped and killed."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

import flows
from connectors.warehouse.dialects import open_engine
from connectors.warehouse.lock import is_held
from flows.project import load_project_settings

pytestmark = pytest.mark.slow
BIN = Path(sys.executable).parent
PATIENCE = 600  # seconds; a busy machine may need minutes to start a process
Build = Callable[[Path], Any]


def wait_for(what: Callable[[], Any], why: str, every: float = 0.2) -> Any:
    """Return what `what` gives as soon as that is something, asked every so many seconds."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        found = what()
        if found:
            return found
        time.sleep(every)
    raise AssertionError(why)


class Server:
    """A Prefect server and a worker of this test alone, with the project that it runs."""

    def __init__(self, folder: Path, project: Any) -> None:
        self.folder, self.project = folder, project
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}/api"
        self._env = os.environ | {
            "PREFECT_HOME": str(folder / "prefect"),
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "DO_NOT_TRACK": "1",
            "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "3",
            "PREFECT_WORKER_QUERY_SECONDS": "2",
            "NO_COLOR": "1",
            "COLUMNS": "200",
        }
        self._env.pop("PREFECT_LOGGING_LEVEL", None)
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self, *command: str, named: bool = True) -> None:
        """Start a process that stays; its output goes to a file."""
        env = self._env | ({"PREFECT_API_URL": self.address} if named else {})
        with (self.folder / f"{command[1]}.log").open("w") as log:
            self._processes.append(
                subprocess.Popen(
                    [str(BIN / command[0]), *command[1:]], env=env, cwd=self.folder, stdout=log, stderr=log
                )
            )

    def do(self, *command: str, named: bool = True, **environ: str) -> "subprocess.CompletedProcess[str]":
        """Run a command to its end, in the project's folder."""
        env = self._env | ({"PREFECT_API_URL": self.address} if named else {}) | environ
        return subprocess.run(
            [str(BIN / command[0]), *command[1:]], env=env, cwd=self.project.folder, capture_output=True, text=True,
            timeout=PATIENCE, check=False,
        )  # fmt: skip

    def log_of(self, command: str) -> str:
        """Return what a process that stays has said."""
        return (self.folder / f"{command}.log").read_text("utf-8")

    def ask(self, path: str, **body: Any) -> Any:
        """Ask the server's API."""

        def answer() -> httpx.Response | None:  # 503 while the server's own database is locked
            found = httpx.post(f"{self.address}/{path}", json=body, timeout=PATIENCE)
            return None if found.status_code == httpx.codes.SERVICE_UNAVAILABLE else found.raise_for_status()

        return wait_for(answer, f"{path}: the server stayed busy").json()

    def is_up(self) -> bool:
        """Return whether the server answers."""
        try:
            return httpx.get(f"{self.address}/health", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def trigger(self) -> str:
        """Start a run of the deployment now; return its id."""
        deployment = (
            httpx.get(f"{self.address}/deployments/name/nightly/meibo", timeout=PATIENCE).raise_for_status().json()
        )
        return str(self.ask(f"deployments/{deployment['id']}/create_flow_run", state={"type": "SCHEDULED"})["id"])

    def state(self, run_id: str) -> dict[str, Any]:
        """Return the state of a run."""
        return dict(
            httpx.get(f"{self.address}/flow_runs/{run_id}", timeout=PATIENCE).raise_for_status().json()["state"]
        )

    def end_of(self, run_id: str) -> dict[str, Any]:
        """Return the state that a run ends in."""
        ends = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
        return dict(wait_for(lambda: (s := self.state(run_id))["type"] in ends and s, f"{run_id} did not end"))

    def process_of(self, run_id: str) -> int | None:
        """Return the process that works on a run: the one that holds the lock, among those with its id."""
        for entry in Path("/proc").iterdir():
            try:
                told = (entry / "environ").read_bytes() if entry.name.isdigit() else b""
            except OSError:
                continue
            if f"PREFECT__FLOW_RUN_ID={run_id}".encode() in told:
                return int(entry.name)
        return None

    def is_locked(self) -> bool:
        """Return whether a run holds the warehouse."""
        engine = open_engine(load_project_settings(self.project.config).warehouse)
        try:
            return is_held(engine)
        finally:
            engine.dispose()

    def seize(self) -> tuple[str, int]:
        """Start a run and stop its process in the middle, which is not far from its end; return its id and process."""
        run_id = self.trigger()
        process: int = wait_for(lambda: self.process_of(run_id), "no process began")
        with closing(sqlite3.connect(self.project.folder / "meibo.db")) as conn:
            running = "SELECT 1 FROM run_manifest WHERE status = 'running'"
            wait_for(lambda: conn.execute(running).fetchone(), "no run began", every=0.005)
            os.kill(process, signal.SIGSTOP)
            assert conn.execute(running).fetchone()
        assert self.is_locked()
        return run_id, process

    def stop_last(self) -> None:
        """Kill what was started last; sent SIGTERM, a worker may wait for its runs for a minute."""
        process = self._processes.pop()
        process.kill()
        process.wait(PATIENCE)

    def close(self) -> None:
        """Stop worker and server."""
        for process in reversed(self._processes):
            process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()


@pytest.fixture(scope="module")
def server(build: Build, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server, started as the README says."""
    folder = tmp_path_factory.mktemp("server")
    project = build(folder / "project")
    text = project.config.read_text("utf-8")
    project.config.write_text(text + '\nschedule: {cron: "* * * * *", time_zone: Asia/Tokyo}\n', "utf-8")
    running = Server(folder, project)
    running.start("prefect", "server", "start", "--host", "127.0.0.1", "--port", str(running.port))
    try:
        wait_for(running.is_up, "the server did not start")
        yield running
    finally:
        running.close()


def test_deploy_says_what_is_missing(server: Server) -> None:
    """No server named: 2. One that does not answer: 1. No pool: 2, with the command that makes it."""
    nowhere = server.do("meibo", "deploy", named=False)
    assert nowhere.returncode == 2
    assert "no Prefect server is named" in nowhere.stderr
    silent = server.do("meibo", "deploy", PREFECT_API_URL="http://127.0.0.1:9/api", PREFECT_CLIENT_MAX_RETRIES="0")
    assert silent.returncode == 1
    assert "does not answer" in silent.stderr
    poolless = server.do("meibo", "deploy")
    assert poolless.returncode == 2
    assert "prefect work-pool create meibo --type process" in poolless.stderr


def test_a_deployed_night_runs_on_schedule(server: Server) -> None:
    """Pool, deploy, worker, as in the README; the zone is the settings'; the first scheduled run publishes."""
    assert server.do("prefect", "work-pool", "create", "meibo", "--type", "process").returncode == 0
    deployed = server.do("meibo", "deploy")
    assert deployed.returncode == 0, deployed.stderr
    assert "nightly/meibo" in deployed.stdout
    assert "backfill/meibo" in deployed.stdout
    (deployment,) = [d for d in server.ask("deployments/filter") if d["name"] == "meibo" and d["schedules"]]
    (schedule,) = deployment["schedules"]
    assert (schedule["schedule"]["cron"], schedule["schedule"]["timezone"]) == ("* * * * *", "Asia/Tokyo")
    assert deployment["parameters"]["parameters"]["config"] == str(server.project.config)
    server.start("prefect", "worker", "start", "--pool", "meibo", "--type", "process")

    def completed() -> list[Any]:
        runs = server.ask("flow_runs/filter", flow_runs={"state": {"type": {"any_": ["COMPLETED"]}}})
        return [run for run in runs if run["auto_scheduled"]]

    wait_for(completed, "no scheduled run was completed")
    assert len(server.project.table("golden_profile")) == 60
    assert server.ask("artifacts/filter", artifacts={"key": {"any_": ["meibo-run"]}})


def test_the_automation_of_the_runbook_is_taken(server: Server) -> None:
    """The server accepts flows/automations.yaml as it stands."""
    file = Path(flows.__file__).parent / "automations.yaml"
    done = server.do("prefect", "automation", "create", "--from-file", str(file))
    assert done.returncode == 0, done.stdout
    assert "meibo-zombies" in done.stdout


def test_a_schedule_that_changed_is_deployed_again(server: Server) -> None:
    """Runs of the old schedule are gone; from here on nothing starts by itself."""
    text = server.project.config.read_text("utf-8")
    server.project.config.write_text(text.replace("* * * * *", "0 3 1 1 *"), "utf-8")
    assert server.do("meibo", "deploy").returncode == 0
    pending = {"state": {"type": {"any_": ["SCHEDULED", "PENDING", "RUNNING"]}}}
    soon = time.time() + 3600
    wait_for(
        lambda: (
            not [
                run
                for run in server.ask("flow_runs/filter", flow_runs=pending)
                if time.mktime(time.strptime(run["expected_start_time"][:19], "%Y-%m-%dT%H:%M:%S")) < soon
            ]
        ),
        "runs of the old schedule are still waiting",
    )


def test_a_second_run_is_refused_and_a_stopped_one_ends_cleanly(server: Server) -> None:
    """Failed with who holds the warehouse, 75 on the command line; SIGTERM: noted failed, tables as before, lock free."""
    before = server.project.tables()
    server.project.sales.append(server.project.sales[0] | {"id": "S901", "name": "新規 太郎", "mail": "new@example.jp"})
    server.project.write()
    first, process = server.seize()
    try:
        second = server.end_of(server.trigger())
        by_hand = server.do("meibo", "nightly", "--json")
    finally:
        os.kill(process, signal.SIGTERM)
        os.kill(process, signal.SIGCONT)
    assert second["type"] == "FAILED"
    assert "holds the warehouse" in second["message"]
    assert by_hand.returncode == 75
    ended = server.end_of(first)
    assert ended["type"] == "CRASHED", ended["message"]
    wait_for(lambda: not server.is_locked(), "the lock is still held")
    last = server.project.table("run_manifest").sort_values("started_at").iloc[-1]
    assert (last["status"], last["message"]) == ("failed", "stopped by a signal (SIGTERM)")
    after = server.project.tables()
    kept = [name for name in before if name not in ("raw_record", "sync_state")]
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}


def test_a_killed_run_is_seen_and_the_next_one_reads_on(server: Server) -> None:
    """SIGKILL: Crashed on the server, lock free at once; the next run publishes what the killed one had landed."""
    server.project.sales.append(
        server.project.sales[1] | {"id": "S902", "name": "別人 花子", "mail": "other@example.jp"}
    )
    server.project.write()
    killed, process = server.seize()
    os.kill(process, signal.SIGKILL)
    assert server.end_of(killed)["type"] == "CRASHED"
    wait_for(lambda: not server.is_locked(), "the lock is still held")
    assert server.end_of(server.trigger())["type"] == "COMPLETED"
    assert server.project.statuses()[-2:] == ["failed", "succeeded"]
    assert {"S901", "S902"} <= set(server.project.table("profile_link")["source_id"])


def test_serve_goes_on_where_a_worker_was(server: Server) -> None:
    """On a server that knows the deployments `meibo serve` takes them over, and runs them from the installed package."""
    server.stop_last()
    server.start("meibo", "serve", "--config", str(server.project.config))
    wait_for(lambda: "serving" in server.log_of("serve"), "nothing is served")
    ended = server.end_of(server.trigger())
    assert ended["type"] == "COMPLETED", (ended["message"], server.log_of("serve"))
