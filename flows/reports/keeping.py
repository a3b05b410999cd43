"""Every run leaves its facts in the warehouse, however it ends, and a page where the settings name one."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from connectors.warehouse.runs import load_runs, save_report
from flows import console
from flows.reports.page import write_page
from flows.reports.report import describe_failure
from flows.reports.runs import read_run
from flows.run import Run
from resolve.errors import MeiboError


def keep_facts(run: Run, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return the facts of a run's work, kept in the table run_report; those of a failure are kept before it goes on.

    A dry run keeps nothing. What was published stays published whatever becomes of the report.
    """
    try:
        facts = work()
    except BaseException as error:
        with suppress(MeiboError):  # the warehouse is what failed: the first error is the one to show
            _keep(run, describe_failure(run, error))
        raise
    try:
        _keep(run, facts)
    except MeiboError as error:  # no failure of the run: its tables are there
        console.say(f"the run is published, but its report could not be kept: {error}")
    return facts


def _keep(run: Run, facts: dict[str, Any]) -> None:
    """Store the facts, and write the page."""
    if run.dry_run:
        return
    with run.transactions.writing() as conn:
        save_report(conn, run.run_id, facts)
    page = run.settings.publish.report
    if page is None:
        return
    try:
        with run.transactions.begin() as conn:
            # a run that failed is noted as such a moment later
            row = load_runs(conn, 1, run.run_id)[0] | {"status": facts["status"]}
            write_page(conn, read_run(conn, row), page)
    except MeiboError as error:  # what was published stays published
        console.say(f"the report was not written: {error}")
