"""Consent and opt-out flags in any notation to granted or denied."""

from resolve.standardise.cells import clean_cell
from resolve.standardise.words import word_list

_YES = word_list("yes")
_NO = word_list("no")


def standardise_consent(consent: str | None, opt_out: str | None = None) -> str | None:
    """Return granted or denied from a consent field and an opt-out flag; None where neither says anything.

    An opt-out that is set always wins. An opt-out that is not set grants nothing by itself: not having refused is not
    consent.
    """
    if _read_flag(opt_out):
        return "denied"
    flag = _read_flag(consent)
    return None if flag is None else "granted" if flag else "denied"


def _read_flag(cell: str | None) -> bool | None:
    """Return a yes-or-no cell as a boolean, None where it is neither."""
    if not cell:
        return None
    text = cell.strip().lower()
    if text not in _YES and text not in _NO:
        text = (clean_cell(cell) or "").lower().replace(" ", "_")
    return True if text in _YES else False if text in _NO else None
