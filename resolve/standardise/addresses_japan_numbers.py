"""Block numbers, building and room: what follows the town in a Japanese address."""

import re
from functools import lru_cache
from typing import NamedTuple

from resolve.standardise.text import clean


class BlockNumbers(NamedTuple):
    """The numbers after a town: `numbers` the block chain (2-8-1), `room` what is left of it, `rest` the text after."""

    numbers: str | None
    room: str | None
    rest: str


_LOT = (
    "甲乙丙丁戊己庚辛壬癸イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセス"
)
_JOIN = r"(?:\s*(?:丁目|丁|地割|番地|番|線)\s*(?:[のノ之]|-)?\s*第?(?=\d)|\s?-\s?(?=\d)|[のノ之](?=\d))"
_CHAIN = re.compile(
    rf"[\s\-,、・]*(?:(?P<lot>[{_LOT}])(?=-?\d)-?)?第?(?P<chain>\d{{1,5}}(?:{_JOIN}\d{{1,5}})*)(?![\d.])"
    r"(?!\s*(?:号棟|棟|号館))"
    r"(?P<tail>\s*(?:丁目|丁(?!\w)|地割|番地先|番地|番(?![館街町])|号(?![室棟館線])))?(?P<room>号室|室|[F階])?"
)
_PLAIN_CHAIN = re.compile(r"(\d{1,5}(?:-\d{1,5}){0,2})(?: (?![丁地番線号\- ])(.*))?", re.ASCII | re.DOTALL)
_NUMBER = re.compile(r"\d+")
EDGES = " -,、・/()[]「」"
_ROOM_WORD = re.compile(r"([A-Z]?-?\d{1,5}-?[A-Z]?|[A-Z])\s*号?室|(?<![\d])(\d{2,5})\s*号(?![棟館車線])", re.IGNORECASE)
_ROOM_MARK = re.compile(r"(?:#|№|\bno\.?|\broom|\brm\.?|\bapt\.?)\s*([A-Z]?-?\d{1,5}[A-Z]?)\b", re.IGNORECASE)
_ROOM_LAST = re.compile(
    r"(?:^|[\s\-,、/)])([A-Z]?-?\d{1,5}[A-Z]?)$|(?<=[^\d\s\-.A-Za-z])([A-Z]?-?\d{3,5}[A-Z]?)$", re.IGNORECASE
)
_FLOOR = re.compile(r"(地下|B)?\s*(\d{1,3})\s*(?:階|F(?![A-Za-z]))", re.IGNORECASE)
_KANJI_DIGITS = "一二三四五六七八九"
_WING = re.compile(
    rf"(?:第\s*)?(?P<wing>(?<![0-9A-Z])(?:\d{{1,3}}|[A-Z])|[{_KANJI_DIGITS}]|[東西南北中新旧本別]{{1,2}})"
    r"\s*-?\s*(?:号?棟|号館)",
    re.IGNORECASE,
)
_WING_ROOM = re.compile(r"(?:^|(?<=[^\d\-A-Za-z]))(?P<wing>\d{1,2})-(?=\d{3,4}(?:号室?|室)?$)")
_CARE_OF = re.compile(r"\s*\S*(?:様方|気付)\s*$")


def split_numbers(text: str) -> BlockNumbers:
    """Return the block numbers at the start of a text, its numbers written as digits.

    The chain is joined by 丁目, 丁, 番地, 番, 号, の and hyphens. With four and more numbers the last one is the room;
    of five the fourth is the building of an estate, if the last one is long enough for its room (1-203).
    """
    plain = _PLAIN_CHAIN.fullmatch(text)
    if plain is not None:
        return BlockNumbers(_without_zeros(plain[1]), None, (plain[2] or "").strip(EDGES))
    match = _CHAIN.match(text)
    if match is None:
        return BlockNumbers(None, None, text)
    numbers = [number.lstrip("0") or "0" for number in _NUMBER.findall(match["chain"])]
    room = None
    if match["room"] and not match["tail"] and len(numbers) > 1:
        room = numbers.pop() + ("F" if match["room"] in "F階" else "")
    elif match["room"] and not match["tail"]:
        return BlockNumbers(None, None, text)
    elif len(numbers) > 3:
        room = numbers[-1]
        numbers = numbers[: 4 if len(numbers) == 5 and _WING_ROOM.match(f"{numbers[3]}-{room}") else 3]
    if room and len(numbers) == 4 and _WING_ROOM.match(f"{numbers[3]}-{room}"):
        room = f"{numbers.pop()}-{room}"
    lot = match["lot"] or ""
    end = match.start("room") if match["room"] and match["tail"] else match.end()
    return BlockNumbers(lot + "-".join(numbers), room, text[end:].strip(EDGES))


def _without_zeros(chain: str) -> str:
    """Return a chain of numbers without the zeros that its numbers start with."""
    if "0" not in chain:
        return chain
    return "-".join([number.lstrip("0") or "0" for number in chain.split("-")])


@lru_cache(maxsize=1 << 15)
def find_unit(text: str) -> str | None:
    """Return the room of the text after the block numbers (501), or its floor (5F, B1F) where it has no room.

    The building of an estate goes before it: A棟203 gives A203, 1号棟203 gives 1-203, 東棟 gives 東棟.
    """
    if not text:
        return None
    if "様方" in text or "気付" in text:
        text = _CARE_OF.sub("", text)
    wing = _WING.search(text) if "棟" in text or "館" in text else _WING_ROOM.search(text)
    if wing is None:
        return _find_room(text)
    name = wing["wing"].upper().lstrip("0")
    name = str(_KANJI_DIGITS.index(name) + 1) if name in tuple(_KANJI_DIGITS) else name
    room = _find_room(f"{text[: wing.start()]} {text[wing.end() :]}".strip(EDGES))
    if room is None or not name:
        return room or f"{name}棟"
    if name.isdigit():
        return f"{name}-{room}"  # 1203 is a room on the twelfth floor
    return room if room.startswith(name) else name + room


def _find_room(text: str) -> str | None:
    """Return the room or floor of a text without the building of an estate."""
    match = _ROOM_WORD.search(text) if "室" in text or "号" in text else None
    match = match or _ROOM_MARK.search(text) or _ROOM_LAST.search(text)
    if match:
        return unit_key(next(group for group in match.groups() if group))
    match = _FLOOR.search(text)
    return f"{'B' if match[1] else ''}{int(match[2])}F" if match else None


def unit_key(text: str) -> str | None:
    """Return the key of a room, suite or flat: upper case, no hyphens, no zeros at the start."""
    key = re.sub(r"[^0-9A-Za-z]+", "", clean(text)).upper().lstrip("0")
    return key or None
