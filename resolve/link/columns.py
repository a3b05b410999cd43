"""Columns as codes: each distinct value is looked at once."""

from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resolve.link.arrays import Bools, Codes32, Hashes, Ints, Ragged, hash_text, mix, ragged
from resolve.link.buffers import byte_spans, int_array, integers
from resolve.link.short_texts import ShortTexts, lay_out
from resolve.link.signature import Signatures, sign_texts
from resolve.link.texts import objects, spelled, text_codes


class Column:
    """A text column as codes: `codes[row]` is the position of the row's value in `values`, -1 when missing."""

    def __init__(self, codes: Codes32, values: pa.Array) -> None:
        self.codes = codes
        self.values = values
        self._signatures: dict[int, Signatures] = {}

    @cached_property
    def texts(self) -> np.ndarray:
        """The distinct values as Python strings."""
        return np.asarray(self.values.to_numpy(zero_copy_only=False), dtype=object)

    @cached_property
    def is_ascii(self) -> bool:
        """Whether all values are ASCII without zeros: measured as bytes, they give the same distances, faster."""
        data, spans = byte_spans(self.values)
        held = data[spans[0] : spans[-1]]
        return bool(held.max(initial=0) < 128 and held.min(initial=1) > 0)

    @cached_property
    def _spelt(self) -> np.ndarray:
        """All of them as Python objects."""
        return objects(self.values, plain=self.is_ascii)

    def spell(self, *sides: np.ndarray) -> list[np.ndarray]:
        """Return bytes or strings of codes, none missing, to measure distances on; of large columns only those."""
        if "_spelt" in self.__dict__ or len(self.values) <= 2 * sum(map(len, sides)):
            return [self._spelt[side] for side in sides]
        return spelled(self.values, sides, plain=self.is_ascii)

    @cached_property
    def short(self) -> ShortTexts | None:
        """The distinct values as short texts side by side; None where they are not all short."""
        return lay_out(self.values) if self.is_ascii else None

    @cached_property
    def hashes(self) -> Hashes:
        """A 64-bit hash of each distinct value, the same in every run."""
        return mix(hash_text(self.values)[0])

    def hashes_of(self, codes: np.ndarray) -> Hashes:
        """Return the hashes of some values, by code."""
        if "hashes" in self.__dict__ or 2 * len(codes) > len(self.values):
            return np.asarray(self.hashes[codes])
        return mix(hash_text(self.values.take(int_array(codes)))[0])

    def signatures(self, classes: int) -> Signatures:
        """Return signatures of the distinct values, kept for the next user."""
        if classes not in self._signatures:
            self._signatures[classes] = sign_texts(self.values, classes)
        return self._signatures[classes]

    @cached_property
    def lengths(self) -> Ints:
        """Length of each distinct value in code points."""
        return integers(pc.utf8_length(self.values)).astype(np.int64)

    @cached_property
    def mean_length(self) -> float:
        """Mean length of the distinct values in code points, 0 if there are none."""
        return float(pc.mean(pc.utf8_length(self.values)).as_py() or 0.0)

    @cached_property
    def dates(self) -> np.ndarray:
        """The ten letters of each distinct ISO date, side by side."""
        padded = "".join(text.ljust(10)[:10] for text in self.texts)
        return np.frombuffer(padded.encode("latin-1", "replace"), dtype=np.uint8).reshape(-1, 10)

    @cached_property
    def beginnings(self) -> Ragged:
        """Of each distinct chain of numbers (`1-2-3`) the values that begin it (`1`, `1-2`, itself), shortest first.

        A beginning that is no value itself is -1.
        """
        place = {text: code for code, text in enumerate(self.texts.tolist())}
        chains = [text.split("-") for text in place]
        counts = np.asarray([len(chain) for chain in chains], dtype=np.int64)
        found = [place.get("-".join(chain[: n + 1]), -1) for chain in chains for n in range(len(chain))]
        return ragged(np.repeat(np.arange(len(counts)), counts), np.asarray(found, dtype=np.int64), len(counts))

    @cached_property
    def counts(self) -> Ints:
        """Number of rows that hold each distinct value."""
        return np.bincount(self.codes + 1, minlength=len(self.values) + 1)[1:].astype(np.int64)

    @property
    def present(self) -> Bools:
        """Which rows hold a value."""
        return self.codes >= 0


class ListColumn:
    """A column of lists as codes: `lists` holds positions in `values` of each row's elements, in their order."""

    def __init__(self, lists: Ragged, values: pa.Array) -> None:
        self.lists = lists
        self.values = Column(lists.values.astype(np.int32), values)

    @property
    def present(self) -> Bools:
        """Which rows hold at least one element."""
        return self.lists.counts > 0

    @cached_property
    def owners(self) -> Ints:
        """The row of each element."""
        return np.repeat(np.arange(len(self.lists.counts)), self.lists.counts)


def encode_texts(values: pa.Array) -> Column:
    """Return a column from an Arrow array of texts or a dictionary of them."""
    return Column(*text_codes(values))


def split_lists(column: Column) -> ListColumn:
    """Split the distinct cells of a column at spaces and spread the elements to its rows."""
    split = pc.split_pattern(column.values, " ")
    elements = encode_texts(pc.list_flatten(split).cast(pa.string()))
    owner = np.asarray(pc.list_parent_indices(split).to_numpy(zero_copy_only=False), dtype=np.int64)
    cell_lists = ragged(owner, elements.codes.astype(np.int64), len(column.values))
    rows = np.flatnonzero(column.present)
    position, values = cell_lists.take(column.codes[rows].astype(np.int64))
    return ListColumn(_without_repeats(rows[position], values, len(column.codes)), elements.values)


def _without_repeats(owner: Ints, values: Ints, size: int) -> Ragged:
    """Return lists in which each value stands once a row, at its first place."""
    width = np.int64(int(values.max(initial=0)) + 1)
    _, first = np.unique(owner * width + values, return_index=True)
    first.sort()
    return ragged(owner[first], values[first], size)
