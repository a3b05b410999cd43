"""Are the tables of the last run still there? What of them was emptied stops a run, or has everything resolved anew."""

from sqlalchemy import Connection

from connectors.warehouse.emptied import FEEDS, KEPT_ALONE, emptied_tables
from flows.intake.basis import find_basis
from flows.run import Run
from resolve.errors import WarehouseError


def check_whole(run: Run) -> None:
    """Raise WarehouseError where a table was emptied that no run can make again; note the others as warnings.

    Without the crosswalk or the registry every customer would get another golden ID, without the raw rows nobody would
    be left.
    """
    with run.transactions.begin() as conn:
        emptied = find_emptied(conn)
    refuse_lost(emptied)
    feeds = [name for name in emptied if name in FEEDS]
    if feeds:
        said = "no run can make its rows again. Unless that was meant, restore them from a backup of the warehouse"
        run.notes["begin"] += [f"table {name}: emptied since the last run, and {said}" for name in feeds]


def refuse_lost(emptied: list[str]) -> None:
    """Raise WarehouseError where some of the emptied tables can be made again by no run."""
    lost = [name for name in KEPT_ALONE if name in emptied]
    if lost:
        raise WarehouseError(_refusal(lost))


def find_emptied(conn: Connection) -> list[str]:
    """Return the tables that have no rows and had some when the last run was published."""
    basis = find_basis(conn)
    return emptied_tables(conn, () if basis is None else basis.watermark.filled)


def why_anew(conn: Connection) -> str:
    """Return which emptied tables everything has to be resolved anew for; empty where none was emptied."""
    emptied = [name for name in find_emptied(conn) if name not in FEEDS]
    if not emptied:
        return ""
    tables = "the table was" if len(emptied) == 1 else "the tables were"
    return f"{tables} emptied since the last run: {', '.join(emptied)}"


def _refusal(lost: list[str]) -> str:
    """Return what to do about tables that no run can make again."""
    tables = f"the table {lost[0]} has" if len(lost) == 1 else f"the tables {', '.join(lost)} have"
    return (
        f"{tables} no rows any more, and had some when the last run was published. A run would take it that there "
        "are no customers yet, and give everyone another golden ID, so nothing is read or published. Restore the rows "
        "from a backup of the warehouse, then run again (docs/runbook.md, Emptied tables)"
    )
