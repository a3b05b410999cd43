"""Contacts as integers: every column that rules or comparisons read is dictionary-encoded once, on first use.

Rows are put in order of contact_id first, so that nothing after this module can depend on the order of the input.
"""

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resolve.link.arrays import Bools, Codes32, Hashes, Ints, Ragged, combine, hash_text, mix, ragged
from resolve.link.parts import NamePart, PartTable, build_parts
from resolve.link.signature import Signatures, sign_texts
from resolve.link.texts import arrow_texts, decoded, spelled, take_rows, text_codes

if TYPE_CHECKING:
    import pandas as pd


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
    def _letters(self) -> pa.Array:
        """The distinct values to measure distances on: as bytes, which is faster, where that is the same."""
        plain = pc.all(pc.string_is_ascii(self.values)).as_py() is not False
        return self.values.cast(pa.binary()) if plain else self.values

    @cached_property
    def _spelt(self) -> np.ndarray:
        """All of them as Python objects."""
        return np.asarray(self._letters.to_numpy(zero_copy_only=False), dtype=object)

    def spell(self, *sides: np.ndarray) -> list[np.ndarray]:
        """Return bytes or strings of codes, none missing, to measure distances on; of large columns only those."""
        if "_spelt" in self.__dict__ or len(self.values) <= 2 * sum(map(len, sides)):
            return [self._spelt[side] for side in sides]
        return spelled(self._letters, sides)

    @cached_property
    def hashes(self) -> Hashes:
        """A 64-bit hash of each distinct value, the same in every run."""
        return mix(hash_text(self.values)[0])

    def hashes_of(self, codes: np.ndarray) -> Hashes:
        """Return the hashes of some values, by code."""
        if "hashes" in self.__dict__ or 2 * len(codes) > len(self.values):
            return np.asarray(self.hashes[codes])
        return mix(hash_text(self.values.take(pa.array(codes)))[0])

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
    def mean_length(self) -> float:
        """Mean length of the distinct values in code points, 0 if there are none."""
        return float(pc.mean(pc.utf8_length(self.values)).as_py() or 0.0)

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


class Encoded:
    """Contacts ready for blocking and comparing; columns are encoded when first asked for, and kept.

    `names`: the columns they carry. `keys`: contact_id of each row, in order. `prepared`: what blocking and
    bounds made of the columns, kept by name because training and linking share it.
    """

    def __init__(self, contacts: "pd.DataFrame | pa.Table") -> None:
        """Take CONTACTS (key contact_id) in any row order, as a frame or as an Arrow table.

        Columns of a table that are dictionaries already cost nothing to encode.
        """
        self._source = contacts
        self.names = frozenset(contacts.column_names if isinstance(contacts, pa.Table) else contacts.columns)
        ids = decoded(arrow_texts(contacts["contact_id"]))
        self._order: Ints | None = None
        if len(ids) > 1 and not pc.all(pc.less_equal(ids.slice(0, len(ids) - 1), ids.slice(1))).as_py():
            self._order = np.asarray(pc.sort_indices(ids).to_numpy(), dtype=np.int64)
        self.keys = take_rows(ids, self._order)
        self._columns: dict[str, Column] = {}
        self._lists: dict[str, ListColumn] = {}
        self.prepared: dict[tuple[str, ...], object] = {}

    def __len__(self) -> int:
        """Return the number of contacts."""
        return len(self.keys)

    @cached_property
    def ids(self) -> np.ndarray:
        """The contact_id of each row, as objects."""
        return np.asarray(self.keys.to_numpy(zero_copy_only=False), dtype=object)

    @cached_property
    def frame(self) -> "pd.DataFrame":
        """The contacts as a frame, in the order of the keys."""
        frame: pd.DataFrame = self._source.to_pandas() if isinstance(self._source, pa.Table) else self._source
        return frame if self._order is None else frame.iloc[self._order]

    def has(self, column: str) -> bool:
        """Return whether the contacts carry this column with at least one value."""
        return column in self.names and bool(self.text(column).present.any())

    def text(self, column: str) -> Column:
        """Return a text column; a column that the contacts do not carry is empty."""
        if column not in self._columns:
            self._columns[column] = self._encode(column)
        return self._columns[column]

    def _encode(self, column: str) -> Column:
        """Encode one column."""
        if column not in self.names:
            return Column(np.full(len(self), -1, dtype=np.int32), pa.array([], type=pa.string()))
        return encode_texts(self._raw(column))

    def _raw(self, column: str) -> pa.Array:
        """Return a column as it came, in the order of the keys."""
        return take_rows(arrow_texts(self._source[column]), self._order)

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
            both = [decoded(self._raw(f"{side}_{field}")) for side in NamePart]
            columns.append(encode_texts(pa.concat_arrays(both)))
        guessed = self._equal("reading_source", "guessed")
        named = np.flatnonzero(columns[0].codes >= 0)
        source = np.tile(guessed, 2).astype(np.int64)[named]
        code, first = combine([c.codes[named].astype(np.int64) for c in columns] + [source])
        table = build_parts([_texts_at(c, named[first]) for c in columns], source[first] > 0)
        part: Codes32 = np.full(2 * len(self), -1, dtype=np.int32)
        part[named] = code
        return table, part[: len(self)], part[len(self) :]

    def _equal(self, column: str, value: str) -> Bools:
        """Return which contacts hold a value in a column."""
        held = self.text(column)
        same = np.append(np.asarray(pc.equal(held.values, value).to_numpy(zero_copy_only=False), dtype=bool), False)
        return np.asarray(same[held.codes])

    @cached_property
    def organisation(self) -> Bools:
        """Which contacts are organisations."""
        return self._equal("party_type", "organization")


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


def _texts_at(column: Column, rows: Ints) -> np.ndarray:
    """Return the values of the given rows as objects, None when missing."""
    texts = np.append(column.texts, np.asarray([None], dtype=object))
    return np.asarray(texts[column.codes[rows]])
