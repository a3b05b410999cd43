"""Contacts as integers: every column that rules or comparisons read is dictionary-encoded once, on first use.

Rows are put in order of contact_id first, so that nothing after this module can depend on the order of the input.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from threading import RLock
from typing import TYPE_CHECKING, TypeVar, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resolve.link.arrays import Bools, Codes32, Ints, combine
from resolve.link.columns import Column, ListColumn, encode_texts, split_lists
from resolve.link.parts import NamePart, PartTable, build_parts
from resolve.link.texts import arrow_texts, decoded, take_rows

if TYPE_CHECKING:
    import pandas as pd


__all__ = ["Column", "Encoded", "ListColumn", "encode_texts"]

KEY = "contact_id"
T = TypeVar("T")


class Encoded:
    """Contacts ready for blocking and comparing; columns are encoded when first asked for, and kept.

    `names`: the columns they carry. `keys`: contact_id of each row, in order. `prepared`: what blocking and
    comparing made of the columns, kept by name because training and linking share it.
    """

    def __init__(self, contacts: "pd.DataFrame | pa.Table") -> None:
        """Take CONTACTS (key contact_id) in any row order, as a frame or as an Arrow table.

        Columns of a table that are dictionaries already cost nothing to encode.
        """
        self._source = contacts
        self.names = frozenset(contacts.column_names if isinstance(contacts, pa.Table) else contacts.columns)
        ids = decoded(arrow_texts(contacts[KEY]))
        self._order: Ints | None = None
        if len(ids) > 1 and not pc.all(pc.less_equal(ids.slice(0, len(ids) - 1), ids.slice(1))).as_py():
            self._order = np.asarray(pc.sort_indices(ids).to_numpy(), dtype=np.int64)
        self.keys = take_rows(ids, self._order)
        self._columns: dict[str, Column] = {}
        self._lists: dict[str, ListColumn] = {}
        self._lock = RLock()  # threads ask for columns, and a column of a table is let go once it is encoded
        self.prepared: dict[tuple[str, ...], object] = {}

    def once(self, name: tuple[str, ...], make: Callable[[], T]) -> T:
        """Return what `make` makes of these contacts, kept under a name for whoever asks again."""
        if name not in self.prepared:
            self.prepared[name] = make()
        return cast("T", self.prepared[name])

    def keep_keys(self) -> None:
        """Let go what was prepared, a few hundred bytes a contact, but for blocking keys: an index asks for them."""
        self.prepared = {name: made for name, made in self.prepared.items() if name[0] == "key"}

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
        if isinstance(self._source, pa.Table):
            whole: pd.DataFrame = pa.table({name: self._raw(name) for name in sorted(self.names)}).to_pandas()
            return whole
        frame: pd.DataFrame = self._source
        return frame if self._order is None else frame.iloc[self._order]

    def has(self, column: str) -> bool:
        """Return whether the contacts carry this column with at least one value."""
        return column in self.names and bool(self.text(column).present.any())

    def text(self, column: str) -> Column:
        """Return a text column; a column that the contacts do not carry is empty."""
        with self._lock:
            if column not in self._columns:
                self._columns[column] = self._encode(column)
            return self._columns[column]

    def encode(self, columns: Iterable[str], workers: int = 1) -> None:
        """Encode text columns ahead, `workers` at a time; the result is that of asking for them one by one."""
        wanted = [name for name in dict.fromkeys(columns) if name in self.names and name not in self._columns]
        raw = [self._raw(name) for name in wanted]
        with ThreadPoolExecutor(max(workers, 1)) as pool:
            for name, column in zip(wanted, pool.map(encode_texts, raw), strict=True):
                self._keep(name, column)
        del raw
        pa.default_memory_pool().release_unused()  # it keeps several times what the columns take now

    def _encode(self, column: str) -> Column:
        """Encode one column."""
        if column not in self.names:
            return Column(np.full(len(self), -1, dtype=np.int32), pa.array([], type=pa.string()))
        return self._keep(column, encode_texts(self._raw(column)))

    def _keep(self, name: str, column: Column) -> Column:
        """Keep an encoded column, and let go what it was made of where that is a table's."""
        self._columns[name] = column
        if isinstance(self._source, pa.Table) and name != KEY:
            self._source = self._source.drop_columns([name])
        return column

    def _raw(self, column: str) -> pa.Array:
        """Return a column as it came, in the order of the keys."""
        if isinstance(self._source, pa.Table) and column in self._columns:
            held = self._columns[column]
            return held.values.take(pa.array(held.codes, mask=held.codes < 0))
        return take_rows(arrow_texts(self._source[column]), self._order)

    def lists(self, column: str) -> ListColumn:
        """Return a column of lists that are separated by one space; equal elements of one row count once."""
        with self._lock:
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

    @cached_property
    def firm(self) -> Bools:
        """Which organisations show no sign of a person: a mailbox that belongs to no role, a gender, a birth date."""
        found = self.organisation.copy()
        for name in ("gender", "birth_key"):
            if self.has(name):
                found &= self.text(name).codes < 0
        if self.has("email_keys"):
            mailboxes = self.lists("email_keys")
            role = pc.is_in(mailboxes.values.values, value_set=self.lists("role_emails").values.values)
            own = ~np.asarray(role.to_numpy(zero_copy_only=False), dtype=bool)[mailboxes.lists.values]
            found[mailboxes.owners[own]] = False
        return found


def _texts_at(column: Column, rows: Ints) -> np.ndarray:
    """Return the values of the given rows as objects, None when missing."""
    texts = np.append(column.texts, np.asarray([None], dtype=object))
    return np.asarray(texts[column.codes[rows]])
