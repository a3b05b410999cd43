"""The whole-name comparison: both parts at once, order swap included, and names that could not be split.

Level = STATES * state of the family name + state of the given name (`parts.State`), or one of two swapped levels.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from rapidfuzz.distance import Levenshtein

from resolve.link.arrays import Codes32, Floats, Ints, Levels, Ragged, distinct_pairs
from resolve.link.encode import Encoded
from resolve.link.keys import whole_names
from resolve.link.part_agreement import agree
from resolve.link.parts import HAN, KANA, State, meeting_form

STATES = 13
SWAPPED, SWAPPED_SOFT = STATES * STATES, STATES * STATES + 1
TURNED = 5.0  # bits: a name so much more common in the other order stands in the other order
_GOOD = (State.EQUAL, State.VARIANT)
_SOFT = (*_GOOD, State.READING, State.ALTERNATE, State.SLIP, State.FUZZY, State.INITIAL, State.INSIDE)

_AGAINST = (State.DISTANT, State.HOMOPHONE, State.UNKNOWN, State.CONFLICT, State.APART)


@dataclass(frozen=True, slots=True)
class NameAgreement:
    """How the names of pairs agree: level, and the frequency adjustments of the two parts, bits."""

    levels: Levels
    family_bits: Floats
    given_bits: Floats

    @property
    def family(self) -> Levels:
        """State of the family names, 0 when missing or swapped."""
        return np.where(self.levels < SWAPPED, self.levels // STATES, 0).astype(np.uint8)

    @property
    def given(self) -> Levels:
        """State of the given names, 0 when missing or swapped."""
        return np.where(self.levels < SWAPPED, self.levels % STATES, 0).astype(np.uint8)

    @property
    def comparable(self) -> np.ndarray:
        """Where both parts could be compared in full."""
        known = [(s != State.MISSING) & (s != State.INITIAL) for s in (self.family, self.given)]
        return np.asarray((known[0] & known[1]) | (self.levels >= SWAPPED))


def level_name(level: int) -> str:
    """Return the name of a level: `family-state/given-state`, swapped or swapped-soft."""
    if level >= SWAPPED:
        return "swapped" if level == SWAPPED else "swapped-soft"
    return f"{State(level // STATES).name.lower()}/{State(level % STATES).name.lower()}"


LEVEL_NAMES = tuple(level_name(level) for level in range(1, SWAPPED_SOFT + 1))


class NameComparison:
    """Compares names of pairs of contacts; `family_bits` and `given_bits` are adjustments by form, bits.

    `as_read`: bits to add where the family, the given name is shared in another form than its spelling.
    """

    def __init__(
        self, contacts: Encoded, family_bits: Floats, given_bits: Floats, as_read: tuple[float, float] = (0.0, 0.0)
    ) -> None:
        self._contacts = contacts
        self._bits = (family_bits, given_bits)
        self._as_read = as_read

    def compare(self, left: Ints, right: Ints) -> NameAgreement:
        """Return the agreement of the names of each pair."""
        c = self._contacts
        family, family_form = self._states(c.family[left], c.family[right])
        given, given_form = self._states(c.given[left], c.given[right])
        family[family == State.INSIDE] = State.VARIANT
        given[given == State.INSIDE] = State.FUZZY
        bits = self._frequencies((left, right), (family, given), (family_form, given_form))
        result = NameAgreement((family * STATES + given).astype(np.uint8), *bits)
        self._weaken(result, left, right)
        self._swap(result, left, right)
        self._lone(result, left, right)
        self._unsplit(result, left, right)
        self._together(result, left, right)
        return result

    def _frequencies(
        self, pair: tuple[Ints, Ints], states: tuple[Levels, Levels], forms: tuple[Ints, Ints]
    ) -> tuple[Floats, Floats]:
        """Return the adjustments of the forms that family and given names share.

        Two names in kana are as common as what is read so: few people write kana, and who does writes both parts in it.
        Two names that both stand in the other order are as common as in their own.
        """
        c, found = self._contacts, []
        for part, codes in enumerate((c.family, c.given)):
            equal, bits = states[part] == State.EQUAL, _at(self._bits[part], forms[part])
            read = self._read_bits[part]
            as_read = np.maximum(read[codes[pair[0]]], read[codes[pair[1]]])
            found.append(np.where(equal, np.maximum(bits, as_read), bits + self._as_read[part] * (forms[part] >= 0)))
        rows = np.flatnonzero((forms[0] >= 0) & (forms[1] >= 0))
        other = [_at(self._bits[part], forms[1 - part][rows]) for part in (0, 1)]
        turned = other[0] + other[1] >= found[0][rows] + found[1][rows] + TURNED
        for part in (0, 1):
            found[part][rows[turned]] = other[part][turned]
        return found[0], found[1]

    @cached_property
    def _read_bits(self) -> tuple[Floats, Floats]:
        """The adjustments of what parts in kana are read as, the most common reading; -inf elsewhere and at the end."""
        table = self._contacts.parts
        kana = np.flatnonzero(table.script == KANA)
        at, form = table.sure.take(kana)
        found = []
        for bits in self._bits:
            read = np.full(len(table.key) + 1, -np.inf)
            np.maximum.at(read, kana[at], bits[form])
            found.append(read)
        return found[0], found[1]

    def _weaken(self, result: NameAgreement, left: Ints, right: Ints) -> None:
        """Lower given names: a name that is written in kana is not its reading, and Jr is not Sr.

        三浦ひろし may be 三浦博, but in ミウラ ヒロシ the kana are a reading.
        """
        c, given = self._contacts, result.given
        script = np.append(c.parts.script, 0)
        rows = np.flatnonzero(given == State.VARIANT)
        for one, other in ((left[rows], right[rows]), (right[rows], left[rows])):
            kana = (script[c.given[one]] == KANA) & (script[c.family[one]] == HAN)
            hit = rows[kana & (script[c.given[other]] == HAN)]
            result.levels[hit] += np.uint8(State.READING - State.VARIANT)
        suffix = c.text("suffix_key").codes
        apart = (suffix[left] >= 0) & (suffix[right] >= 0) & (suffix[left] != suffix[right]) & (given > 0)
        result.levels[apart] += np.uint8(State.APART) - result.given[apart]

    def _lone(self, result: NameAgreement, left: Ints, right: Ints) -> None:
        """Compare a name that is one word with the other part too: Thompson may be the family name of John Thompson."""
        c = self._contacts
        for one, other in ((left, right), (right, left)):
            single = (c.family[one] < 0) != (c.given[one] < 0)
            full = (c.family[other] >= 0) & (c.given[other] >= 0)
            rows = np.flatnonzero(single & full & np.isin(np.maximum(result.family, result.given), _AGAINST))
            is_given = c.given[one[rows]] >= 0
            word = np.where(is_given, c.given[one[rows]], c.family[one[rows]])
            part = np.where(is_given, c.family[other[rows]], c.given[other[rows]])
            state, form = self._states(word, part)
            good = np.isin(state, _GOOD)
            state, form, is_given, rows = state[good], form[good], is_given[good], rows[good]
            result.levels[rows] = np.where(is_given, state * STATES, state)
            result.family_bits[rows] = np.where(is_given, _at(self._bits[0], form), 0.0)
            result.given_bits[rows] = np.where(is_given, 0.0, _at(self._bits[1], form))

    def _states(self, a: Codes32, b: Codes32) -> tuple[Levels, Ints]:
        """Return (State, shared form) of pairs of parts, each distinct pair decided once."""
        state = np.zeros(len(a), dtype=np.uint8)
        form = np.full(len(a), -1, dtype=np.int64)
        both = np.flatnonzero((a >= 0) & (b >= 0))
        if len(both):
            low, high, at = distinct_pairs(a[both].astype(np.int64), b[both].astype(np.int64))
            states, forms = agree(self._contacts.parts, low, high)
            state[both], form[both] = states[at], forms[at]
        return state, form

    def _swap(self, result: NameAgreement, left: Ints, right: Ints) -> None:
        """Take family against given where the straight order disagrees on both and the swapped one agrees."""
        c = self._contacts
        rows = np.flatnonzero((result.family >= State.SLIP) & (result.given >= State.SLIP))
        if not len(rows):
            return
        one, one_form = self._states(c.family[left[rows]], c.given[right[rows]])
        two, two_form = self._states(c.given[left[rows]], c.family[right[rows]])
        good = np.isin(one, _GOOD) & np.isin(two, _GOOD)
        soft = np.isin(one, _SOFT) & np.isin(two, _SOFT) & (np.isin(one, _GOOD) | np.isin(two, _GOOD))
        taken = good | soft
        rows = rows[taken]
        result.levels[rows] = np.where(good[taken], SWAPPED, SWAPPED_SOFT)
        # Either side may have the usual order: the one in which the two parts are the more common names.
        family, given = self._bits
        one_form, two_form = one_form[taken], two_form[taken]
        usual = _at(family, one_form) + _at(given, two_form) >= _at(family, two_form) + _at(given, one_form)
        result.family_bits[rows] = _at(family, np.where(usual, one_form, two_form))
        result.given_bits[rows] = _at(given, np.where(usual, two_form, one_form))

    def _unsplit(self, result: NameAgreement, left: Ints, right: Ints) -> None:
        """Compare whole names where one side could not be split into parts."""
        c = self._contacts
        whole = c.text("name_key")
        no_parts = (c.family < 0) & (c.given < 0) & (whole.codes >= 0)
        rows = np.flatnonzero((no_parts[left] | no_parts[right]) & (whole.codes[left] >= 0) & (whole.codes[right] >= 0))
        texts = whole.texts
        for row in rows:
            a, b = (left[row], right[row]) if no_parts[left[row]] else (right[row], left[row])
            family, given = self._whole_states(texts[whole.codes[a]], int(b), texts[whole.codes[b]])
            result.levels[row] = family * STATES + given

    def _together(self, result: NameAgreement, left: Ints, right: Ints) -> None:
        """Take names as agreeing that are one when written together, but were split in different places."""
        c = self._contacts
        poor = ~np.isin(result.family, _GOOD) & ~np.isin(result.given, _GOOD) & (result.levels < SWAPPED)
        named = (c.family >= 0) & (c.given >= 0)
        rows = np.flatnonzero(poor & named[left] & named[right])
        rows = rows[meeting_form(self._whole, self._whole, left[rows], right[rows]) != -1]
        result.levels[rows] = State.VARIANT * STATES + State.VARIANT
        # Parts that were cut in the wrong place are no names: the more common side is the better witness.
        targets = (result.family_bits, result.given_bits)
        for bits, part, target in zip(self._bits, (c.family, c.given), targets, strict=True):
            one, other = (c.parts.key[part[side[rows]]] for side in (left, right))
            target[rows] = np.maximum(_at(bits, one), _at(bits, other))

    @cached_property
    def _whole(self) -> Ragged:
        """The whole names of each contact, numbered."""
        return self._contacts.once(("whole names",), lambda: _numbered(whole_names(self._contacts)))

    def _whole_states(self, name: str, other: int, other_name: str) -> tuple[int, int]:
        """Return the states of an unsplit name against another contact's parts."""
        c = self._contacts
        keys = [c.parts.texts[c.parts.key[p[other]]] if p[other] >= 0 else None for p in (c.family, c.given)]
        if name in (other_name, f"{keys[0]}{keys[1]}", f"{keys[1]}{keys[0]}"):
            return State.EQUAL, State.EQUAL
        if name in keys:
            return (State.EQUAL, State.MISSING) if name == keys[0] else (State.MISSING, State.EQUAL)
        if min(len(name), len(other_name)) >= 6 and Levenshtein.distance(name, other_name, score_cutoff=1) <= 1:
            return State.FUZZY, State.FUZZY
        return State.CONFLICT, State.CONFLICT


def _numbered(lists: Ragged) -> Ragged:
    """Return lists of hashes with small numbers in their place."""
    return Ragged(lists.offsets, np.unique(lists.values, return_inverse=True)[1].astype(np.int64))


def _at(bits: Floats, forms: Ints) -> Floats:
    """Return the adjustment of each form, 0 where none is shared."""
    return np.where(forms >= 0, np.append(bits, 0.0)[forms], 0.0)
