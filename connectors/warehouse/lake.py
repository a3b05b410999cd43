"""The published tables as Parquet files, for readers of a lake: all of one run, swapped in at once."""

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from connectors.warehouse.runs import last_changing
from connectors.warehouse.store import load_parts
from resolve.errors import WarehouseError
from resolve.schema import PUBLISHED, empty

_MARK = "_run_id"


def export_parquet(conn: sa.Connection, folder: Path) -> bool:
    """Write every published table to `folder/<table>.parquet` unless the last published run is there already.

    `folder` is a symbolic link to the files of one run, replaced in one step; files of the run before are kept for
    readers that have them open, older ones are removed. Returns whether anything was written.

    Raises WarehouseError when something else stands at `folder` or it cannot be written.
    """
    last = last_changing(conn)
    if last is None or run_of(folder) == last.run_id:
        return False
    run_id = str(last.run_id)
    if folder.exists() and not folder.is_symlink():
        raise _refused(folder)
    before = folder.resolve() if folder.is_symlink() else None
    version = folder.with_name(f".{folder.name}-{run_id}")
    try:
        shutil.rmtree(version, ignore_errors=True)
        version.mkdir(parents=True)
        (version / _MARK).write_text(run_id, encoding="utf-8")  # first: what a kill leaves is known as ours
        for name in PUBLISHED:
            _write(conn, name, version / f"{name}.parquet")
        _point(folder, version)
    except BaseException as error:
        if run_of(folder) != run_id:  # half a version is of no use, and takes the room that the next one needs
            shutil.rmtree(version, ignore_errors=True)
        if not isinstance(error, OSError):
            raise
        raise WarehouseError(
            f"publish.parquet: {folder} cannot be written: {error.strerror}. The warehouse itself is published; make "
            "room or mend the folder, and the next run writes the files"
        ) from error
    for old in folder.parent.glob(f".{folder.name}-*"):
        # a folder beside may be called lake-test, and its files begin with .lake-, too: they are another's
        if old not in (version, before) and run_of(old) == old.name.removeprefix(f".{folder.name}-"):
            shutil.rmtree(old, ignore_errors=True)
    return True


def _refused(folder: Path) -> WarehouseError:
    """Return why a real folder is not replaced: its files may be somebody's, or a copy that a reader has open."""
    was = "is no link, as in a project that was copied without its links" if run_of(folder) else "was not made by Meibo"
    return WarehouseError(f"publish.parquet: {folder} is there and {was}; move it, or name another")


def run_of(folder: Path) -> str | None:
    """Return the run whose files are in the folder."""
    mark = folder / _MARK
    return mark.read_text(encoding="utf-8") if mark.is_file() else None


def _point(folder: Path, version: Path) -> None:
    """Make `folder` a link to `version` in one step."""
    link = folder.with_name(f".{folder.name}.link")
    link.unlink(missing_ok=True)
    link.symlink_to(version.name, target_is_directory=True)
    link.replace(folder)


def _write(conn: sa.Connection, name: str, path: Path) -> None:
    """Write a table as one file, part by part: histories and feeds grow with every night, memory does not."""
    frame = empty(PUBLISHED[name])
    # text columns typed as text, so that an empty one has its type as well
    typed = frame.astype({c: "string" for c in frame.columns if frame[c].dtype == object})
    schema = pa.Schema.from_pandas(typed, preserve_index=False)
    # Spark and Athena read no nanoseconds; the warehouse has none either
    with pq.ParquetWriter(path, schema, coerce_timestamps="us", allow_truncated_timestamps=True) as file:
        for part in load_parts(conn, name):
            file.write_table(pa.Table.from_pandas(part, schema, preserve_index=False))
