"""The mailbox as a witness for a missing name part: does one side's local part contain what the other side is called?

Only the part that is missing (or an initial) earns weight; what both records hold was counted by the name comparison.
"""

from collections.abc import Callable
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resolve.link.arrays import Bools, Codes32, Floats, Ints, Levels, Ragged, ragged
from resolve.link.compare_names import SWAPPED, NameAgreement
from resolve.link.encode import Column, Encoded, encode_texts
from resolve.link.mailboxes import FAMILY_WORDS
from resolve.link.parts import LATIN, State

WITNESS_LEVELS = (
    "both parts",
    "given name",
    "initial and family name",
    "family name",
    "family name, another given name",
    "no",
    "another given name",
)
_BOTH, _GIVEN, _INITIAL, _FAMILY, _SIBLING, _NO, _ANOTHER = 1, 2, 3, 4, 5, 6, 7
_LACKING = (State.MISSING, State.INITIAL)


class WitnessComparison:
    """Compares mailboxes with names, where a name part is missing on one side; bits as in NameComparison."""

    def __init__(
        self, contacts: Encoded, family_bits: Floats, given_bits: Floats, as_read: tuple[float, float] = (0.0, 0.0)
    ) -> None:
        self._contacts = contacts
        self._as_read = as_read
        self._bits = (np.append(family_bits, 0.0), np.append(given_bits, 0.0))
        self._mail = contacts.lists("email_keys")
        self._letters = contacts.once(("mailbox letters",), lambda: _letters(self._mail.values.values))

    def compare(self, names: NameAgreement, left: Ints, right: Ints) -> tuple[Levels, Floats, Floats]:
        """Return (level, frequency bits of the family name, of the given name) of each pair."""
        levels = np.zeros(len(left), dtype=np.uint8)
        bits = np.zeros((2, len(left)))
        lacking = np.isin(names.family, _LACKING) | np.isin(names.given, _LACKING)
        lacking &= names.levels < SWAPPED
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
        at, value = self._mail.lists.take(mail[hit])
        text = self._letters.codes[value].astype(np.int64)
        family, given = (part[named[hit]][at].astype(np.int64) for part in (c.family, c.given))
        f, g = self._contained(text, family), self._contained(text, given)
        lacking = (lacks[0][hit][at], lacks[1][hit][at])
        short = (f >= 0) & (g < 0)
        short[short] = self._initial_beside(text[short], f[short], given[short])
        # Who lacks the family name is asked for that of the other side, who has one for its own.
        own = self._contained(text, c.family[mail[hit]][at].astype(np.int64))
        beside = np.where(lacking[0], f, own)
        another = (beside >= 0) & (g < 0) & ~short & lacking[1]
        another[another] = self._another_beside(text[another], beside[another], given[another])
        level = _levels(f >= 0, g >= 0, (short, another), lacking)
        # The best level over the mailboxes of a contact counts; what says nothing stands before what speaks against.
        order = np.lexsort((value, np.where(level == 0, _INITIAL, level), at))
        first = order[np.append(True, at[order][1:] != at[order][:-1])] if len(order) else order
        target = rows[hit[at[first]]]
        out[0][target] = level[first]
        uses_f = np.isin(level[first], (_BOTH, _INITIAL, _FAMILY, _SIBLING))
        uses_g = np.isin(level[first], (_BOTH, _GIVEN))
        out[1][0, target] = self._bits[0][np.where(uses_f, f[first], -1)]
        out[1][1, target] = self._bits[1][np.where(uses_g, g[first], -1)]
        for part in (0, 1):  # a given name in letters is a reading
            out[1][part, target] += self._as_read[part] * (uses_g & (uses_f if part == 0 else uses_g))

    def _fuller(self, part: Codes32, other: Codes32) -> Bools:
        """Return where a part is there and the other is missing or only an initial."""
        lengths = np.append(self._contacts.parts.lengths[self._contacts.parts.key], 0)
        return np.asarray((lengths[part] > 1) & ((other < 0) | (lengths[other] == 1)))

    def _contained(self, text: Ints, part: Ints) -> Ints:
        """Return the longest form of each part (3 letters at least) that the letters contain, or -1."""
        result = np.full(len(text), -1, dtype=np.int64)
        known = np.flatnonzero(part >= 0)
        at, form = self._latin.take(part[known])
        table = self._contacts.parts
        long = table.lengths[form] >= 3
        at, form = known[at[long]], form[long]
        texts, forms = self._letters.texts[text[at]], table.texts[form]
        found = np.asarray([f in t for f, t in zip(forms, texts, strict=True)], dtype=bool)
        at, form = at[found], form[found]
        order = np.lexsort((form, table.lengths[form], at))  # the last of each pair is the longest
        result[at[order]] = form[order]
        return result

    def _initial_beside(self, text: Ints, family: Ints, given: Ints) -> Bools:
        """Return whether the letters are the family form and the first letter of the given name: staro, satot."""
        return self._any_given(text, family, given, lambda t, f, g: t.startswith(g[0] + f) or t == f + g[0])

    def _another_beside(self, text: Ints, family: Ints, given: Ints) -> Bools:
        """Return whether beside the family form stands a name that cannot be the given name: another first letter."""
        like = self._any_given(text, family, given, lambda t, f, g: _rest(t, f)[:1] == g[0])
        triples = zip(self._letters.texts[text], self._contacts.parts.texts[family], strict=True)
        rest = [_rest(t, f) for t, f in triples]
        named = np.asarray([len(r) >= 3 and r not in FAMILY_WORDS for r in rest], dtype=bool)
        return named & ~like & (self._latin.counts[given] > 0) & (given >= 0)

    def _any_given(self, text: Ints, family: Ints, given: Ints, fits: Callable[[str, str, str], bool]) -> Bools:
        """Return where `fits(letters, family form, given form)` for a form of the given name."""
        table, result = self._contacts.parts, np.zeros(len(text), dtype=bool)
        known = np.flatnonzero(given >= 0)
        at, form = self._latin.take(given[known])
        at = known[at]
        triples = zip(self._letters.texts[text[at]], table.texts[family[at]], table.texts[form], strict=True)
        result[at[np.asarray([fits(t, f, g) for t, f, g in triples], dtype=bool)]] = True
        return result

    @cached_property
    def _latin(self) -> Ragged:
        """The forms of each part that can stand in a mailbox: its key if in letters, and its readings."""
        table = self._contacts.parts
        own = np.flatnonzero(table.script == LATIN)
        owner = np.concatenate([own, np.repeat(np.arange(len(table.key)), table.readings.counts)])
        forms = np.concatenate([table.key[own], table.readings.values])
        order = np.argsort(owner, kind="stable")
        return ragged(owner[order], forms[order], len(table.key))


def _letters(mailboxes: pa.Array) -> Column:
    """Return the letters of the local parts of mailboxes."""
    return encode_texts(pc.replace_substring_regex(mailboxes, r"@.*$|[^\p{L}]", ""))


def _rest(text: str, form: str) -> str:
    """Return the letters without the form."""
    return text.replace(form, "", 1)


def _levels(family: Bools, given: Bools, beside: tuple[Bools, Bools], lacks: tuple[Bools, Bools]) -> Levels:
    """Return levels from what the mailbox contains; a part that was not missing earns nothing.

    `beside` the family name stand the initial of the given name, another name. Of two contacts with a family name, the
    initial says too little to count the family name again: 0, no evidence.
    """
    both = lacks[0] & lacks[1]
    short, another = beside
    return np.select(
        [
            both & family & given,
            lacks[1] & given,
            both & short,
            lacks[1] & short,
            both & another,
            lacks[1] & another,
            lacks[0] & family,
        ],
        [_BOTH, _GIVEN, _INITIAL, 0, _SIBLING, _ANOTHER, _FAMILY],
        _NO,
    ).astype(np.uint8)
