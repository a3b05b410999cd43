"""Arrow arrays as numpy sees them, from their buffers: Arrow's own ways to numpy import pandas, half a second."""

import numpy as np
import pyarrow as pa

from resolve.link.arrays import Ints

WIDEST = 64  # bytes; texts up to here are cut out at one width


def integers(values: pa.Array) -> np.ndarray:
    """Return the numbers of an array without holes; not to be written to."""
    if not len(values):
        return np.empty(0, dtype=np.int64)
    width = values.type.bit_width // 8
    kind = "u" if pa.types.is_unsigned_integer(values.type) else "i"
    held = np.frombuffer(values.buffers()[1], dtype=f"{kind}{width}")
    return held[values.offset : values.offset + len(values)]


def int_array(numbers: np.ndarray) -> pa.Array:
    """Return whole numbers as an Arrow array that shares their memory."""
    held = np.ascontiguousarray(numbers)
    return pa.Array.from_buffers(pa.from_numpy_dtype(held.dtype), len(held), [None, pa.py_buffer(held)])


def byte_spans(values: pa.Array) -> tuple[np.ndarray, Ints]:
    """Return (all bytes, where each text starts, and the end) of an array of texts with offsets of 32 bits."""
    if not len(values):
        return np.empty(0, dtype=np.uint8), np.zeros(1, dtype=np.int64)
    _, offsets, held = values.buffers()
    spans = np.frombuffer(offsets, dtype=np.int32)[values.offset : values.offset + len(values) + 1]
    return np.frombuffer(held, dtype=np.uint8) if held else np.empty(0, dtype=np.uint8), spans.astype(np.int64)


def side_by_side(values: pa.Array, width: int) -> np.ndarray:
    """Return the bytes of texts, none longer than `width`, padded with zeros; shape (texts, width)."""
    data, spans = byte_spans(values)
    padded = np.append(data, np.zeros(width, dtype=np.uint8))
    cell = np.dtype((np.void, width))
    # Every place of the data is the start of a cell; copied cell by cell, not byte by byte.
    cells = np.ndarray((len(padded) - width + 1,), dtype=cell, buffer=padded, strides=(1,))
    letters = cells[spans[:-1]].view(np.uint8).reshape(-1, width)
    kept = np.where(np.arange(width) < np.arange(width + 1)[:, None], 255, 0).astype(np.uint8)
    letters &= kept.view(cell).reshape(-1)[np.diff(spans)].view(np.uint8).reshape(-1, width)
    return letters


def byte_objects(values: pa.Array) -> np.ndarray:
    """Return texts as Python bytes; texts that end with a zero byte lose it."""
    _, spans = byte_spans(values)
    width = int(np.diff(spans).max(initial=1))
    if width > WIDEST:
        return np.asarray(values.cast(pa.binary()).to_numpy(zero_copy_only=False), dtype=object)
    return np.asarray(side_by_side(values, max(width, 1)).view(f"S{max(width, 1)}").reshape(-1).astype(object))
