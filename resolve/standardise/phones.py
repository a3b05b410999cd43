"""Phone cells to E.164: several numbers in a cell, extensions, labels, dummies, the record's country."""

import re
from typing import NamedTuple

import phonenumbers

from resolve.standardise.cells import clean_list
from resolve.standardise.words import word_list


class Phones(NamedTuple):
    """The numbers of one cell.

    `phones`: cleaned values, E.164 where that is known, the first is the main one. `keys`: the E.164 numbers among
    them that are evidence. `blocked`: (value, reason) of what was dropped as a dummy. `extensions`: `number;ext=12`
    where the cell holds one number and one extension.
    """

    phones: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    blocked: tuple[tuple[str, str], ...] = ()
    extensions: tuple[str, ...] = ()


_NONE = Phones()
_NANP = word_list("nanp")
_DIGITS = str.maketrans({**dict(zip("〇一二三四五六七八九", "0123456789", strict=True)), "零": "0", "ー": "-"})
_LOOK_ALIKES = str.maketrans("OoIl", "0011")
_IN_DIGITS = re.compile(r"(?<=[\d\-+( ])[OoIl]+(?=[\d\-)])|(?<=\d)[OoIl]+(?=$|[\s)])")
_EXTENSION = re.compile(
    r"[\s,;(\[-]*(?:内線(?:番号)?|内|extension|extn|ext|xtn|durchwahl|poste|#|(?<=[\d) ])x)[\s.:#=]*\d{1,7}\s*[)\]]?",
    re.IGNORECASE,
)
_NO_DIGITS_IN_BRACKETS = re.compile(r"[(\[<][^\d)\]>]*[)\]>]")
_RANGE = re.compile(r"(?<=\d)\s*[~〜]\s*\d+")
_SPLIT = re.compile(r"[;、,/|・]|\bor\b|または|又は", re.IGNORECASE)
_NOT_DIALLED = re.compile(r"\D+")
_JAPAN_NATIONAL = re.compile(r"[5-9]0\d{8}|[1-9][1-9]\d{7}")  # no area code begins with 010 to 040
_JAPAN_MOBILE = re.compile(r"0[5-9]0-\d{4}-\d{4}")
_NANP_NATIONAL = re.compile(r"[2-9]\d{2}[2-9]\d{6}")
_LONGEST = 500  # characters of a cell that are read; more is no list of numbers
_PLAIN = re.compile(r"\+?[\d\-. ()]{6,18}")
_ONE_NUMBER = re.compile(r"\+?(?:[\d\-. ]|\(\d+\)){6,15}", re.ASCII)
_RUNS = "1234567890", "0987654321", "9876543210"
_DUMMIES = frozenset(
    [run[i : i + n] for run in _RUNS for n in range(6, 11) for i in range(len(run) - n + 1)]
    + [digit * n for digit in "0123456789" for n in range(3, 16)]
)


def standardise_phones(cell: str | None, country: str | None) -> Phones:
    """Return the numbers of a cell.

    `country` is the ISO alpha-2 code that numbers without an international prefix belong to. A number without area
    code, or one that cannot exist there, is kept as digits and is no key. Never raises.
    """
    if not cell:
        return _NONE
    if cell.isascii() and _PLAIN.fullmatch(cell):
        return _standardise_one(cell, country)
    lines = clean_list(cell if len(cell) <= _LONGEST else _first_lines(cell))
    if len(lines) == 1 and _is_one_number(lines[0]):
        return _standardise_one(lines[0], country)
    parts = [
        part for line in lines for part in ([line] if _is_one_number(line) else _split_numbers(_spell_digits(line)))
    ]
    phones: dict[str, bool] = {}
    blocked: dict[str, str] = {}
    for part in parts:
        number = _dial_number(part, country)
        digits = _NOT_DIALLED.sub("", number or part)
        if len(digits) < 3:
            continue
        if is_dummy(number, digits):
            blocked[number or digits] = "dummy"
        else:
            value = number or digits[:20]
            phones[value] = number is not None
    keys = tuple(p for p, is_key in phones.items() if is_key)
    return Phones(tuple(phones), keys, tuple(blocked.items()), _extensions(lines, keys))


def _first_lines(cell: str) -> str:
    """Return the whole lines of a long cell that are together no longer than is read."""
    kept: list[str] = []
    left = _LONGEST
    for line in cell.splitlines():
        if len(line) < left:
            kept.append(line)
            left -= len(line) + 1
    return "\n".join(kept)


def _is_one_number(line: str) -> bool:
    """Return whether a cleaned line is one number, without words: nothing in it to spell or to split."""
    return len(line) <= 15 and _ONE_NUMBER.fullmatch(line) is not None


def _standardise_one(text: str, country: str | None) -> Phones:
    """Return the number of a cleaned cell that holds one number, without words or extension."""
    number = _dial_number(text, country)
    digits = number[1:] if number else _NOT_DIALLED.sub("", text)
    if len(digits) < 3:
        return _NONE
    if is_dummy(number, digits):
        return Phones(blocked=((number or digits, "dummy"),))
    return Phones((number,), (number,)) if number else Phones((digits[:20],))


