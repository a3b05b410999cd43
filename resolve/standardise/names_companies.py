"""One name cell that holds a person and the company: 清水正(㈱関東ケミカル), John Smith (Acme Inc.), (株)青葉 山田太郎.

Only what is certain is taken apart: one part has the legal form and a name of its own, and the other part is a name
that the dictionaries know. All else stays a company: 株式会社山田太郎商店, 山田太郎(株), Smith & Sons Ltd.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from resolve.standardise.companies import has_legal_form, take_form
from resolve.standardise.companies_forms import BRACKET
from resolve.standardise.names_forms import KNOWN
from resolve.standardise.names_keys import family_part, given_part
from resolve.standardise.names_split import is_cjk, split_whole

_OPEN, _CLOSE = "\ue000", "\ue001"
_BRACKET = re.compile(r"(.*?)[(\[{<【「『〈《〔]([^()\[\]{}<>【】「」『』〈〉《》〔〕]+)[)\]}>】」』〉》〕](.*)")
_SIDES = re.compile(r"\s*[/|]\s*")
_LATIN_NAME = re.compile(r"[^\W\d_]+ (?:[^\W\d_]\.? )?[^\W\d_]+(?:-[^\W\d_]+)?")
_CACHE = 1 << 12  # cells kept; beyond it the oldest are read again


@lru_cache(_CACHE)
def take_company(text: str) -> tuple[str | None, str]:
    """Return (person, company) of a cleaned name cell that has a legal form; (None, cell) where it is all company."""
    for name, company in _parts(text):
        if has_legal_form(company) and take_form(company)[1] and not has_legal_form(name) and _is_person(name):
            return name, company
    return None, text


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """Yield every way to read a cell as (name, company), both as they were written: brackets, sides, then blanks."""
    marked = BRACKET.pattern.sub(lambda form: _OPEN + form["form"] + _CLOSE, text)  # (株) is no bracket of its own
    match = _BRACKET.fullmatch(marked)
    sides = _SIDES.split(marked)
    words = marked.split(" ")
    if match:
        pairs = [(f"{match[1]} {match[3]}", match[2]), (match[2], f"{match[1]} {match[3]}")]
    elif len(sides) == 2:
        pairs = [(sides[0], sides[1]), (sides[1], sides[0])]
    else:  # the shortest name first: what stands between it and the company is a department
        cuts = [(" ".join(words[:cut]), " ".join(words[cut:])) for cut in range(1, len(words))]
        pairs = [cut for cut in (*cuts, *((right, left) for left, right in reversed(cuts))) if all(map(is_cjk, cut))]
    for name, company in pairs:
        yield _restored(name), _restored(company)


def _restored(part: str) -> str:
    """Return a part of a cell with its (株) as it was written."""
    return part.replace(_OPEN, "(").replace(_CLOSE, ")").strip()


def _is_person(text: str) -> bool:
    """Tell whether a text is a known name: both parts in Japanese, the first of two words in Latin letters."""
    person = split_whole(text)
    if person is None or not person.family or not person.given:
        return False
    family, given = family_part(person.family, None), given_part(person.given, None)
    if family is None or given is None or KNOWN not in given.variants:
        return False
    return KNOWN in family.variants if is_cjk(text) else _LATIN_NAME.fullmatch(text) is not None
