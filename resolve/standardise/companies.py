"""Company names: legal form, core, branch and department apart, so that equal companies get equal keys.

丸山電機㈱ and 株式会社丸山電機 have one key; `org_form` says which form stood there, for 株式会社 and 有限会社 are two.
A branch is another place of the same company: it goes to `org_branch`, never into the key.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from resolve.standardise.cells import clean_list
from resolve.standardise.companies_forms import BANK, BRACKET, LONG, WEST, WEST_LONGEST, WEST_SLIPS
from resolve.standardise.companies_letters import fold_spelt_out, join_letters
from resolve.standardise.kana import to_katakana
from resolve.standardise.kanji import TIER1, has_han
from resolve.standardise.names_words import FAKES, name_words
from resolve.standardise.text import compact, fold

_CITIES = "|".join(name_words("cities"))
_PLACE = "支店|支社|支部|支所|支局|営業所|事業所|出張所|工場|本店|本社|本部|本局|事務所|オフィス|店"
_BRANCH = re.compile(f".*(?:{_PLACE}|センター|研究所|ショールーム|配送所|倉庫|校)")
_GLUED_BRANCH = re.compile(
    rf"(?P<core>.{{2,}}?)(?P<branch>(?:(?:{_CITIES})(?:東|西|南|北|中央)?(?:第[一二三四五1-9])?)(?:{_PLACE}))"
)
_GLUED_OFFICE = re.compile(
    "(?P<core>.{2,}(?:銀行|金庫|組合|証券|生命|保険|郵便局))(?P<branch>.+(?:支店|営業所|出張所|本店))"
)
_BRACKETED = re.compile(rf"(?P<core>.+?)\s*\((?P<branch>[^()]*(?:{_PLACE}))\)")
_PLACE_ENDS = tuple({place[-1] for place in _PLACE.split("|")})  # the quick look before patterns that end in a place
_DEPARTMENT = re.compile(".*(?:部|課|室|係|局|グループ|チーム|ユニット|事業部|推進室|委員会)")
_WEST_BRANCH = re.compile(
    r"(?P<core>.+?)\s*(?:,|-|\()\s*(?P<branch>[^,\-()]+ (?:branch|office|store|plant|factory))\)?", re.IGNORECASE
)
_WEST_BRANCH_ENDS = tuple("hHeEtTyY)")
_HOUSEHOLD = re.compile(r".*(?:\s(?:household|family|residence)|様方|様)", re.IGNORECASE)
_NOBODY = frozenset(name_words("no_company")) | FAKES | {""}
# A kanji that folding leaves alone and that is in none of these words: the text is none of them.
_SOMEBODY = re.compile(
    f"(?![{''.join(sorted({*''.join(_NOBODY), *map(chr, TIER1)} - {*map(chr, range(128))}))}])[\u4e00-\u9fff]"
)
_GROUP = (
    ("ホールディングス", "hd"),
    ("ホールディング", "hd"),
    ("holdings", "hd"),
    ("holding", "hd"),
    ("グループ", "group"),
)
_SMALL_KANA = str.maketrans("ァィゥェォャュョッヮヵヶ", "アイウエオヤユヨツワカケ")
_TO_LARGE_KATAKANA = re.compile("[ぁ-ゖゝゞァィゥェォャュョッヮヵヶ]")
_STRONG_WEST = frozenset(
    ("INC", "CORP", "LTD", "LLC", "LLP", "PLC", "PTY", "PTE", "GMBH", "GMBHKG", "SARL", "SDN", "KK")
)


class Company(NamedTuple):
    """A company cell in parts: display name and department, then the keys of CONTACTS; all None for no company."""

    organization: str | None = None
    department: str | None = None
    org_key: str | None = None
    org_form: str | None = None
    org_branch: str | None = None


NO_COMPANY = Company()


@lru_cache(1 << 16)
def standardise_company(cell: str | None) -> Company:
    """Return the parts and keys of a company cell. Never raises.

    "西山様", "Ortiz Household", 個人, なし and other words that name no company give no company.
    """
    text = " ".join(clean_list(cell))
    if text.endswith(("御中", "各位")):
        text = text[:-2].rstrip()
    if not _SOMEBODY.search(text) and compact(fold(text)) in _NOBODY:
        return NO_COMPANY
    outside = _WEST_BRANCH.fullmatch(text) if text.endswith(_WEST_BRANCH_ENDS) else None
    outside = outside or (_BRACKETED.fullmatch(text) if text.endswith(")") else None)
    core, form, tail = take_form(outside["core"] if outside else text)
    if form is None and _HOUSEHOLD.fullmatch(text):
        return NO_COMPANY
    core = core.removesuffix("様").strip()
    core, branch, department = _take_places(core, tail)
    branch = outside["branch"] if outside else branch
    key = company_key(core, form)
    if not key or key in FAKES:
        return NO_COMPANY
    return Company(text, department, key, form, compact(fold(branch)) or None if branch else None)


def take_form(text: str) -> tuple[str, str | None, str]:
    """Return (core, form code, what stands behind the form) of a cleaned company name."""
    for pattern, codes in ((LONG, LONG.codes), (BRACKET, BRACKET.codes), (BANK, BANK.codes)):
        match = pattern.search(text)
        if match is None:
            continue
        before, after = text[: match.start()].strip(), text[match.end() :].strip()
        if before or after:
            code = codes[match["form"]]
            return (before, code, after) if before else (after, code, "")
    return *_take_western(text), ""


def _take_western(text: str) -> tuple[str, str | None]:
    """Return (core, form code) of a name that ends in a Western legal form; several in a row give the first."""
    words = text.replace(",", " ").split()
    form = None
    while len(words) > 1:
        for size in range(min(WEST_LONGEST, len(words) - 1), 0, -1):
            word = "".join(c for c in fold("".join(words[-size:])) if c.isalnum() or c == "&")
            code = WEST.get(word) or WEST_SLIPS.get(word)
            if code:
                words, form = words[:-size], form or code
                break
        else:
            break
    return " ".join(words) if form else text, form


def _take_places(core: str, tail: str) -> tuple[str, str, str | None]:
    """Return (core, branch, department) from the core and what stood behind the legal form."""
    words = core.split() if has_han(core) or not core.isascii() else [core]
    branch, departments = [], []
    for word in (*words[1:], *tail.split()):
        if _BRANCH.fullmatch(word):
            branch.append(word)
        elif _DEPARTMENT.fullmatch(word):
            departments.append(word)
        elif word in tail.split():
            branch.append(word)
        else:
            words[0] += " " + word
    core = words[0] if words else core
    match = None
    if core.endswith(_PLACE_ENDS):
        match = _GLUED_OFFICE.fullmatch(core) or _GLUED_BRANCH.fullmatch(core)
    if match:
        core = match["core"]
        branch.insert(0, match["branch"])
    return core, " ".join(branch), " ".join(departments) or None


@lru_cache(1 << 16)
def company_key(core: str, form: str | None = None) -> str:
    """Return the key of a company core: folded, no signs, small kana large, & = and, one word for holding companies.

    Letters that are read out in kana are letters; in German names an umlaut that was spelled out is the umlaut.
    """
    folded = fold(core).replace("&", " and ").replace("+", " plus ").removeprefix("the ")
    for written, word in _GROUP:
        folded = folded.replace(written, word)
    if folded.isascii():
        return compact(fold_spelt_out(folded, form))
    if _TO_LARGE_KATAKANA.search(folded):
        folded = to_katakana(folded).translate(_SMALL_KANA)
    return compact(join_letters(folded))


def has_legal_form(text: str) -> bool:
    """Tell whether a cleaned name cell holds a company: a Japanese legal form, or a Western one that is no name."""
    if text.isascii():
        last = text.rpartition(" ")[2]
        return len(last) < 14 and WEST.get(compact(last.lower())) in _STRONG_WEST and " " in text
    return ("社" in text or "法人" in text or "(" in text or ")" in text) and (
        LONG.search(text) is not None or BRACKET.search(text) is not None or BANK.search(text) is not None
    )


def corporate_number(cell: str | None) -> str | None:
    """Return a Japanese corporate number as 13 digits, or None where it is absent or its check digit is wrong.

    The check digit stands first: 9 - (sum of the 12 others, weights 1 and 2 from the right, mod 9).
    """
    digits = compact(fold(cell)).removeprefix("t")
    if len(digits) != 13 or not digits.isascii() or not digits.isdigit():
        return None
    total = sum(int(digit) * (1 + i % 2) for i, digit in enumerate(reversed(digits[1:])))
    return digits if 9 - total % 9 == int(digits[0]) else None
