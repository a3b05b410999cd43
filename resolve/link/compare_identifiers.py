"""Mailboxes and phone numbers: every value of one side against every value of the other, the best level counts.

A value that carries other names fades: `others` = distinct names on the value that are neither side's own.
"""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist

from resolve.link.arrays import Bools, Codes32, Ints, Levels, distinct_pairs, inner_positions
from resolve.link.encode import Encoded, ListColumn, encode_texts
from resolve.link.sharing import Sharing

EMAIL_LEVELS = (
    "equal",
    "equal, one other name",
    "equal, 2-3 other names",
    "equal, shared or role",
    "local part equal",
    "equal but for a tag",
    "equal but for dots",
    "one edit",
    "two edits",
    "similar",
    "colleague's mailbox",
    "work and private",
    "different",
)
PHONE_LEVELS = (*EMAIL_LEVELS[:3], "equal, 4 or more other names", "equal, other extension", "one edit", "different")
_LOCAL, _TAG, _DOTS, _ONE, _TWO, _SIMILAR = 5, 6, 7, 8, 9, 10
_PLAIN, _COLLEAGUE, _PRIVATE, _DIFFERENT = 11, 12, 13, 14  # inside this module; _PLAIN is settled last
_EXTENSION = 5


def best_levels(
    lists: ListColumn, pairs: tuple[Ints, Ints], sharing: Sharing, unequal: Callable[[Ints, Ints], Levels], kinds: Ints
) -> Levels:
    """Return the best level of each pair over all pairs of values, 0 where a side has none.

    `unequal(a, b)` gives the level of pairs of different values, each told as one of `kinds`, which has a line for each
    entry of the lists.
    """
    left, right = pairs
    result = np.zeros(len(left), dtype=np.uint8)
    counts = lists.lists.counts
    rows = np.flatnonzero((counts[left] > 0) & (counts[right] > 0))
    owner, entry_l, entry_r = _entry_pairs(lists, left[rows], right[rows])
    value_l, value_r = lists.lists.values[entry_l], lists.lists.values[entry_r]
    equal = value_l == value_r
    best = np.full(len(rows), 255, dtype=np.uint8)
    np.minimum.at(best, owner[equal], sharing.levels(entry_l[equal], entry_r[equal]))
    open_ = np.flatnonzero(best[owner] == 255)
    if len(open_):
        low, high, at = distinct_pairs(kinds[entry_l[open_]], kinds[entry_r[open_]])
        np.minimum.at(best, owner[open_], unequal(low, high)[at])
    result[rows] = best
    return result


def _entry_pairs(lists: ListColumn, left: Ints, right: Ints) -> tuple[Ints, Ints, Ints]:
    """Return (pair, entry of the left list, entry of the right list) of every combination."""
    counts, offsets = lists.lists.counts, lists.lists.offsets
    owner = np.repeat(np.arange(len(left)), counts[left] * counts[right])
    inner = inner_positions(counts[left] * counts[right])
    width = counts[right][owner]
    return owner, offsets[left][owner] + inner // width, offsets[right][owner] + inner % width


