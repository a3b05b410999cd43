"""What a frame promises: columns, types and key, and the check that it keeps its promise.

Kinds: `text` (object, None when missing), `int` (Int64), `float` (float64, NaN when missing), `bool` (boolean),
`time` (datetime64[ns, UTC]). Dates are ISO text, because a birth date may be partial.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from resolve.errors import SchemaError

if TYPE_CHECKING:
    import pandas as pd  # in full only where a frame is made: half a second that matching arrays can do without

DTYPES = {"text": "object", "int": "Int64", "float": "float64", "bool": "boolean", "time": "datetime64[ns, UTC]"}
EXTRA = "x_"  # prefix of columns that no known field covers; they travel beside the schema's own


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: its name, kind, meaning, and whether a value is always there."""

    name: str
    kind: str
    doc: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A named frame schema: columns in order and the columns that identify a row."""

    name: str
    key: tuple[str, ...]
    doc: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        """The column names, in order."""
        return [column.name for column in self.columns]


def columns_of(lines: str) -> tuple[Column, ...]:
    """Read columns from a text table `name kind[!] meaning`, one a line; `!` marks a required column."""
    parsed = []
    for line in lines.strip().splitlines():
        name, kind, doc = line.split(maxsplit=2)
        parsed.append(Column(name, kind.rstrip("!"), doc.strip(), kind.endswith("!")))
    return tuple(parsed)


def empty(table: Table) -> "pd.DataFrame":
    """Return a frame of the table with no rows."""
    import pandas as pd

    return pd.DataFrame({c.name: pd.Series([], dtype=DTYPES[c.kind]) for c in table.columns})


def conform(frame: "pd.DataFrame", table: Table) -> "pd.DataFrame":
    """Return `frame` with the table's columns in order and cast; columns `x_…` are kept behind them.

    Missing optional columns are added empty. Raises SchemaError when a required column is absent or holds nulls,
    when a column cannot be cast, or when an unknown column is present.
    """
    import pandas as pd

    extra = [c for c in frame.columns if c.startswith(EXTRA)]
    unknown = [c for c in frame.columns if c not in table.names and c not in extra]
    if unknown:
        raise SchemaError(table.name, "unknown columns", unknown)
    built = {c.name: _cast(frame, c, table.name) for c in table.columns}
    return pd.DataFrame(built | {c: frame[c] for c in extra}, index=frame.index)


def assemble(columns: Mapping[str, Any], table: Table, index: "pd.Index") -> "pd.DataFrame":
    """Return the frame of a table from columns that are of its kinds already: text as object arrays without NaN.

    As `conform`, but no column is copied or looked through: only names and required columns are checked.
    """
    import pandas as pd

    extra = [name for name in columns if name.startswith(EXTRA)]
    unknown = [name for name in columns if name not in table.names and name not in extra]
    if unknown:
        raise SchemaError(table.name, "unknown columns", unknown)
    absent = [c.name for c in table.columns if c.required and c.name not in columns]
    if absent and len(index):
        raise SchemaError(table.name, "required column is absent", absent)
    built: dict[str, Any] = {}
    for column in table.columns:
        held = columns.get(column.name)
        built[column.name] = _missing(column.kind, index) if held is None else pd.Series(held, index=index, copy=False)
    return pd.DataFrame(built | {name: columns[name] for name in extra}, index=index, copy=False)


def _cast(frame: "pd.DataFrame", column: Column, table: str) -> "pd.Series":
    """Return one column cast to its kind, checked for required values."""
    if column.name not in frame.columns:
        if column.required and len(frame):
            raise SchemaError(table, "required column is absent", [column.name])
        return _missing(column.kind, frame.index)
    try:
        cast = _as_kind(frame[column.name], column.kind)
    except (TypeError, ValueError) as error:
        raise SchemaError(table, f"cannot be cast to {column.kind}", [column.name]) from error
    if column.required and bool(cast.isna().any()):
        raise SchemaError(table, "required column holds nulls", [column.name])
    return cast


def _missing(kind: str, index: "pd.Index") -> "pd.Series":
    """Return a column of missing values."""
    import pandas as pd

    if kind == "text":
        return pd.Series(np.full(len(index), None, dtype=object), index=index)
    return pd.Series(index=index, dtype=DTYPES[kind])


def _as_kind(series: "pd.Series", kind: str) -> "pd.Series":
    """Return the series in the type of its kind."""
    import pandas as pd

    if kind == "text" and _is_text(series):
        return series
    if kind == "time":
        return pd.to_datetime(series, utc=True).astype("datetime64[ns, UTC]")
    if kind != "text":
        return series.astype(pd.api.types.pandas_dtype(DTYPES[kind]))
    text = series.astype(object)
    missing = text.isna()
    holes = text.to_numpy()[missing.to_numpy()].tolist()
    return text if holes.count(None) == len(holes) else text.mask(missing, None)  # most frames hold None already


def _is_text(series: "pd.Series") -> bool:
    """Return whether a column is of kind text already: every value a text that can be encoded, or None."""
    import pyarrow as pa

    if series.dtype != object:
        return False
    try:  # quicker than to look for what is missing and then at how
        pa.array(series.to_numpy(), type=pa.large_string(), from_pandas=False)
    except (pa.ArrowInvalid, pa.ArrowTypeError, UnicodeEncodeError):
        return False
    return True


def check_key(frame: "pd.DataFrame", table: Table) -> None:
    """Raise SchemaError when two rows of `frame` share the table's key."""
    if frame.duplicated(list(table.key)).any():
        raise SchemaError(table.name, "key is not unique", table.key)


def text_series(values: Iterable[str | None], index: "pd.Index") -> "pd.Series":
    """Return values as a text column (object dtype, None for missing) on the given index."""
    import pandas as pd

    return pd.Series(np.fromiter(values, dtype=object), index=index, dtype=object, copy=False)
