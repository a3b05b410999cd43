"""All comparisons of a rule set on pairs of contacts: levels, and frequency adjustments per class.

Names are compared first, because mailboxes lean on them: a mailbox that repeats the name is no second evidence.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from resolve.link.arrays import Bools, Floats, Ints, Levels, Rows, mix
from resolve.link.compare_identifiers import EmailComparison, PhoneComparison, role_values
from resolve.link.compare_names import STATES, SWAPPED, NameComparison
from resolve.link.compare_organisations import compare_organisations
from resolve.link.compare_places import SAME_DOMAIN, compare_addresses, compare_companies
from resolve.link.compare_values import EQUAL_DATE, TWINS, compare_columns
from resolve.link.encode import Encoded
from resolve.link.filler_dates import COLUMN as BIRTH
from resolve.link.frequency import FILLER_DATES, READ_PARTS, frequency_table
from resolve.link.keys import key_values
from resolve.link.local_numbers import LocalNumberComparison
from resolve.link.mailboxes import family_mailboxes
from resolve.link.parts import State
from resolve.link.rules import Comparison, LinkRules
from resolve.link.sharing import SHARED_LEVEL, Sharing, count_sharing
from resolve.link.witness import WitnessComparison
from resolve.link.workers import in_turn

_ONE_FAMILY = (State.EQUAL, State.VARIANT, State.READING, State.ALTERNATE)
SHARED_COLUMNS = ("email_keys", "phone_keys")


@dataclass(frozen=True, slots=True)
class Agreement:
    """One comparison on many pairs: level of each pair, and bits to add to log2 u in three classes.

    `bits` are those of unrelated, household and colleague; None where frequency plays no part.
    """

    levels: Levels
    bits: tuple[Floats, Floats, Floats] | None = None

    def at(self, rows: Ints) -> "Agreement":
        """Return the agreement of the pairs at the given positions."""
        if self.bits is None:
            return Agreement(np.take(self.levels, rows))
        unrelated, household, colleague = (np.take(kind, rows) for kind in self.bits)
        return Agreement(np.take(self.levels, rows), (unrelated, household, colleague))


class Comparer:
    """Compares pairs of one set of contacts under one set of rules; look-ups are prepared once, on first use.

    Each pair is compared by itself, so that threads may share the pairs once `prepare` was called with `workers`.
    """

    def __init__(self, contacts: Encoded, rules: LinkRules) -> None:
        self.contacts = contacts
        self.rules = rules
        self._bits: dict[str, Floats] = {}

    def prepare(self, workers: int = 1) -> None:
        """Look up what several threads will ask for, the two largest side by side."""
        if len(self.contacts) < 2:
            return
        looks: dict[str, Callable[[], object]] = {"email": lambda: self._emails, "phone": lambda: self._phones}
        wanted = sorted(looks.keys() & {comparison.kind for comparison in self.rules.comparisons})
        if len(wanted) > 1:
            key_values(self.contacts, "name")  # what both would make at the same time
        in_turn(lambda kind: looks[kind](), wanted, workers)
        self.compare(np.zeros(1, dtype=np.int64), np.ones(1, dtype=np.int64))

    def compare(self, left: Ints, right: Ints) -> list[Agreement]:
        """Return the agreement of each comparison of the rules, in their order, for pairs of rows."""
        done = self._compare_people(left, right)
        return [
            done[c.kind] if c.kind in done else self._beside(c, self._compare_fields(c, left, right), done)
            for c in self.rules.comparisons
        ]

    def _beside(self, comparison: Comparison, found: Agreement, done: dict[str, Agreement]) -> Agreement:
        """Weigh a comparison beside names and mailboxes: twins share a birth date, one mailbox shows one domain."""
        if "name" in done and comparison.kind == "date" and comparison.columns == (BIRTH,):
            name = done["name"].levels
            siblings = np.isin(name // STATES, _ONE_FAMILY) & (name % STATES == State.APART) & (name < SWAPPED)
            found.levels[siblings & (found.levels == EQUAL_DATE)] = TWINS
        if "email" in done and comparison.kind == "company":
            mailbox = done["email"].levels
            found.levels[(mailbox > 0) & (mailbox <= SHARED_LEVEL) & (found.levels == SAME_DOMAIN)] = 0
        return found

    def _compare_people(self, left: Ints, right: Ints) -> dict[str, Agreement]:
        """Return the comparisons that lean on each other, by kind: name, witness, email."""
        by_kind = {c.kind: c for c in self.rules.comparisons}
        done: dict[str, Agreement] = {}
        if not by_kind.keys() & {"name", "witness", "email"}:
            return done
        names = self._names.compare(left, right)
        repeats = names.comparable
        if "name" in by_kind:
            bits = _name_bits(by_kind["name"], names.family_bits, names.given_bits)
            done["name"] = Agreement(names.levels, bits)
        if "witness" in by_kind:
            levels, *parts = self._witness.compare(names, left, right)
            done["witness"] = Agreement(levels, _name_bits(by_kind["witness"], *parts))
            repeats = repeats | (levels > 0)  # the mailbox is already heard as a witness for the name
        if "email" in by_kind:
            done["email"] = Agreement(self._emails.compare(left, right, repeats))
        return done

    def _compare_fields(self, comparison: Comparison, left: Ints, right: Ints) -> Agreement:
        """Run one comparison that needs no other."""
        if comparison.kind == "phone":
            return Agreement(self._phones.compare(left, right))
        if comparison.kind == "local number":
            return Agreement(self._local_numbers.compare(left, right))
        if comparison.kind in _PLACES:
            levels = _PLACES[comparison.kind](self.contacts, left, right)
        else:
            column, limits = comparison.columns[0], comparison.thresholds
            levels = compare_columns(self.contacts, comparison.kind, column, (left, right), limits)
            if comparison.kind == "date" and column == BIRTH:
                codes = self.contacts.text(BIRTH).codes
                levels[self._fillers[codes[left]] | self._fillers[codes[right]]] = 0
        return Agreement(levels, self._value_bits(comparison, levels, left, right))

    def with_bits(self, levels: list[Levels], left: Rows, right: Rows) -> list[Agreement]:
        """Return the agreements of plain comparisons from their levels, in the order of the rules."""
        pairs = zip(self.rules.comparisons, levels, strict=True)
        return [Agreement(column, self._value_bits(c, column, left, right)) for c, column in pairs]

    def _value_bits(
        self, comparison: Comparison, levels: Levels, left: Rows, right: Rows
    ) -> tuple[Floats, Floats, Floats] | None:
        """Return frequency bits of the value that an equal pair shares."""
        if not comparison.frequency:
            return None
        column = self.contacts.text(comparison.columns[0])
        bits = np.zeros(len(left))
        equal = np.flatnonzero(levels == 1)
        value = np.take(column.codes, left[equal])
        equal, value = (x[(value == np.take(column.codes, right[equal])) & (value >= 0)] for x in (equal, value))
        bits[equal] = np.take(self.bits_of(comparison.columns[0]), value)
        # One household, one office: what its members share is one value, however rare.
        household = bits if comparison.household_tied == ("all",) else np.zeros(len(left))
        colleague = bits if comparison.colleague_tied == ("all",) else np.zeros(len(left))
        return bits, household, colleague

    def bits_of(self, name: str) -> Floats:
        """Return frequency bits by value code of a column, or by form of a name part."""
        if name not in self._bits:
            table = frequency_table(self.contacts, self.rules, name)
            part = name in ("family", "given")
            hashes = mix(self.contacts.parts.hashes) if part else self.contacts.text(name).hashes
            self._bits[name] = table.of(hashes)
        return self._bits[name]

    @cached_property
    def _fillers(self) -> Bools:
        """By code of the birth dates, false behind the last: which ones stand for "unknown"; none without names."""
        hashes = self.contacts.text(BIRTH).hashes
        if not any(c.kind == "name" for c in self.rules.comparisons):
            return np.zeros(len(hashes) + 1, dtype=bool)
        return np.append(frequency_table(self.contacts, self.rules, FILLER_DATES).of(hashes) > 0, False)

    @cached_property
    def _as_read(self) -> tuple[float, float]:
        """Bits to add where the family, the given name is shared in another form than its spelling."""
        family, given = (frequency_table(self.contacts, self.rules, name).unseen for name in READ_PARTS)
        return family, given

    @cached_property
    def _names(self) -> NameComparison:
        """The name comparison, prepared."""
        return NameComparison(self.contacts, self.bits_of("family"), self.bits_of("given"), self._as_read)

    @cached_property
    def _witness(self) -> WitnessComparison:
        """The mailbox as a witness, prepared."""
        return WitnessComparison(self.contacts, self.bits_of("family"), self.bits_of("given"), self._as_read)

    @cached_property
    def _emails(self) -> EmailComparison:
        """The mailbox comparison, prepared."""
        return self.contacts.once(("emails",), lambda: EmailComparison(self.contacts, self.sharing("email_keys")))

    @cached_property
    def _phones(self) -> PhoneComparison:
        """The phone comparison, prepared."""
        return PhoneComparison(self.contacts, self.sharing("phone_keys"))

    @cached_property
    def _local_numbers(self) -> LocalNumberComparison:
        """The comparison of numbers without area code, prepared."""
        return self.contacts.once(("local numbers",), lambda: LocalNumberComparison(self.contacts))

    def sharing(self, column: str) -> Sharing:
        """Return the names on each value of email_keys or phone_keys."""
        return self.contacts.once(("sharing", column), lambda: self._count_sharing(column))

    def _count_sharing(self, column: str) -> Sharing:
        """Count the names on each value."""
        lists = self.contacts.lists(column)
        role = family = np.zeros(len(lists.values.values), dtype=bool)
        if column == "email_keys":
            role, family = role_values(self.contacts, lists.values.values), family_mailboxes(lists.values.values)
        return count_sharing(self.contacts, lists, role, family)


def _name_bits(comparison: Comparison, family: Floats, given: Floats) -> tuple[Floats, Floats, Floats] | None:
    """Return the adjustments of name parts: a household has one family name, so only its given names count."""
    return (family + given, given, family + given) if comparison.frequency else None


_PLACES: dict[str, Callable[[Encoded, Ints, Ints], Levels]] = {
    "address": compare_addresses,
    "company": compare_companies,
    "organisation": compare_organisations,
}
