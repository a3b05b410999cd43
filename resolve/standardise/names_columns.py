"""Person names of many records: every cell and every part of a name is read once, however many records hold it.

Names in two columns or in one, with or without readings, are put together from what their cells say one by one
(`names_cells`). Anything else goes through `standardise_name`, once per distinct record. The result is the same.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Any

import numpy as np

from resolve.standardise import names_cells as cells
from resolve.standardise.contact_codes import Coded, fill_codes, nothing, place_codes, stack_codes, start_distinct
from resolve.standardise.names import Name
from resolve.standardise.names_described import Plain, Rows, describe_names
from resolve.standardise.names_rows import name_row

Cell = str | None
Names = dict[str, Coded]

_READERS = (cells.read_lone_full, cells.read_lone_family, cells.read_lone_given)
_FULL, _FAMILY, _GIVEN = range(3)


def start_names(columns: Sequence[Coded], mailboxes: Coded, pool: Executor | None = None) -> Callable[[], Names]:
    """Start reading names; the returned function gives the columns of Name, by name.

    `columns` are those of NameParts but the last, which is `mailboxes`; all equally long. With a `pool` the work is
    spread over its processes; the result is the same.
    """
    usual = (columns[3].codes < 0) & (columns[4].codes < 0)  # neither middle name nor suffix
    there = [column.codes >= 0 for column in columns[:3]]
    finish_apart = _start_apart(columns, np.flatnonzero(usual & there[_FAMILY] & there[_GIVEN]), pool)
    alone = usual & (np.sum(there, axis=0) == 1)
    finish_lone = [
        _start_lone(columns[place], mailboxes, np.flatnonzero(alone & there[place]), place, pool) for place in range(3)
    ]
    nameless = np.flatnonzero(usual & (np.sum(there, axis=0) == 0))

    def finish() -> Names:
        lone = [finish_one() for finish_one in finish_lone]
        told = _stack([finish_apart(), *(plain for plain, _ in lone)])
        nobody = np.concatenate([nameless, *(rows for _, rows in lone)])
        return _finish(columns, mailboxes, _add_kana(told, columns, pool), nobody, pool)

    return finish


def _finish(columns: Sequence[Coded], mailboxes: Coded, told: Plain, nobody: Rows, pool: Executor | None) -> Names:
    """Return the columns of Name from the names that cells told and the rows without any; the rest is read whole."""
    unread = np.ones(len(mailboxes), dtype=np.bool_)
    unread[told.rows] = False
    kana, nobody = _read_kana_names(columns, nobody, pool)
    unread[nobody] = False
    names = _stack([told, kana])
    rows = names.rows
    found = describe_names(names, pool)
    rest = np.flatnonzero(unread)
    others = start_distinct(name_row, [column.take(rest) for column in (*columns, mailboxes)], pool)()
    return {
        name: place_codes(len(mailboxes), [(rows, found.get(name, nothing(len(rows)))), (rest, other)])
        for name, other in zip(Name._fields, others, strict=True)
    }


def _start_apart(columns: Sequence[Coded], rows: Rows, pool: Executor | None) -> Callable[[], Plain]:
    """Start on the names that came as family and given name."""
    finish_family = start_distinct(cells.read_family, [columns[_FAMILY].take(rows)], pool)
    finish_given = start_distinct(cells.read_given, [columns[_GIVEN].take(rows)], pool)

    def finish() -> Plain:
        (family, family_kana, begins), (given, given_kana, ends) = finish_family(), finish_given()
        told = ~family.missing() & ~given.missing() & (begins.missing() | ends.missing())
        found = _only(Plain(rows, family, given, family_kana, given_kana, nothing(len(rows))), told)
        shown = start_distinct(cells.join_parts, [found.family, found.given])()
        return found._replace(shown=shown[0])

    return finish


def _start_lone(
    column: Coded, mailboxes: Coded, rows: Rows, place: int, pool: Executor | None
) -> Callable[[], tuple[Plain, Rows]]:
    """Start on the records with one name cell; gives their names, and the rows where the cell names nobody."""
    finish_read = start_distinct(_READERS[place], [column.take(rows)], pool)

    def finish() -> tuple[Plain, Rows]:
        *parts, nobody = finish_read()
        found, nameless = Plain(rows, *parts), ~nobody.missing()
        told = ~found.shown.missing()
        boxed = np.flatnonzero(told & (mailboxes.codes[rows] >= 0)) if place != _FAMILY else rows[:0]
        if len(boxed):
            handles = start_distinct(cells.read_handle, [column.take(rows[boxed]), mailboxes.take(rows[boxed])])()[0]
            handle = boxed[~handles.missing()]
            told[handle], nameless[handle] = False, True
        return _only(found, told), rows[nameless]

    return finish


def _read_kana_names(columns: Sequence[Coded], nobody: Rows, pool: Executor | None) -> tuple[Plain, Rows]:
    """Return the names of records without any that have them in kana columns, and the rows for which this is all."""
    family = start_distinct(cells.read_kana, [columns[6].take(nobody)], pool)()[0]
    given = start_distinct(cells.read_kana, [columns[7].take(nobody)], pool)()[0]
    uncut = (columns[5].codes[nobody] >= 0) & (family.missing() | given.missing())
    shown = start_distinct(cells.join_parts, [family, given])()[0]
    none = nothing(len(nobody))
    return _only(Plain(nobody, family, given, none, none, shown), ~uncut & ~shown.missing()), nobody[~uncut]


def _add_kana(told: Plain, columns: Sequence[Coded], pool: Executor | None) -> Plain:
    """Return the names with the readings of the kana columns, which go before readings in brackets."""
    finish = [start_distinct(cells.read_kana, [column.take(told.rows)], pool) for column in columns[6:8]]
    (family,), (given,) = (finish_one() for finish_one in finish)
    whole = columns[5].take(told.rows)
    uncut = np.flatnonzero((whole.codes >= 0) & (family.missing() | given.missing()))
    if len(uncut):
        parts = start_distinct(cells.read_whole_kana, [whole.take(uncut), told.family.take(uncut)], pool)()
        cut = [place_codes(len(told.rows), [(uncut, part)]) for part in parts]
        family, given = fill_codes(family, cut[0]), fill_codes(given, cut[1])
    kana = fill_codes(family, told.family_kana), fill_codes(given, told.given_kana)
    return told._replace(family_kana=kana[0], given_kana=kana[1])


def _only(names: Plain, kept: Any) -> Plain:
    """Return some of the names, by number or by a flag for each."""
    rows, *columns = names
    return Plain(rows[kept], *(column.take(kept) for column in columns))


def _stack(groups: Sequence[Plain]) -> Plain:
    """Return groups of names one behind the other."""
    rows, *columns = zip(*groups, strict=True)
    return Plain(np.concatenate(rows), *map(stack_codes, columns))
