"""Seven ASCII fields of people, for engines side by side: no households, no scripts, only repeats with slips.

first_name, surname, dob (ISO), postcode, phone (ten digits), city, email; `unique_id`, and `entity` as the truth.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from generator.draw import Bools, Draw, Ints, Texts, texts
from generator.kana import to_latin
from generator.lists import families, givens
from generator.mailboxes import latin_letters
from generator.noise_names import mistyped

FIELDS = ("first_name", "surname", "dob", "postcode", "phone", "city", "email")
_SLIPS = {
    "first_name": 0.10,
    "surname": 0.08,
    "dob": 0.05,
    "postcode": 0.08,
    "phone": 0.08,
    "city": 0.06,
    "email": 0.08,
}
_BLANKS = {
    "first_name": 0.02,
    "surname": 0.01,
    "dob": 0.12,
    "postcode": 0.10,
    "phone": 0.25,
    "city": 0.08,
    "email": 0.22,
}
BLOCK = 1_000_000  # records made at a time
_MOVES = ("postcode", "phone", "city", "email")  # fields that a later record may have anew


def make_plain(records: int, seed: int) -> dict[str, Texts]:
    """Return about `records` rows (exactly `records`) of people who occur 1.75 times on average."""
    draw = Draw(seed)
    counts = draw.weighted((0.5, 0.3, 0.15, 0.05), records) + 1
    entity = np.repeat(np.arange(records), counts)[:records]
    truth = _people(draw, int(entity[-1]) + 1)
    table = {name: column[entity] for name, column in truth.items()}
    _move(draw, table, truth, entity)
    for name in FIELDS:
        _slip(draw, table[name], draw.chance(_SLIPS[name], records))
        table[name][draw.chance(_BLANKS[name], records)] = None
    order = draw.order(records)
    table = {name: column[order] for name, column in table.items()}
    return {
        "unique_id": texts([f"{i:09d}" for i in range(records)]),
        **table,
        "entity": texts([f"{number:09d}" for number in entity[order]]),
    }


def plain_blocks(records: int, seed: int) -> Iterator[dict[str, Texts]]:
    """Yield `records` rows in blocks of at most BLOCK, each of people of its own, so that memory holds one block."""
    for number, first in enumerate(range(0, records, BLOCK)):
        size = min(BLOCK, records - first)
        block = make_plain(size, seed + 1000 * number)
        if first:
            for name in ("unique_id", "entity"):
                block[name] = texts([f"{int(value) + first:09d}" for value in block[name]])
        yield block


def _people(draw: Draw, n: int) -> dict[str, Texts]:
    """Return the true values of n people."""
    first, surname = _names(draw, n, "given"), _names(draw, n, "family")
    born = np.datetime64("1926-01-01") + draw.whole(0, 33_000, n).astype("timedelta64[D]")
    cities, weights = _cities()
    city = draw.weighted(weights, n)
    number, host = draw.whole(0, 100_000, n), draw.of(("gmail.com", "yahoo.com", "mail.example.com", "outlook.com"), n)
    return {
        "first_name": first,
        "surname": surname,
        "dob": texts(born.astype(str)),
        "postcode": texts([f"{c:03d}{p:03d}" for c, p in zip(city, draw.whole(0, 100, n), strict=True)]),
        "phone": texts([f"0{p:09d}" for p in draw.whole(200_000_000, 999_999_999, n)]),
        "city": cities[city],
        "email": texts([f"{f}.{s}{k}@{h}" for f, s, k, h in zip(first, surname, number, host, strict=True)]),
    }


def _names(draw: Draw, n: int, part: str) -> Texts:
    """Return given or family names in Latin letters, half of them Japanese."""
    names: list[str] = []
    weights: list[npt.NDArray[np.float64]] = []
    for locale in ("ja", "en"):
        lists = [families(locale)] if part == "family" else [givens(locale, sex) for sex in "mf"]
        for listed in lists:
            latin = (
                [to_latin(kana) for kana in listed.readings]
                if locale == "ja"
                else [latin_letters(x) for x in listed.names]
            )
            names += latin
            weights.append(listed.weights / listed.weights.sum() / len(lists))
    return texts(names)[draw.weighted(np.concatenate(weights), n)]


def _cities() -> tuple[Texts, npt.NDArray[np.float64]]:
    """Return a thousand towns with weights that fall as towns do, with their rank."""
    towns = [name.lower() for name in families("en").names[-1000:]]
    return texts(towns), 1.0 / (20.0 + np.arange(len(towns)))


def _move(draw: Draw, table: dict[str, Texts], truth: dict[str, Texts], entity: Ints) -> None:
    """Give one record in ten the address, number and mailbox of a time before (those of a person who does not exist)."""
    n = len(entity)
    other = draw.whole(0, len(truth["city"]), n)
    for group in (("postcode", "city"), ("phone",), ("email",)):
        moved: Bools = draw.chance(0.10, n)
        for name in group:
            fresh = truth[name][other[moved]]
            table[name][moved] = (
                [_renumbered(value, i) for i, value in enumerate(fresh)] if name in ("phone", "email") else fresh
            )


def _renumbered(value: str, number: int) -> str:
    """Return a number or mailbox that nobody has."""
    if "@" in value:
        return value.replace("@", f"x{number % 10_000}@")
    return f"1{(int(value) * 7 + number) % 10**9:09d}"


def _slip(draw: Draw, column: Texts, mask: Bools) -> None:
    """Make one typing error in the masked cells; digits become other digits (edits the fresh array)."""
    n = len(column)
    kind, where = draw.unit(n), draw.unit(n)
    for i in np.flatnonzero(mask):
        value = column[i]
        if value[-1].isdigit():
            at = int(where[i] * len(value))
            if value[at].isdigit():
                column[i] = value[:at] + str((int(value[at]) + 1 + int(kind[i] * 9)) % 10) + value[at + 1 :]
        else:
            column[i] = mistyped(value, kind[i], where[i])
