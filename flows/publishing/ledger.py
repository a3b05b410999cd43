"""Where every row of every stream ended: linked, single, quarantined or deleted, counted from both ends."""

import pandas as pd

from connectors.warehouse.quarantine import wholes_of
from flows.intake.extract import StreamReading
from flows.intake.prepared import LandedStream, Prepared
from resolve.errors import GateError
from resolve.schema import OPERATIONS, conform

ENDS = ("linked_count", "single_count", "quarantined_count", "deleted_count", "erased_count")


def build_ledger(
    run_id: str, prepared: Prepared, readings: list[StreamReading], tables: dict[str, pd.DataFrame]
) -> pd.DataFrame:
    """Return run_ledger: one row a stream.

    `tables` are the published ones: profile_link and contact_history say where a row went. Contacts are linked when
    their customer has other records; a row of events when any of them is attributed to a customer, single when none is.
    """
    fates = _contact_fates(tables["profile_link"]), _event_fates(tables["contact_history"])
    new = {(reading.source, reading.stream): reading.new for reading in readings}
    rows = []
    for stream in prepared.landed:
        fate = (
            fates[0].get(stream.source) if stream.role == "contacts" else fates[1].get((stream.source, stream.stream))
        )
        fate = fate if fate is not None else pd.Series(dtype=bool)
        rows.append(
            {"run_id": run_id, "source": stream.source, "stream": stream.stream}
            | _count(stream, fate, _open_keys(prepared.quarantine, stream, set(fate.index)))
            | {"erased_count": 0, "new_count": new.get((stream.source, stream.stream), 0)}
        )
    return conform(pd.DataFrame(rows, columns=OPERATIONS["run_ledger"].names), OPERATIONS["run_ledger"])


def check_ledger(ledger: pd.DataFrame) -> None:
    """Raise GateError when the rows of a stream do not add up: a row was lost, or counted twice."""
    ended = ledger[list(ENDS)].sum(axis=1)
    wrong = ledger[ledger["row_count"] != ended]
    if len(wrong):
        lines = [
            f"{row.source}.{row.stream}: {row.row_count} rows are known, {ended[row.Index]} are accounted for"
            for row in wrong.itertuples()
        ]
        raise GateError([*lines, "nothing was published; this is a mistake in Meibo, please report it"])


def _contact_fates(links: pd.DataFrame) -> dict[str, pd.Series]:
    """Return per source a Series from source_id to whether the record shares its customer with others."""
    shared = links.duplicated("golden_id", keep=False)
    table = pd.DataFrame({"source": links["source"], "row": links["source_id"], "linked": shared})
    return {str(source): part.set_index("row")["linked"] for source, part in table.groupby("source")}


def _event_fates(history: pd.DataFrame) -> dict[tuple[str, str], pd.Series]:
    """Return per source and stream a Series from the row's id to whether any of its events is attributed."""
    if history.empty:
        return {}
    streams = [name.split(":", 2)[1] for name in history["touchpoint_id"]]  # source:stream:source_id
    table = pd.DataFrame(
        {
            "source": history["source"],
            "stream": streams,
            "row": history["source_id"],
            "linked": history["golden_id"].notna(),
        }
    )
    attributed = table.groupby(["source", "stream", "row"], sort=False)["linked"].any().reset_index()
    return {
        (str(source), str(stream)): part.set_index("row")["linked"]
        for (source, stream), part in attributed.groupby(["source", "stream"])
    }


def _open_keys(quarantine: pd.DataFrame, stream: LandedStream, used: set[str]) -> set[str]:
    """Return the rows of a stream that stand in quarantine; the key of a landed row may end with the name of a part.

    It may also be the id of another row: of one that is `used` it is not.
    """
    mine = (quarantine["source"] == stream.source) & (quarantine["stream"] == stream.stream)
    living = set(stream.living)
    wholes = wholes_of(quarantine.loc[mine])
    return {row if row in living and (key not in living or key in used) else key for key, row in wholes.items()}


def _count(stream: LandedStream, fate: pd.Series, open_keys: set[str]) -> dict[str, int]:
    """Return the counts of one stream; a row in use by an earlier version counts as used, not as quarantined."""
    living, deleted = set(stream.living), set(stream.deleted)
    used = fate[fate.index.isin(living)]
    silent = set(stream.silent) - open_keys
    quarantined = open_keys - set(used.index) - deleted
    return {
        "row_count": len(living | deleted | open_keys),
        "linked_count": int(used.sum()),
        "single_count": int((~used.astype(bool)).sum()) + len(silent),
        "quarantined_count": len(quarantined),
        "deleted_count": len(deleted),
        "unread_count": len(open_keys - living - deleted),
    }
