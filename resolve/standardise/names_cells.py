"""One cell of a name read by itself, where it says nothing that depends on the other cells of its record.

Each function returns a tuple of always the same length. It is all None for a cell that `names.standardise_name` must
read with the rest of its record: companies, test entries, suffixes, middle and former names, nicknames, surnames beside
syllables.
"""

from resolve.standardise.companies import has_legal_form
from resolve.standardise.names_marks import has_fake_letters, is_handle, may_begin_fake, may_end_fake
from resolve.standardise.names_split import (
    Person,
    family_column,
    given_column,
    join_name,
    kana_cell,
    name_cell,
    split_columns,
    split_reading,
    whole_name_cell,
)
from resolve.standardise.names_syllables import is_syllable_surname

Cell = str | None
Flag = bool | None
_NO_PART = (None, None, None)
_UNREAD = (None, None, None, None, None, None)
_NOBODY = (None, None, None, None, None, True)


def read_family(cell: Cell) -> tuple[Cell, Cell, Flag]:
    """Return (name, reading in brackets, True where it may begin a fake name) of a family name beside a given name."""
    text = name_cell(cell)
    if cell is None or text is None or has_fake_letters(cell):
        return _NO_PART
    marked, split = family_column(text)
    if split.suffix or marked.former or marked.nickname or not split.family or is_syllable_surname(split.family):
        return _NO_PART
    return split.family, marked.kana, may_begin_fake(cell) or None


def read_given(cell: Cell) -> tuple[Cell, Cell, Flag]:
    """Return (name, reading in brackets, True where it may end a fake name) of a given name beside a family name."""
    text = name_cell(cell)
    if cell is None or text is None or has_fake_letters(cell):
        return _NO_PART
    marked, split = given_column(text)
    if split.suffix or split.middle or marked.former or marked.nickname:
        return _NO_PART
    if not split.given or is_syllable_surname(split.given):
        return _NO_PART
    return split.given, marked.kana, may_end_fake(cell) or None


Lone = tuple[Cell, Cell, Cell, Cell, Cell, Flag]


def read_lone_full(cell: Cell) -> Lone:
    """Return (family, given, their readings, name to show, True where it names nobody) of a record's only name cell."""
    text = whole_name_cell(cell)
    if text is None or is_handle(text, frozenset()):
        return _NOBODY
    return _UNREAD if has_legal_form(text) else _told(split_columns(text, None, None))


def read_lone_family(cell: Cell) -> Lone:
    """Return what `read_lone_full` does, for a family-name column."""
    text = name_cell(cell)
    if text is None:
        return _NOBODY
    return _UNREAD if has_legal_form(text) else _told(split_columns(None, text, None))


def read_lone_given(cell: Cell) -> Lone:
    """Return what `read_lone_full` does, for a given-name column."""
    text = name_cell(cell)
    if text is None or is_handle(text, frozenset()):
        return _NOBODY
    return _told(split_columns(None, None, text))


def _told(person: Person | None) -> Lone:
    """Return the person of a record's only name cell, unread where there is more than family and given name."""
    if person is None:
        return _NOBODY
    if person.middle or person.suffix or person.former or person.nickname:
        return _UNREAD
    if is_syllable_surname(person.family) or is_syllable_surname(person.given):
        return _UNREAD
    return person.family, person.given, person.family_kana, person.given_kana, person.whole, None


def read_handle(cell: Cell, mailboxes: Cell) -> tuple[Flag]:
    """Return True for a name cell that only repeats a mailbox of the record, else None."""
    text = whole_name_cell(cell)
    return (True if text and is_handle(text, frozenset((mailboxes or "").split())) else None,)


def read_kana(cell: Cell) -> tuple[Cell]:
    """Return the text of a kana column."""
    return ((kana_cell(cell) or None) if cell else None,)


def read_whole_kana(cell: Cell, family: Cell) -> tuple[Cell, Cell]:
    """Return (family, given) readings of a column that holds the whole reading; the family name helps to cut it."""
    text = kana_cell(cell) if cell else None
    return split_reading(text, family) if text else (None, None)


def join_parts(family: Cell, given: Cell) -> tuple[Cell]:
    """Return the name to show for a name in parts."""
    return (join_name(family, given, None) or None,)