class EmailComparison:
    """Compares the mailboxes of pairs of contacts."""

    def __init__(self, contacts: Encoded, sharing: Sharing) -> None:
        self._lists = contacts.lists("email_keys")
        self._sharing = sharing
        values = self._lists.values.values
        self._texts = self._lists.values.texts
        local = pc.replace_substring_regex(values, r"@.*$", "")
        self._local = encode_texts(local).codes
        self._untagged = encode_texts(pc.replace_substring_regex(local, r"\+.*$", "")).codes
        bare = pc.replace_substring_regex(local, r"[._\-]", "")
        self._bare = encode_texts(pc.if_else(pc.equal(bare, ""), local, bare)).codes
        self._wordy = encode_texts(pc.replace_substring_regex(values, r"[0-9]", "")).codes
        digits = pc.utf8_length(pc.replace_substring_regex(local, r"[^0-9]", ""))
        self._digits: Ints = np.asarray(digits.to_numpy(zero_copy_only=False), dtype=np.int64)
        self._domain = encode_texts(pc.replace_substring_regex(values, r"^.*@", ""))
        # A mailbox is at work if its owner's record says so: what others say of the domain must not change a pair.
        work = contacts.text("work_domain")
        known = pc.fill_null(pc.index_in(self._domain.values, value_set=work.values), -2)
        at = np.asarray(known.to_numpy(zero_copy_only=False), dtype=np.int64)[self._domain.codes]
        held = self._lists.lists.values
        self._kinds: Ints = held * 2 + (at[held] == work.codes[self._lists.owners])
        self._lengths = self._lists.values.lengths
        self._first = np.asarray([t[:1] for t in self._texts], dtype=object)

    def compare(self, left: Ints, right: Ints, repeats_name: Bools) -> Levels:
        """Return levels of EMAIL_LEVELS; an equal plain local part is no evidence where the name already says it."""
        levels = best_levels(self._lists, (left, right), self._sharing, self._unequal, self._kinds)
        levels[(levels == _DOTS) & repeats_name] = 0
        plain = levels == _PLAIN
        levels[levels > _PLAIN] -= 1
        levels[plain] = np.where(repeats_name[plain], 0, _LOCAL)
        return levels

    def _unequal(self, a: Ints, b: Ints) -> Levels:
        """Return levels of pairs of different mailboxes, each told as twice its value, one more if it is at work."""
        (a, work_a), (b, work_b) = divmod(a, 2), divmod(b, 2)
        levels = np.full(len(a), _DIFFERENT, dtype=np.uint8)
        distance = cpdist(self._texts[a], self._texts[b], scorer=OSA.distance, score_cutoff=5, dtype=np.uint8)
        domain: Codes32 = self._domain.codes
        levels[work_a != work_b] = _PRIVATE  # most people have one of each
        # Mailboxes of one free-mail provider are alike by their domain: only one or two edits count there.
        levels[
            (domain[a] != domain[b])
            & (distance <= 5)
            & (distance * 5 <= np.minimum(self._lengths[a], self._lengths[b]))
        ] = _SIMILAR
        levels[distance == 2] = _TWO
        levels[distance == 1] = _ONE
        # hanako72@ and hanako87@ are two people: nobody mistypes their own number, but providers hand them out.
        numbered = (np.minimum(distance, 5) <= 2) & (self._wordy[a] == self._wordy[b])
        levels[numbered] = _DIFFERENT
        office = (domain[a] == domain[b]) & ((work_a > 0) | (work_b > 0))
        # a.sato@ and k.sato@ of one company are two people, not a slip of the finger.
        levels[office & ((distance > 1) | (self._first[a] != self._first[b]))] = _COLLEAGUE
        same_local = self._local[a] == self._local[b]
        same_bare = self._bare[a] == self._bare[b]
        numbered = np.minimum(self._digits[a], self._digits[b]) >= 2
        levels[same_bare] = np.where(domain[a] == domain[b], _DOTS, _PLAIN)[same_bare]
        levels[(self._untagged[a] == self._untagged[b]) & (domain[a] == domain[b])] = _TAG
        levels[same_local & ~numbered] = _PLAIN
        levels[same_local & numbered] = _LOCAL
        return levels


class PhoneComparison:
    """Compares the phone numbers of pairs of contacts."""

    def __init__(self, contacts: Encoded, sharing: Sharing) -> None:
        self._lists = contacts.lists("phone_keys")
        self._extensions = contacts.text("phone_extensions")
        self._sharing = sharing

    def compare(self, left: Ints, right: Ints) -> Levels:
        """Return levels of PHONE_LEVELS."""
        lists = self._lists
        levels = best_levels(lists, (left, right), self._sharing, self._unequal, lists.lists.values)
        a, b = self._extensions.codes[left], self._extensions.codes[right]
        rows = np.flatnonzero((levels > 0) & (levels < _EXTENSION) & (a >= 0) & (b >= 0) & (a != b))
        texts = self._extensions.texts
        apart = [_other_extension(texts[x], texts[y]) for x, y in zip(a[rows], b[rows], strict=True)]
        levels[rows[np.asarray(apart, dtype=bool)]] = _EXTENSION
        return levels

    def _unequal(self, a: Ints, b: Ints) -> Levels:
        """Return levels of pairs of different numbers."""
        texts = self._lists.values.texts
        distance = cpdist(texts[a], texts[b], scorer=OSA.distance, score_cutoff=1, score_hint=2, dtype=np.uint8)
        return np.where(distance <= 1, _EXTENSION + 1, _EXTENSION + 2).astype(np.uint8)


def _other_extension(a: str, b: str) -> bool:
    """Return whether two cells of `number;ext=…` share a number but not its extension."""
    one, other = (dict(entry.split(";ext=", 1) for entry in cell.split()) for cell in (a, b))
    shared = one.keys() & other.keys()
    return bool(shared) and all(one[number] != other[number] for number in shared)


def role_values(contacts: Encoded, values: pa.Array) -> Bools:
    """Return which mailboxes belong to a role."""
    roles = contacts.lists("role_emails").values.values
    return np.asarray(pc.is_in(values, value_set=roles).to_numpy(zero_copy_only=False), dtype=bool)
