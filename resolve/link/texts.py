"""Text columns of any origin (pandas, Arrow, dictionaries) as one Arrow array, and as codes."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resolve.link.arrays import Codes32, Ints
from resolve.link.buffers import byte_objects, int_array


def arrow_texts(column: Any) -> pa.Array:
    """Return a column of a frame or table as one Arrow array of texts, or of a dictionary of texts.

    A column that is Arrow already is not copied text by text.
    """
    if not isinstance(column, pa.ChunkedArray | pa.Array):
        column = pa.array(column, type=pa.string(), from_pandas=True)
    if isinstance(column, pa.ChunkedArray):
        if pa.types.is_dictionary(column.type):
            column = column.unify_dictionaries()
        column = column.combine_chunks()
        # Without any chunk, or with too many letters for one, the result is chunked again.
        column = pa.concat_arrays(column.chunks) if isinstance(column, pa.ChunkedArray) and column.chunks else column
    if isinstance(column, pa.ChunkedArray):
        return pa.array([], type=pa.string())
    fitting = pa.types.is_dictionary(column.type) or pa.types.is_string(column.type)
    return column if fitting or pa.types.is_large_string(column.type) else column.cast(pa.string())


def decoded(values: pa.Array) -> pa.Array:
    """Return plain texts of what may be a dictionary."""
    return values.cast(pa.string())


def take_rows(values: pa.Array, rows: Ints | None) -> pa.Array:
    """Return the values in another order; None leaves them as they are."""
    return values if rows is None else values.take(int_array(rows))


def text_codes(values: pa.Array) -> tuple[Codes32, pa.Array]:
    """Return (code of each text, -1 where missing; distinct texts)."""
    ready = pa.types.is_dictionary(values.type) and pa.types.is_string(values.dictionary.type)
    if not ready or values.dictionary.null_count:
        values = pc.dictionary_encode(decoded(values))
    indices = values.indices if values.indices.type == pa.int32() else values.indices.cast(pa.int32())
    return _filled(indices), values.dictionary


def _filled(indices: pa.Array) -> Codes32:
    """Return codes with -1 where they are missing; from the buffers, because Arrow's own ways import pandas."""
    if not len(indices):
        return np.empty(0, dtype=np.int32)
    span = slice(indices.offset, indices.offset + len(indices))
    valid, held = indices.buffers()
    codes = np.frombuffer(held, dtype=np.int32)[span]
    if not indices.null_count:
        return codes
    present = np.unpackbits(np.frombuffer(valid, dtype=np.uint8), count=span.stop, bitorder="little")[span]
    return np.where(present, codes, np.int32(-1))


def spelled(values: pa.Array, sides: tuple[np.ndarray, ...], *, plain: bool) -> list[np.ndarray]:
    """Return the Python strings of codes, bytes where the values are `plain`, building each distinct one once."""
    used = np.zeros(len(values), dtype=bool)
    for side in sides:
        used[side] = True
    codes = np.flatnonzero(used)
    place = np.zeros(len(values), dtype=np.int32)
    place[codes] = np.arange(len(codes), dtype=np.int32)
    texts = objects(values.take(int_array(codes)), plain=plain)
    return [texts[place[side]] for side in sides]


def objects(values: pa.Array, *, plain: bool) -> np.ndarray:
    """Return Python strings, or bytes of `plain` values (ASCII without zeros)."""
    if plain:
        return byte_objects(values)
    return np.asarray(values.to_numpy(zero_copy_only=False), dtype=object)
