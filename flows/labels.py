"""Tables of labels and of clusters that people hand in: read as text, columns found by their usual names."""

from pathlib import Path

import pandas as pd

from resolve.errors import ConfigError

RECORD_COLUMNS = ("source_id", "record_id")
ENTITY_COLUMNS = ("person_id", "entity_id", "cluster_id", "golden_id", "cluster", "entity", "person")


def read_text_table(path: Path) -> pd.DataFrame:
    """Return a CSV (UTF-8) or Parquet file with every cell as text; raise ConfigError when that cannot be done."""
    if not path.is_file():
        raise ConfigError(f"{path}: there is no such file")
    try:
        if path.suffix == ".parquet":
            frame = pd.read_parquet(path)
            return frame.astype(object).where(frame.notna(), "").astype(str)
        return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{path}: cannot be read as {path.suffix or 'CSV'} in UTF-8 ({type(error).__name__})"
        ) from error


def write_text_table(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame as CSV (UTF-8) or Parquet, by suffix; the file appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    try:
        if path.suffix == ".parquet":
            frame.to_parquet(partial, index=False)
        else:
            frame.to_csv(partial, index=False, encoding="utf-8", lineterminator="\n")
        partial.replace(path)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written ({error.strerror})") from error
    finally:
        partial.unlink(missing_ok=True)


def memberships(frame: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return (source, record_id, entity) of a table of labels or clusters; source is None where it has no such column.

    Rows without an entity are left out. Raises ConfigError for missing columns and for a record that stands twice.
    """
    record = next((c for c in RECORD_COLUMNS if c in frame.columns), None)
    entity = next((c for c in ENTITY_COLUMNS if c in frame.columns), None)
    mistakes = []
    if record is None:
        mistakes.append(f"{path}: no column with the record's id; expected one of {', '.join(RECORD_COLUMNS)}")
    if entity is None:
        mistakes.append(f"{path}: no column with the entity; expected one of {', '.join(ENTITY_COLUMNS)}")
    if mistakes:
        raise ConfigError(mistakes)
    source = frame["source"] if "source" in frame.columns else pd.Series([None] * len(frame), frame.index, dtype=object)
    table = pd.DataFrame({"source": source, "record_id": frame[record], "entity": frame[entity]})
    table = table[table["entity"] != ""].reset_index(drop=True)
    twice = table.duplicated(["source", "record_id"])
    if twice.any():
        raise ConfigError(f"{path}: {int(twice.sum())} records stand there more than once; give each record one entity")
    return table
