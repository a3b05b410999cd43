"""The mailbox as a witness for a missing name part: does one side's local part contain what the other side is called?

Only the part that is missing (or an initial) earns weight; what both records hold was counted by the name comparison.
"""

import numpy as np
import pyarrow.compute as pc

from resolve.link.arrays import Codes32, Floats, Ints, Levels
from resolve.link.compare_names import NameAgreement
from resolve.link.encode import Encoded, encode_texts
from resolve.link.parts import LATIN, PartTable, State

WITNESS_LEVELS = ("both parts", "given name", "initial and family name", "family name", "no")
_BOTH, _GIVEN, _INITIAL, _FAMILY, _NO = 1, 2, 3, 4, 5
_LACKING = (State.MISSING, State.INITIAL)


class WitnessComparison:
    """Compares mailboxes with names, where a name part is missing on one side; bits as in NameComparison."""

    def __init__(self, contacts: Encoded, family_bits: Floats, given_bits: Floats) -> None:
        self._contacts = contacts
        self._bits = (np.append(family_bits, 0.0), np.append(given_bits, 0.0))
        self._mail = contacts.lists("email_keys")
        local = pc.replace_substring_regex(self._mail.values.values, r"@.*$|[^\p{L}]", "")
        self._letters = encode_texts(local)

    def compare(self, names: NameAgreement, left: Ints, right: Ints) -> tuple[Levels, Floats, Floats]:
        """Return (level, frequency bits of the family name, of the given name) of each pair."""
        levels = np.zeros(len(left), dtype=np.uint8)
        bits = np.zeros((2, len(left)))
        lacking = np.isin(names.family, _LACKING) | np.isin(names.given, _LACKING)
        lacking &= names.levels < 64
        rows = np.flatnonzero(lacking)
        for mail, named in ((left, right), (right, left)):
            self._testify(names, (mail[rows], named[rows]), rows, (levels, bits))
        return levels, bits[0], bits[1]

    def _testify(self, names: NameAgreement, pairs: tuple[Ints, Ints], rows: Ints, out: tuple[Levels, Floats]) -> None:
        """Set the levels of pairs whose first contact has a mailbox and lacks a part that the second one has."""
        mail, named = pairs
        c = self._contacts
        lacks = [
            np.isin(state[rows], _LACKING) & self._fuller(part[named], part[mail])
            for state, part in ((names.family, c.family), (names.given, c.given))
        ]
        hit = np.flatnonzero((lacks[0] | lacks[1]) & (self._mail.lists.counts[mail] > 0) & (out[0][rows] == 0))
        for at in hit:
            family, given = int(c.family[named[at]]), int(c.given[named[at]])
            level, forms = self._level(int(mail[at]), family, given, (bool(lacks[0][at]), bool(lacks[1][at])))
            out[0][rows[at]] = level
            out[1][0, rows[at]] = self._bits[0][forms[0]]
            out[1][1, rows[at]] = self._bits[1][forms[1]]

    def _fuller(self, part: Codes32, other: Codes32) -> np.ndarray:
        """Return where a part is there and the other is missing or only an initial."""
        lengths = np.append(self._contacts.parts.lengths[self._contacts.parts.key], 0)
        return np.asarray((lengths[part] > 1) & ((other < 0) | (lengths[other] == 1)))

    def _level(self, mail: int, family: int, given: int, lacks: tuple[bool, bool]) -> tuple[int, tuple[int, int]]:
        """Return the level and the (family form, given form) found, -1 for none."""
        lists, letters = self._mail.lists, self._letters
        best: tuple[int, tuple[int, int]] = (_NO, (-1, -1))
        for entry in range(lists.offsets[mail], lists.offsets[mail + 1]):
            text = letters.texts[letters.codes[lists.values[entry]]]
            found = self._level_in(text, family, given, lacks)
            best = min(best, found)
        return best

    def _level_in(self, text: str, family: int, given: int, lacks: tuple[bool, bool]) -> tuple[int, tuple[int, int]]:
        """Return the level and forms for the letters of one mailbox."""
        table = self._contacts.parts
        f = _contained(table, family, text)
        g = _contained(table, given, text)
        short = g < 0 and f >= 0 and _initial_beside(table, given, table.texts[f], text)
        if lacks == (True, True):
            if f >= 0 and g >= 0:
                return _BOTH, (f, g)
            if short:
                return _INITIAL, (f, -1)
            return (_GIVEN, (-1, g)) if g >= 0 else (_FAMILY, (f, -1)) if f >= 0 else (_NO, (-1, -1))
        if lacks[1]:
            return (_GIVEN, (-1, g)) if g >= 0 else (_INITIAL, (-1, -1)) if short else (_NO, (-1, -1))
        return (_FAMILY, (f, -1)) if f >= 0 else (_NO, (-1, -1))


def latin_forms(table: PartTable, part: int) -> list[int]:
    """Return the forms of a part that can stand in a mailbox: its key if in letters, and its readings."""
    if part < 0:
        return []
    own = [int(table.key[part])] if table.script[part] == LATIN else []
    return own + [
        int(f) for f in table.readings.values[table.readings.offsets[part] : table.readings.offsets[part + 1]]
    ]


def _contained(table: PartTable, part: int, text: str) -> int:
    """Return the longest form of the part (3 letters at least) that the text contains, or -1."""
    found = [f for f in latin_forms(table, part) if len(table.texts[f]) >= 3 and table.texts[f] in text]
    return max(found, key=lambda f: (len(table.texts[f]), table.texts[f]), default=-1)


def _initial_beside(table: PartTable, part: int, family: str, text: str) -> bool:
    """Return whether the family name stands beside the first letter of the part."""
    letters = {table.texts[f][0] for f in latin_forms(table, part)}
    return any(letter + family in text or family + letter in text for letter in letters)
