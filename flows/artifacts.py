"""What a run leaves on the Prefect server: its report as a page, its sources as a table, its progress as log lines."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from prefect import get_run_logger
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.exceptions import MissingContextError

from flows.reports.report import to_markdown
from resolve.errors import ConfigError, GateError, MeiboError


def leave_artifacts(facts: dict[str, Any]) -> None:
    """Leave the report (`meibo-run`) and the sources (`meibo-sources`) of a run that ended well."""
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


def leave_failure(error: MeiboError) -> None:
    """Leave why a run failed, and what to do."""
    messages = [str(error)]
    if isinstance(error, ConfigError):
        messages = error.mistakes
    elif isinstance(error, GateError):
        messages = error.tripped
    lines = ["# The run failed; the published tables are as before", "", *(f"- {message}" for message in messages)]
    create_markdown_artifact(markdown="\n".join(lines) + "\n", key="meibo-run", description="Why the run failed")
