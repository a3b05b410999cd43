"""Rows of name columns from the cells of one record or part; processes of a pool call these, so no pandas here."""

from resolve.standardise.names import (
    Name,
    NameParts,
    family_columns,
    given_columns,
    reading_source,
    standardise_name,
    whole_key,
)

Cell = str | None


def name_row(*record: Cell) -> Name:
    """Return the name columns of a contact from the cells of NameParts."""
    return standardise_name(NameParts(*record))


def family_row(text: Cell, kana: Cell) -> tuple[Cell, ...]:
    """Return key, variants, readings, script, reading to show, and source of the readings of a family name."""
    part, keys, shown = family_columns(text, kana)
    return *keys, shown, reading_source(part, None)


def given_row(text: Cell, kana: Cell) -> tuple[Cell, ...]:
    """Return key, variants, readings, script, reading to show, and source of the readings of a given name."""
    part, keys, shown = given_columns(text, kana)
    return *keys, shown, reading_source(part, None)


def source_row(family: Cell, given: Cell) -> tuple[Cell]:
    """Return the source of a name's readings: guessed where one part's are."""
    return ("guessed" if "guessed" in (family, given) else family or given,)


def join_keys(family: Cell, given: Cell) -> tuple[Cell]:
    """Return the key of a whole name from those of its parts."""
    return ((family or "") + (given or "") or None,)


def key_of_whole(shown: Cell) -> tuple[Cell]:
    """Return the key of a name that could not be split."""
    return (whole_key(shown) or None if shown else None,)
