"""Which rows of a page are landed: those that differ from the latest version of their row, and are not older."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from connectors.sources.rows import flat_items
from connectors.sources.values import as_text, parse_json
from connectors.warehouse.landed import Known, load_known, load_payloads
from connectors.warehouse.order import Moment, is_before, read_moments
from connectors.warehouse.quarantine import Place
from connectors.warehouse.written import Version

Moments = Mapping[str, Moment]


def find_changed(
    conn: sa.Connection, place: Place, versions: Sequence[Version], *, is_first: bool
) -> tuple[list[Version], int]:
    """Return the versions to land, in order, and of how many rows each is the first; `is_first`: the stream has none.

    A row with another hash is landed unless its source says that it is older than the latest version: equal times,
    times that are missing, unreadable or in another notation, and a latest version from the future do not say so.
    """
    ids = [version.source_id for version in versions]
    has_times = any(version.updated_at is not None for version in versions)
    latest = {} if is_first else load_known(conn, place.source, place.stream, ids, has_times=has_times)
    moments: Moments = {}
    if has_times and (latest or len(set(ids)) < len(ids)):
        moments = read_moments(_unlike(versions, latest), place.at)
        _doubt(conn, place, versions, latest, moments)
    changed, known = [], len(latest)
    for version in versions:
        last = latest.get(version.source_id)
        if last is None or _follows(version, last, moments):
            latest[version.source_id] = Known(version.hash, version.updated_at)
            changed.append(version)
    return changed, len(latest) - known


def _follows(version: Version, last: Known, moments: Moments) -> bool:
    """Return whether a row is another than its latest version, and not an older one."""
    if last.hash == version.hash:
        return _has_new_time(version, last)
    return not is_before(version.updated_at, last.updated_at, moments)


def _has_new_time(version: Version, last: Known) -> bool:
    """Return whether a row whose content is landed has another time now, as after a change of the stream's settings.

    A time that the payload does not hold is when the row was loaded: it changes with every load, the row does not.
    """
    time = version.updated_at
    if time is None or time == last.updated_at:
        return False
    return last.updated_at is None or time in version.payload


def _unlike(versions: Sequence[Version], latest: Mapping[str, Known]) -> set[str]:
    """Return the times of rows that come with another one than before, in this page or in the landing; and those."""
    before = {source_id: known.updated_at for source_id, known in latest.items()}
    times: set[str] = set()
    for version in versions:
        time, last = version.updated_at, before.get(version.source_id)
        if time is not None and last is not None and time != last:
            times |= {time, last}
        before[version.source_id] = time or last
    return times


def _doubt(
    conn: sa.Connection, place: Place, versions: Sequence[Version], latest: dict[str, Known], moments: Moments
) -> None:
    """Forget the times in `latest` that are of another column than those of the rows that seem to be older.

    After `updated_at` names another column in the settings, its times may well lie before those that are landed.
    """
    older = {
        version.source_id: version
        for version in versions
        if (last := latest.get(version.source_id)) is not None
        and last.hash != version.hash
        and is_before(version.updated_at, last.updated_at, moments)
    }
    for source_id, payload in load_payloads(conn, place.source, place.stream, list(older)).items():
        last, version = latest[source_id], older[source_id]
        if not _columns_of(version.updated_at, version.payload) & _columns_of(last.updated_at, payload):
            latest[source_id] = last._replace(updated_at=None)


def _columns_of(time: str | None, payload: str) -> set[str]:
    """Return the columns of a payload that hold a time."""
    row = parse_json(payload)
    return {name for name, value in flat_items(row) if as_text(value) == time} if isinstance(row, dict) else set()
