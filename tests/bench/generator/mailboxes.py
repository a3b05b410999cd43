"""Mailboxes: private ones that nobody else has, work ones by the company's rule, family ones that a household shares."""

import re
import unicodedata

import numpy as np

from generator.companies import Companies
from generator.draw import Draw, Ints, Texts, missing, texts
from generator.households import People
from generator.kana import to_latin
from generator.lists import word_rows

_LETTERS = str.maketrans({"ø": "o", "Ø": "O", "ß": "ss", "ł": "l", "æ": "ae", "đ": "d"})


def latin_letters(name: str) -> str:
    """Return a Latin name as lower-case a-z."""
    bare = unicodedata.normalize("NFD", name.translate(_LETTERS))
    return re.sub("[^a-z]", "", bare.lower())


def latin_names(people: People, former: bool = False) -> tuple[list[str], list[str]]:
    """Return given and family names in the letters of a mail address; `former` = with the name before marriage."""
    family = np.where(people.maiden != np.array(None), people.maiden, people.family) if former else people.family
    kana = (
        np.where(people.maiden_kana != np.array(None), people.maiden_kana, people.family_kana)
        if former
        else people.family_kana
    )
    styles, given_kana, given = people.latin, people.given_kana, people.given
    both = [
        (to_latin(given_kana[i], styles[i]), to_latin(kana[i], styles[i])) if people.japan[i]
        else (latin_letters(given[i]), latin_letters(family[i]))
        for i in range(len(people))
    ]  # fmt: skip
    return [g for g, _ in both], [f for _, f in both]


def _scrambled(numbers: Ints, total: int) -> list[str]:
    """Return one distinct number a person, of as many digits as the world needs, that does not show the order."""
    width = max(3, len(str(max(total - 1, 1))))
    size = 10**width
    return [f"{(int(n) * 7_654_321 + 97) % size:0{width}d}" for n in numbers]


def _free_hosts(draw: Draw, n: int) -> dict[str, Texts]:
    """Return n providers of private mailboxes for each locale; one of them is in no list of free providers."""
    hosts = {}
    for locale in ("ja", "en"):
        rows = word_rows(f"free_{locale}")
        hosts[locale] = texts([row["text"] for row in rows])[draw.weighted([float(row["latin"]) for row in rows], n)]
    return hosts


def private_mails(draw: Draw, people: People, total: int, former: bool = False) -> Texts:
    """Return one private address a person, unique in the whole world of `total` people."""
    n = len(people)
    given, family = latin_names(people, former)
    style, plain = draw.unit(n), draw.chance(0.5 if people.number[0] == 0 and not former else 0.0, n)
    year = (people.born.astype("datetime64[Y]").astype(int) + 1970) % 100
    digits = _scrambled(people.number, total)
    hosts = _free_hosts(draw, n)
    seen: set[str] = set()
    out = []
    for i in range(n):
        g, f = given[i] or "x", family[i] or "x"
        shapes = (
            f"{g}.{f}",
            f"{g}{f}",
            f"{f}.{g}",
            f"{g[0]}{f}",
            f"{f}{year[i]:02d}",
            f"{g}_{f}",
            f"{g}{year[i]:02d}",
            f"{f}-{g}",
        )
        local = shapes[int(style[i] * len(shapes))]
        domain = hosts["ja" if people.japan[i] else "en"][i]
        if not plain[i] or f"{local}@{domain}" in seen:
            local += ("" if local[-1].isalpha() else ".") + digits[i]
        seen.add(f"{local}@{domain}")
        out.append(f"{local}@{domain}")
    return texts(out)


def work_mails(people: People, companies: Companies, company: Ints, former: bool = False) -> Texts:
    """Return the address that each person's company gives; namesakes in one company get a number."""
    given, family = latin_names(people, former)
    out = missing(len(people))
    seen: set[str] = set()
    for i in np.flatnonzero(company >= 0):
        at = company[i]
        g, f = given[i] or "x", family[i] or "x"
        local = (f"{g}.{f}", f"{g[0]}.{f}", f"{f}.{g}", f"{g[0]}{f}")[companies.pattern[at]]
        mail = f"{local}@{companies.domain[at]}"
        if mail in seen:
            mail = f"{local}{people.number[i] % 97 + 2}@{companies.domain[at]}"
        seen.add(mail)
        out[i] = mail
    return out


def family_mails(draw: Draw, people: People, total: int) -> Texts:
    """Return, for a third of the shared households, one address for all members; None for the others."""
    n = len(people)
    first = np.searchsorted(people.household, people.household)
    shared = (np.bincount(people.household, minlength=n)[people.household] > 1) & draw.chance(0.33, n)[first]
    _, family = latin_names(people)
    digits, hosts = _scrambled(people.number, total), _free_hosts(draw, n)
    style = draw.whole(0, 3, n)
    out = missing(n)
    for i in np.flatnonzero(shared):
        at = first[i]
        word = ("family", "home", "ie")[style[at]]
        host = hosts["ja" if people.japan[at] else "en"][at]
        out[i] = f"{family[at]}.{word}{digits[at]}@{host}"
    return out
