"""Phone numbers, valid in form, and the notations that people use for them.

A number is kept as `country|national`, the national part in groups: `JP|03-1234-5678`.
"""

from collections.abc import Callable

import numpy as np

from generator.draw import Bools, Draw, Ints, Texts, texts
from generator.places import places

_CODES = {"JP": "81", "US": "1", "GB": "44", "DE": "49", "FR": "33"}
_US_AREAS = (
    "212",
    "213",
    "312",
    "415",
    "425",
    "503",
    "512",
    "602",
    "617",
    "702",
    "713",
    "718",
    "773",
    "786",
    "801",
    "832",
    "904",
    "917",
    "949",
    "972",
)
_LOCAL = {"所沢市": "29", "柏市": "71", "川越市": "2", "札幌市中央区": "2"}  # how numbers of these towns go on
_WIDE = str.maketrans("0123456789-()", "０１２３４５６７８９－（）")


def mobiles(draw: Draw, place: Ints) -> Texts:
    """Return a mobile number of the country of each place."""
    n = len(place)
    head, a, b = draw.unit(n), draw.whole(0, 10000, n), draw.whole(0, 10000, n)
    every = places()
    makers: dict[str, Callable[[float, int, int], str]] = {
        "JP": lambda h, a, b: f"0{'789'[int(h * 3)]}0-{1000 + a % 9000}-{b:04d}",
        "US": lambda h, a, b: f"{_US_AREAS[int(h * 20)]}-{200 + a % 800}-{b:04d}",
        "GB": lambda h, a, b: f"07{400 + int(h * 9) * 10 + a % 10}-{b:04d}{a // 100:02d}",
        "DE": lambda h, a, b: f"0{('172', '160', '170', '171', '175')[int(h * 5)]}-{a % 900 + 100}{b:04d}",
        "FR": lambda h, a, b: f"06-{10 + a // 100 % 80}-{a % 100:02d}-{b // 100:02d}-{b % 100:02d}",
    }
    return _joined(makers, [every[i].country for i in place], head, a, b)


def landlines(draw: Draw, place: Ints) -> Texts:
    """Return a landline number of each place, in its area code."""
    n = len(place)
    head, a, b = draw.unit(n), draw.whole(0, 10000, n), draw.whole(0, 10000, n)
    every = places()
    out = []
    for i, at in enumerate(place):
        area, country = every[at].area, every[at].country
        if country == "JP":
            local = _LOCAL.get(every[at].city, str(3 + int(head[i] * 6))) + f"{a[i]:04d}"
            number = f"{area}-{local[: 6 - len(area)]}-{b[i]:04d}"
        elif country == "US":
            number = f"{area}-{200 + a[i] % 800}-{b[i]:04d}"
        elif country == "GB":
            number = f"{area}-{'7' if area == '020' else '2'}{a[i] % 1000:03d}-{b[i]:04d}"[:13]
        elif country == "DE":
            number = f"{area}-{20 + a[i] % 70}{b[i]:04d}{int(head[i] * 10)}"
        else:
            number = f"{area}-{40 + a[i] % 20}-{a[i] // 100:02d}-{b[i] // 100:02d}-{b[i] % 100:02d}"
        out.append(f"{country}|{number}")
    return texts(out)


def _joined(
    makers: dict[str, Callable[[float, int, int], str]], countries: list[str], head: np.ndarray, a: Ints, b: Ints
) -> Texts:
    """Return `country|number` from each country's maker."""
    return texts([f"{c}|{makers[c](head[i], int(a[i]), int(b[i]))}" for i, c in enumerate(countries)])


def write_phones(draw: Draw, phones: Texts) -> Texts:
    """Return the numbers in one of the notations in use; None stays None."""
    styles = draw.unit(len(phones))
    return texts(
        [None if phone is None else _notate(phone, style) for phone, style in zip(phones, styles, strict=True)]
    )


def _notate(phone: str, style: float) -> str:
    """Return one number in the notation that `style` (0..1) selects."""
    country, number = phone.split("|")
    parts = number.split("-")
    digits = "".join(parts)
    abroad = f"+{_CODES[country]}"
    if country == "JP":
        choices = (number, number, number, digits, digits, f"{parts[0]}({parts[1]}){parts[2]}", number.translate(_WIDE),
                   f"{abroad}{digits[1:]}", f"{abroad}-{number[1:]}", f"{parts[0]} {parts[1]} {parts[2]}")  # fmt: skip
    elif country == "US":
        choices = (f"({parts[0]}) {parts[1]}-{parts[2]}", number, number, digits, f"{abroad}{digits}",
                   f"{abroad} ({parts[0]}) {parts[1]}-{parts[2]}", number.replace("-", "."), number.replace("-", " "))  # fmt: skip
    else:
        spaced = " ".join(parts)
        choices = (
            spaced,
            spaced,
            digits,
            f"{abroad}{digits[1:]}",
            f"{abroad} {spaced[1:]}",
            f"{abroad} (0){spaced[1:]}",
        )
    return choices[int(style * len(choices))]


def mistype(draw: Draw, phones: Texts, mask: Bools) -> Texts:
    """Return the numbers with the last digits of the masked ones changed by one."""
    out = phones.copy()
    shift = draw.whole(1, 10, len(phones))
    for i in np.flatnonzero(mask & np.array([phone is not None for phone in phones])):
        out[i] = out[i][:-1] + str((int(out[i][-1]) + int(shift[i])) % 10)
    return out
