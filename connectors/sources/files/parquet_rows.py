"""Rows of a Parquet file, every cell as text, read a batch at a time."""

from collections.abc import Iterator
from pathlib import Path

from connectors.sources.files.file_rows import FileRows, Item, nul_reject
from connectors.sources.plan import Header
from connectors.sources.source import PAGE_ROWS
from connectors.sources.values import as_json
from resolve.errors import SourceError


def open_parquet(path: Path, row_name: str, source: str) -> FileRows:
    """Return the rows of a Parquet file, every cell as text; read a batch at a time."""
    from pyarrow import ArrowException
    from pyarrow.parquet import ParquetFile

    try:
        file = ParquetFile(path)
    except (ArrowException, OSError) as error:
        raise SourceError(source, f"{row_name} is not a readable Parquet file", type(error).__name__) from None

    def items() -> Iterator[Item]:
        number = 0
        with file:
            batches = file.iter_batches(batch_size=PAGE_ROWS)
            while True:
                try:
                    batch = next(batches, None)
                except ArrowException:
                    raise SourceError(source, f"{row_name} is damaged behind row {number}", "Copy it again") from None
                for row in batch.to_pylist() if batch is not None else ():
                    number += 1
                    payload = {name: as_json(value) for name, value in row.items()}
                    has_nul = any(isinstance(cell, str) and "\0" in cell for cell in payload.values())
                    yield nul_reject(f"{row_name}:{number}") if has_nul else (f"{row_name}:{number}", payload)
                if batch is None:
                    return

    return FileRows(Header(file.schema_arrow.names), items())
