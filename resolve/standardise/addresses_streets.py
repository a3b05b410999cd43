"""A Western street line: house number, street core, unit."""

import re
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

from resolve.standardise.text import clean, fold, fold_umlauts


class StreetLine(NamedTuple):
    """The parts of a street line: `number` 221B or 12-14, `street` its folded core, `unit` 4B, 5F for a floor."""

    number: str | None
    street: str | None
    unit: str | None


GERMAN = frozenset({"DE", "AT", "CH", "LI"})
_ROMANCE = frozenset(["FR", "ES", "IT", "PT", "BE", "LU", "MC", "BR", "MX", "AR", "CL", "CO", "PE"])
_NAMED_HOUSES = frozenset({"GB", "IE"})
_UNIT_WORD = (
    r"apartment|appartment|apart|apt|ap|unit|suite|ste|room|rm|flat|flt|villa|townhouse|shop|office|ofc|lot|space|spc|"
    r"slip|trailer|trlr|penthouse|ph|stop|wohnung|whg|zimmer|appartement|appt|porte|piso|puerta|interno|int|bte|bus"
)
_UNIT = re.compile(
    rf"(?:^|[\s,;(])(?:(?:{_UNIT_WORD})\b\.?\s*(?:no\.?|number|nr\.?)?\s*[#:]?\s*|#\s*)"
    r"(?P<unit>[a-z]?-?\d+(?:[-/]?[a-z0-9]{1,3})?|[a-z])(?=$|[\s,;)/])[,;)]?",
    re.IGNORECASE,
)
_FLOOR = re.compile(
    r"(?:^|[\s,;(])(?:(?:level|lvl|floor|fl|stock|og|etage)\b\.?\s*(?P<after>\d{1,3})|"
    r"(?P<before>\d{1,3})(?:st|nd|rd|th|\.|e|er|eme)?\s*(?:floor|fl|stock|og|etage)\b\.?)[,;)]?",
    re.IGNORECASE,
)
_BOX = re.compile(
    r"\b(?:p\.?\s*o\.?\s*box|post\s*office\s*box|gpo\s*box|postfach|bo[iî]te\s*postale)\s*#?\s*(\d[\d ]*)",
    re.IGNORECASE,
)
_SLASHED = re.compile(r"^(?P<unit>[a-z]?\d+[a-z]?)\s*/\s*(?=\d)", re.IGNORECASE)
_LEADING = re.compile(
    r"^(?:no\.?\s+|nr\.?\s+|#\s*)?(\d{1,6}(?:\s?-\s?\d{1,5})?(?:[a-z](?=[\s,]|$))?(?:\s1/2)?|[nsew]\d+[nsew]\d+)[\s,]+(?=\S)",
    re.IGNORECASE,
)
_TRAILING = re.compile(
    r"(?<=\S)[\s,]+(?:no\.?|nr\.?)?\s*(\d{1,5}(?:\s?[-/+]\s?\d{1,5})*(?:\s?[a-z])?)(?:\s*[-,].*)?$", re.IGNORECASE
)
_BARE_NUMBER = re.compile(r"\d{1,5}\s?[A-Za-z]?")
_GLUED = re.compile(r"(?<=[a-zß.])(\d{1,4}\s?[a-z]?)$", re.IGNORECASE)
_ORDINAL = re.compile(r"^0*(\d+)\s*(?:st|nd|rd|th)$")
_SPLIT_ORDINAL = re.compile(r"\b(\d+)\s+(nd|rd|th)\b(?=\s+\w)", re.IGNORECASE)
_TENS = re.compile(
    r"\b(twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)[\s-](first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)\b"
)
_TOKENS = re.compile(r"[^\W_]+")
_SMALL_UNIT = re.compile(r"[A-Za-z]?-?\d{1,4}[A-Za-z]?")
_NO_UNIT = re.compile(r"[^0-9A-Z]+")
_ORDINAL_END = re.compile(r"(?:nd|rd|th)\b", re.IGNORECASE)
_BLANKS = re.compile(r"\s+")
_BETWEEN_PIECES = re.compile("[,;]")
_GERMAN_STREET = re.compile(r"(?:strasse|str|straße)$")


@cache
def _words(section: str) -> dict[str, str]:
    """Return word -> short form of one section of streets.tsv."""
    words: dict[str, str] = {}
    current = ""
    for line in files("resolve.standardise").joinpath("streets.tsv").read_text("utf-8").splitlines():
        if line.startswith("["):
            current = line.strip("[]")
        elif current == section and not line.startswith("#"):
            short, others = line.split("\t")
            words.update(dict.fromkeys((short, *others.split()), short))
    return words


