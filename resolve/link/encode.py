"""Contacts as integers: every column that rules or comparisons read is dictionary-encoded once, on first use.

Rows are put in order of contact_id first, so that nothing after this module can depend on the order of the input.
"""

from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from resolve.link.arrays import Bools, Codes32, Hashes, Ints, Ragged, combine, hash_text, mix, ragged
from resolve.link.parts import NamePart, PartTable, build_parts
from resolve.link.signature import Signatures, sign_texts


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
    def hashes(self) -> Hashes:
        """A 64-bit hash of each distinct value, the same in every run."""
        return mix(hash_text(self.values)[0])

    def signatures(self, classes: int) -> Signatures:
        """Return signatures of the distinct values, kept for the next user."""
        if classes not in self._signatures:
            self._signatures[classes] = sign_texts(self.values, classes)
        return self._signatures[classes]

    @cached_property
    def lengths(self) -> Ints:
        """Length of each distinct value in code points."""
        return np.asarray(pc.utf8_length(self.values).to_numpy(zero_copy_only=False), dtype=np.int64)

    @cached_property
    def counts(self) -> Ints:
        """Number of rows that hold each distinct value."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.values)).astype(np.int64)

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


class Encoded:
    """Contacts ready for blocking and comparing; columns are encoded when first asked for, and kept."""

    def __init__(self, contacts: pd.DataFrame) -> None:
        """Take CONTACTS (key contact_id), in any row order."""
        ids = arrow_texts(contacts["contact_id"])
        if len(ids) > 1 and not pc.all(pc.less_equal(ids.slice(0, len(ids) - 1), ids.slice(1))).as_py():
            contacts = contacts.iloc[pc.sort_indices(ids).to_numpy()]
        self.frame = contacts
        self.ids = contacts["contact_id"].to_numpy(dtype=object)
        self._columns: dict[str, Column] = {}
        self._lists: dict[str, ListColumn] = {}
        self.sorted_keys: dict[
            tuple[str, ...], tuple[Hashes, int]
        ] = {}  # kept for blocking: training and linking share

    def __len__(self) -> int:
        """Return the number of contacts."""
        return len(self.ids)

    def has(self, column: str) -> bool:
        """Return whether the contacts carry this column with at least one value."""
        return column in self.frame.columns and bool(self.text(column).present.any())

    def text(self, column: str) -> Column:
        """Return a text column; a column that the frame does not carry is empty."""
        if column not in self._columns:
            self._columns[column] = self._encode(column)
        return self._columns[column]

    def _encode(self, column: str) -> Column:
        """Encode one column of the frame."""
        if column not in self.frame.columns:
            return Column(np.full(len(self), -1, dtype=np.int32), pa.array([], type=pa.string()))
        return encode_texts(arrow_texts(self.frame[column]))

    def lists(self, column: str) -> ListColumn:
        """Return a column of lists that are separated by one space; equal elements of one row count once."""
        if column not in self._lists:
            self._lists[column] = split_lists(self.text(column))
        return self._lists[column]

    @cached_property
    def parts(self) -> PartTable:
        """The distinct name parts, shared by family and given names, so that the two can be swapped."""
        return self._names[0]

    @cached_property
    def family(self) -> Codes32:
        """The row of `parts` that is each contact's family name, -1 when missing."""
        return self._names[1]

    @cached_property
    def given(self) -> Codes32:
        """The row of `parts` that is each contact's given name, -1 when missing."""
        return self._names[2]

    @cached_property
    def _names(self) -> tuple[PartTable, Codes32, Codes32]:
        """Encode both name parts of every contact in one code space."""
        columns = []
        for field in ("key", "variants", "readings", "script"):
            both = [arrow_texts(self.frame[f"{side}_{field}"]) for side in NamePart]
            columns.append(encode_texts(pa.concat_arrays(both)))
        guessed = (self.frame["reading_source"] == "guessed").to_numpy()
        named = np.flatnonzero(columns[0].codes >= 0)
        source = np.tile(guessed, 2).astype(np.int64)[named]
        code, first = combine([c.codes[named].astype(np.int64) for c in columns] + [source])
        table = build_parts([_texts_at(c, named[first]) for c in columns], source[first] > 0)
        part: Codes32 = np.full(2 * len(self), -1, dtype=np.int32)
        part[named] = code
        return table, part[: len(self)], part[len(self) :]

    @cached_property
    def organisation(self) -> Bools:
        """Which contacts are organisations."""
        return np.asarray(self.frame["party_type"] == "organization")


def arrow_texts(series: pd.Series) -> pa.Array:
    """Return a text column as one Arrow array; a column that is Arrow already is not copied text by text."""
    values = pa.array(series, type=pa.string(), from_pandas=True)
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values


def encode_texts(values: pa.Array) -> Column:
    """Return a column from an Arrow text array."""
    encoded = pc.dictionary_encode(values)
    codes = np.asarray(encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.int32)
    return Column(codes, encoded.dictionary)


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


def _texts_at(column: Column, rows: Ints) -> np.ndarray:
    """Return the values of the given rows as objects, None when missing."""
    texts = np.append(column.texts, np.asarray([None], dtype=object))
    return np.asarray(texts[column.codes[rows]])
