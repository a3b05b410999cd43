"""What a run leaves on the Prefect server: its report as a page, its sources as a table, its progress as log lines."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from httpx import HTTPError
from prefect import get_run_logger
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.exceptions import MissingContextError, PrefectException

from flows import console
from flows.mistakes import hiding_values
from flows.reports.report import to_markdown
from resolve.errors import ConfigError, GateError, MeiboError

SERVER_ERRORS = (PrefectException, HTTPError)  # of a server that is lost, or does not take what it is given


def leave_facts(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return the facts of a run's work, left as artifacts: its report (`meibo-run`), its sources (`meibo-sources`).

    Of a run that fails the reason is left in `meibo-run`, and its error goes on, without the text of an unforeseen one.
    """
    try:
        with hiding_values(but=SERVER_ERRORS):
            facts = work()
    except MeiboError as error:
        _leave_failure(error)
        raise
    _leave_success(facts)
    return facts


def _leave_success(facts: dict[str, Any]) -> None:
    """Leave the artifacts of a run that ended well; a server that does not take them is told, and fails no run."""
    try:
        _leave_report(facts)
    except SERVER_ERRORS as error:
        console.say(
            f"the run ended well, but its artifacts were not left on the Prefect server: {type(error).__name__}"
        )


def _leave_report(facts: dict[str, Any]) -> None:
    """Leave the report and the sources."""
    create_markdown_artifact(markdown=to_markdown(facts), key="meibo-run", description="What the run did")
    rows = [
        {"source": row["source"], "stream": row["stream"], "read": row["read"], "new or changed": row["new"],
         "in quarantine": row["quarantined"], "failure": row["error"] or ""}
        for row in facts["sources"]
    ]  # fmt: skip
    create_table_artifact(table=rows, key="meibo-sources", description="What was read of each source")


def log_line() -> Callable[[str], None] | None:
    """Return what logs a line of progress to the run; None outside of one."""
    with suppress(MissingContextError):
        return get_run_logger().info
    return None


def _leave_failure(error: MeiboError) -> None:
    """Leave why a run failed, and what to do; the error is the one to show where the server does not take it."""
    messages = [str(error)]
    if isinstance(error, ConfigError):
        messages = error.mistakes
    elif isinstance(error, GateError):
        messages = error.tripped
    lines = ["# The run failed; the published tables are as before", "", *(f"- {message}" for message in messages)]
    with suppress(*SERVER_ERRORS):
        create_markdown_artifact(markdown="\n".join(lines) + "\n", key="meibo-run", description="Why the run failed")