def split_street(text: str | None, building: str | None, country: str | None) -> StreetLine:
    """Return number, street core and unit of a street line; the unit may stand in the building column instead."""
    line = clean(text)
    box = _BOX.search(line)
    if box:
        return StreetLine(box[1].replace(" ", ""), "po box", None)
    unit, line = _take_unit(line)
    if unit is None and building:
        unit, _ = _take_unit(clean(building))
        if unit is None and _SMALL_UNIT.fullmatch(clean(building)):
            unit = _unit_key(clean(building))
    name, line = _pick_piece(line)
    number, line = _take_number(line, country)
    if number is None and name and country in _NAMED_HOUSES:
        number = " ".join(_TOKENS.findall(fold(name))).upper() or None
    return StreetLine(number, street_core(line, country) or None, unit)


def _pick_piece(line: str) -> tuple[str | None, str]:
    """Return the piece of a line that is the street, and the piece before it: Rose Cottage, Church Lane."""
    pieces = [piece for piece in (p.strip() for p in _BETWEEN_PIECES.split(line)) if piece]
    if len(pieces) < 2:
        return None, pieces[0] if pieces else ""
    alone = next((i for i, piece in enumerate(pieces) if _BARE_NUMBER.fullmatch(piece)), None)
    if alone is not None:  # "12, Church Lane" and "Calle Mayor, 12"
        start = max(alone - 1, 0)
        return None, " ".join(pieces[start : start + 2])
    index = next((i for i, piece in enumerate(pieces) if _LEADING.match(piece)), None)
    if index is None:
        index = next((i for i, piece in enumerate(pieces) if _TRAILING.search(piece)), None)
    if index is None:
        index = next((i for i, p in enumerate(pieces) if fold(p.split()[-1]).strip(".") in _words("types")), 0)
    return (pieces[index - 1] if index else None), pieces[index]


def _take_unit(line: str) -> tuple[str | None, str]:
    """Return the unit of a line and the line without it; a floor counts where there is no unit."""
    unit = None
    match = _SLASHED.match(line)
    if match is None:
        match = _UNIT.search(line)
    if match:
        unit, line = _unit_key(match["unit"]), f"{line[: match.start()]} {line[match.end() :]}"
    floor = _FLOOR.search(line)
    if floor:
        unit = unit or f"{int(floor['after'] or floor['before'])}F"
        line = f"{line[: floor.start()]} {line[floor.end() :]}"
    return unit, line.strip(" ,;")


def _unit_key(text: str) -> str | None:
    """Return the key of a unit: upper case, letters and digits, no zeros at the start."""
    return _NO_UNIT.sub("", text.upper()).lstrip("0") or None


def _take_number(line: str, country: str | None) -> tuple[str | None, str]:
    """Return the house number and the rest of a line; it leads in English and French, and follows elsewhere."""
    match = _LEADING.match(line)
    if match and not _ORDINAL_END.match(line[match.end() :]):
        return _number_key(match[1]), line[match.end() :]
    match = _TRAILING.search(line) or (_GLUED.search(line) if country in GERMAN else None)
    if match and line[: match.start()].strip():
        return _number_key(match[1]), line[: match.start()]
    return None, line


def _number_key(text: str) -> str:
    """Return the key of a house number: 221 b -> 221B, 12 - 14 -> 12-14."""
    key = text.upper().replace(" 1/2", "½")
    return _BLANKS.sub("", key).lstrip("0") or "0"


@lru_cache(1 << 16)
def street_core(text: str, country: str | None) -> str:
    """Return the folded street: types and directions short, ordinals as numbers, no punctuation.

    123 West Fifth Street -> "w 5th st"; Hauptstraße -> "hauptstr"; Rue de la Paix -> "r de la paix".
    """
    folded = fold_umlauts(text) if country in GERMAN else fold(text)
    if country in GERMAN:
        tokens = [_GERMAN_STREET.sub("str", token) for token in _TOKENS.findall(folded.replace("'", ""))]
        return "".join(tokens)
    folded = _TENS.sub(r"\1\2", _SPLIT_ORDINAL.sub(r"\1\2", folded)).replace("'", "")
    if country in _ROMANCE:
        return " ".join(_words("romance").get(token, token) for token in _TOKENS.findall(folded))
    return " ".join(_english_word(token) for token in _TOKENS.findall(folded))


def _english_word(token: str) -> str:
    """Return one word of an English street in its short form."""
    short = _words("types").get(token) or _words("directions").get(token) or _words("numbers").get(token)
    if short:
        return short
    ordinal = _ORDINAL.match(token)
    if ordinal:
        return f"{ordinal[1]}{_ordinal_end(int(ordinal[1]))}"
    for tens, value in (("twenty", 20), ("thirty", 30), ("forty", 40), ("fifty", 50), ("sixty", 60)):
        unit = _words("numbers").get(token.removeprefix(tens)) if token.startswith(tens) else None
        if unit:
            return f"{value + int(unit[0])}{unit[1:]}"
    return token


def _ordinal_end(number: int) -> str:
    """Return st, nd, rd or th."""
    return "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
