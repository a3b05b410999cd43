"""Consent and opt-out flags in any notation to granted or denied."""

from collections.abc import Callable, Iterator

from resolve.standardise.cells import clean_cell
from resolve.standardise.words import word_list

_YES = word_list("yes")
_NO = word_list("no")
_REFUSED = word_list("refused")
_WANTED = word_list("wanted")
_OF_ZEROS = "0:-/._tz+"  # what databases write where there is no date: 0000-00-00T00:00:00Z


def standardise_consent(consent: str | None, opt_out: str | None = None) -> str | None:
    """Return granted or denied from a consent cell and an opt-out cell; None where neither says anything.

    An opt-out that is set always wins. One that is not set grants nothing by itself: not having refused is not
    consent. Anything but a no sets it, a date as well as a reason: what cannot be read must not lose an opt-out. Of
    several lines, which several columns give, one that denies is enough.
    """
    if any(_lines(opt_out, _opts_out)):
        return "denied"
    flags = [flag for flag in _lines(consent, _agrees) if flag is not None]
    return None if not flags else "granted" if all(flags) else "denied"


def _lines(cell: str | None, read: Callable[[str], bool | None]) -> Iterator[bool | None]:
    """Yield what each line of a cell says."""
    for line in (cell or "").splitlines():
        yield read(line)


def _agrees(line: str) -> bool | None:
    """Return a yes-or-no as a boolean, None where it is neither."""
    word = _word_of(line)
    return True if word in _YES else False if word in _NO else None


def _opts_out(line: str) -> bool:
    """Say whether an opt-out is set: not where it is empty, a no or a zero date, or says that contact is wanted."""
    word = _word_of(line)
    if word in _WANTED:
        return False
    return word in _YES or word in _REFUSED or not (word in _NO or not word.strip(_OF_ZEROS))


def _word_of(line: str) -> str:
    """Return a line as the lists write it, cleaned where they do not know it as it is; empty where it says nothing."""
    word = line.strip().lower()
    if word in _YES or word in _NO:
        return word
    return (clean_cell(line) or "").lower().replace(" ", "_")
