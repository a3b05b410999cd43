"""Worlds on disk, block by block, so that ten million records need the memory of one block."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from generator.vendors import Columns


def as_arrow(columns: Columns) -> pa.Table:
    """Return one table of text columns."""
    return pa.table({name: pa.array(column, type=pa.string()) for name, column in columns.items()})


def write_blocks(blocks: Iterable[dict[str, Columns]], folder: Path, kind: str) -> dict[str, int]:
    """Write every table of every block to `folder/<table>.<kind>` (csv or parquet); return the row counts."""
    folder.mkdir(parents=True, exist_ok=True)
    writers: dict[str, Any] = {}
    counts: dict[str, int] = {}
    try:
        for block in blocks:
            for name, columns in block.items():
                table = as_arrow(columns)
                if name not in writers:
                    writers[name] = _open_writer(folder / f"{name}.{kind}", table.schema)
                writers[name].write_table(table)
                counts[name] = counts.get(name, 0) + table.num_rows
    finally:
        for writer in writers.values():
            writer.close()
    return counts


def _open_writer(path: Path, schema: pa.Schema) -> Any:
    """Return a writer of Arrow tables by the suffix of the path."""
    if path.suffix == ".parquet":
        return pyarrow.parquet.ParquetWriter(path, schema)
    return pyarrow.csv.CSVWriter(path, schema, write_options=pyarrow.csv.WriteOptions(quoting_style="needed"))