def _extensions(lines: list[str], keys: tuple[str, ...]) -> tuple[str, ...]:
    """Return the extension of the only number of a cell's lines."""
    if len(keys) != 1:
        return ()
    found = {_NOT_DIALLED.sub("", match[0]) for line in lines for match in _EXTENSION.finditer(line)}
    return (f"{keys[0]};ext={found.pop()}",) if len(found) == 1 else ()


def _spell_digits(text: str) -> str:
    """Return the cell with kanji numerals and look-alike letters as digits, without extensions and remarks."""
    if not text.isascii():
        text = text.translate(_DIGITS)
    text = _EXTENSION.sub(" ", text)
    text = _NO_DIGITS_IN_BRACKETS.sub(" ", text)
    text = _IN_DIGITS.sub(lambda m: m[0].translate(_LOOK_ALIKES), text)
    return _RANGE.sub("", text)


def _split_numbers(text: str) -> list[str]:
    """Return the parts of a cell that hold one number each."""
    parts = [part for part in _SPLIT.split(text) if part and part.strip()]
    if len(parts) > 1 and any(sum(c.isdigit() for c in part) < 6 for part in parts):
        whole = sum(c.isdigit() for part in parts for c in part)
        if whole <= 12:  # 03/1234/5678 is one number
            parts = [" ".join(parts)]
    out: list[str] = []
    for part in parts:
        if sum(c.isdigit() for c in part) > 15:
            out.extend(_split_at_spaces(part))
        else:
            out.append(part)
    return out


def _split_at_spaces(part: str) -> list[str]:
    """Return the numbers of a text that holds too many digits for one, cut at white space and brackets."""
    numbers: list[str] = []
    for piece in re.split(r"[\s()\[\]]+", part):
        digits = sum(c.isdigit() for c in piece)
        if digits == 0:
            continue
        last = sum(c.isdigit() for c in numbers[-1]) if numbers else 99
        if last + digits <= 11 and not piece.startswith(("+", "0")):
            numbers[-1] += " " + piece
        else:
            numbers.append(piece)
    return numbers


def _dial_number(part: str, country: str | None) -> str | None:
    """Return the E.164 number of a part, or None where it cannot be completed to one."""
    text = part.strip().replace("(0)", " ") if "+" in part or part.lstrip().startswith("00") else part.strip()
    digits = _NOT_DIALLED.sub("", text)
    if not digits.isascii():
        digits = "".join(str(int(c)) for c in digits)
    plus = text.find("+")
    if plus >= 0 and not any(c.isdigit() for c in text[:plus]):
        return _parse_international(digits)
    if digits.startswith("00") and len(digits) >= 10:
        return _parse_international(digits[2:])
    if country in (None, "JP"):
        return _complete_japanese(digits, text, country)
    if country.lower() in _NANP:
        national = (
            digits.removeprefix("1")
            if len(digits) == 11
            else digits.removeprefix("0111")
            if len(digits) == 14
            else digits
        )
        if _NANP_NATIONAL.fullmatch(national):
            return "+1" + national
    return _parse(text, country)


def _complete_japanese(digits: str, text: str, country: str | None) -> str | None:
    """Return the E.164 number of a Japanese number: prefix 010, a lost zero, a lost plus; North American ones pass."""
    if digits.startswith("010") and len(digits) > 11:
        return _parse_international(digits[3:])
    if country == "JP" or _JAPAN_MOBILE.fullmatch(text):
        if digits.startswith("81") and len(digits) in (11, 12):
            return _parse_international(digits)
        national = digits.removeprefix("0")
        if _JAPAN_NATIONAL.fullmatch(national):
            return "+81" + national
    american = digits[1:] if len(digits) == 11 and digits[0] == "1" else digits
    return "+1" + american if _NANP_NATIONAL.fullmatch(american) else None


def _parse_international(digits: str) -> str | None:
    """Return the E.164 number of digits that start with a country calling code."""
    if digits.startswith("81"):
        national = digits[2:].removeprefix("0")
        return "+81" + national if _JAPAN_NATIONAL.fullmatch(national) else None
    if digits.startswith("1"):
        return "+" + digits if _NANP_NATIONAL.fullmatch(digits[1:]) else None
    return _parse("+" + digits, None)


def _parse(text: str, country: str | None) -> str | None:
    """Return the E.164 number that the phone metadata gives, or None where its length cannot exist."""
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def is_dummy(number: str | None, digits: str) -> bool:
    """Say whether nobody can be reached there: one digit repeated, or a run such as 12345678, as subscriber number."""
    american = number is not None and number.startswith("+1")
    national = digits[2:] if number is not None and number.startswith("+81") else digits[1:] if american else digits
    if national in _DUMMIES or (len(national) > 6 and national[-7 if american else -8 :] in _DUMMIES):
        return True
    return national[:3] in ("120", "800", "570") and len(national) > 8 and national[3:] in _DUMMIES
