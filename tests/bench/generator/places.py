"""Homes and offices: real towns, made-up streets and numbers, one row per address."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from generator.draw import Draw, Ints
from generator.lists import read_rows, words


@dataclass(frozen=True)
class Place:
    """A town with what its addresses and landlines start with."""

    country: str
    region: str
    region_name: str
    city: str
    postal: str
    area: str
    towns: tuple[str, ...]


@dataclass(frozen=True)
class Addresses:
    """Addresses as numbers: place, town or street, three block numbers or one house number, building and unit."""

    place: Ints
    town: Ints
    numbers: npt.NDArray[np.int64]  # (n, 3); 0 = absent
    building: Ints  # -1 = none
    unit: Ints  # 0 = none
    office: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.place)


@cache
def places() -> tuple[Place, ...]:
    """Return every place, Japanese ones first."""
    japan = [
        Place(
            "JP", row["region"], row["region"], row["city"], row["postal"], row["area"], tuple(row["towns"].split("|"))
        )
        for row in read_rows("towns_ja")
    ]
    abroad = [
        Place(row["country"], row["region"], row["region_name"], row["city"], row["postal"], row["area"], ())
        for row in read_rows("towns_en")
    ]
    return (*japan, *abroad)


@cache
def _weights(locale: str) -> npt.NDArray[np.float64]:
    rows = [(place.country == "JP") for place in places()]
    weights = [float(row["weight"]) for row in (*read_rows("towns_ja"), *read_rows("towns_en"))]
    return np.array([weight * (japan == (locale == "ja")) for japan, weight in zip(rows, weights, strict=True)])


def pick_places(draw: Draw, locale: npt.NDArray[np.bool_]) -> Ints:
    """Return one place for every locale flag (True = Japanese)."""
    n = len(locale)
    return np.where(locale, draw.weighted(_weights("ja"), n), draw.weighted(_weights("en"), n))


def make_addresses(draw: Draw, place: Ints, office: bool) -> Addresses:
    """Return one address in each of the given places."""
    n = len(place)
    japan = np.array([places()[i].country == "JP" for i in range(len(places()))])[place]
    towns = np.where(japan, 4, len(words("street_en")))
    numbers = np.stack(
        [
            np.where(japan, draw.whole(0, 6, n), draw.whole(1, 9900, n)),
            np.where(japan, draw.whole(1, 31, n), 0),
            np.where(japan, draw.whole(1, 21, n) * draw.chance(0.85, n), 0),
        ],
        axis=1,
    )
    flat = draw.chance(0.6 if office else 0.45, n)
    buildings = len(words("office_ja" if office else "building_ja"))
    return Addresses(
        place,
        draw.whole(0, towns, n),
        numbers,
        np.where(flat, draw.whole(0, buildings, n), -1),
        np.where(flat, draw.whole(1, 13, n) * 100 + draw.whole(1, 9, n), 0),
        np.full(n, office),
    )


def join_addresses(*parts: Addresses) -> Addresses:
    """Return the parts as one table, in order."""
    return Addresses(
        np.concatenate([part.place for part in parts]),
        np.concatenate([part.town for part in parts]),
        np.concatenate([part.numbers for part in parts]),
        np.concatenate([part.building for part in parts]),
        np.concatenate([part.unit for part in parts]),
        np.concatenate([part.office for part in parts]),
    )
