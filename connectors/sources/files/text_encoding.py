"""Which encoding a text file is in, proven over the whole file."""

import codecs
import gzip
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from resolve.errors import SourceError

CANDIDATES = ("utf-8-sig", "euc_jp", "cp932")
MAX_BAD_RATE = 0.01  # share of lines that may be unreadable before the encoding counts as wrong
_CHUNK = 1 << 20
WESTERN_SHARE = 2 / 3  # of the places beyond ASCII that are one letter among letters: no Japanese text has so many
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]+")
_LETTERS = rb"[\x9a\x9c-\x9f\xa3\xa5\xaa\xaf\xb3\xb9\xbc\xbe-\xff]{1,2}"  # é, ü, ł; few begin characters of cp932
_WESTERN = re.compile(  # one or two of them beside a letter of ASCII
    rb"(?<![\x80-\xff])(?:(?<=[A-Za-z])" + _LETTERS + rb"|" + _LETTERS + rb"(?=[A-Za-z]))(?![\x80-\xff])"
)
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class Encoding:
    """The encoding of a file; `bad_lines` of `lines` cannot be decoded in it and must be refused one by one.

    `told_lines`: lines beyond ASCII that it does decode, the evidence for it.
    """

    name: str
    bad_lines: int = 0
    lines: int = 0
    told_lines: int = 0

    @property
    def is_damaged(self) -> bool:
        """Whether so few lines are bad that the file, not the encoding, is at fault."""
        return 0 < self.bad_lines <= max(1, self.lines * MAX_BAD_RATE) < self.lines


def open_bytes(path: Path) -> IO[bytes]:
    """Return the file's bytes, unpacked when its name ends with .gz."""
    return cast(IO[bytes], gzip.open(path, "rb")) if path.suffix == ".gz" else path.open("rb")


def content_hash(path: Path) -> str:
    """Return the SHA-256 of the file as it lies on disk, hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for chunk in iter(lambda: file.read(_CHUNK), b""):
            digest.update(chunk)
    return digest.hexdigest()


def find_encoding(path: Path, source: str, explicit: str | None) -> Encoding:
    """Return the encoding of `path`: the explicit one, else the first of UTF-8, EUC-JP and cp932 that reads it whole.

    EUC-JP goes before cp932 because cp932 also accepts most EUC-JP bytes, as half-width katakana, while EUC-JP refuses
    the lead bytes 81-9F that nearly every cp932 file holds. A file with few broken lines (1 %) keeps the encoding.
    Letters of one byte (é, ü) are never guessed: cp932 takes them for kanji, and which of their encodings it is cannot
    be proven. Raises SourceError that names the encodings that would fit.
    """
    with open_bytes(path) as file:
        if explicit is None and file.read(2) in _UTF16:
            return Encoding("utf-16")
    first = explicit or CANDIDATES[0]
    if _decodes(path, first):  # before the others are tried: most files are UTF-8, and those of ASCII fit them all
        return Encoding(first)
    fitting = [name for name in CANDIDATES if name != first and _decodes(path, name)]
    best = _count_bad_lines(path, explicit or "utf-8-sig")
    if explicit is None and best.is_damaged and best.told_lines >= 10 * best.bad_lines:
        return best  # so much UTF-8 is no accident, though cp932 may accept its bytes as well
    if _is_western(path):
        raise SourceError(
            source, f"{path.name} holds letters such as é or ü in one byte each: {_refused(explicit)}", _ASK
        )
    if explicit is None and fitting:
        return Encoding(_settle(path, fitting))
    others = () if explicit else CANDIDATES[1:]
    best = min(best, *(_count_bad_lines(path, name) for name in others), best, key=lambda found: found.bad_lines)
    if best.is_damaged:
        return best
    advice = f"It reads as {_settle(path, fitting)}: set encoding so" if fitting else "Set encoding to what wrote it"
    tried = explicit or ", ".join(CANDIDATES)
    raise SourceError(source, f"{path.name} is not readable as {tried}: {best.bad_lines} bad lines", advice)


_ASK = (
    "Say how they are written, cp1252 in Western or cp1250 in Central Europe: encoding of the stream, --encoding of "
    "meibo dedupe. Or export the file as UTF-8"
)


def _refused(explicit: str | None) -> str:
    """Return what a file of such letters is not."""
    return f"it is not {explicit}" if explicit else "it is neither UTF-8 nor Japanese"


def _is_western(path: Path) -> bool:
    """Return whether nearly all that is beyond ASCII are single letters among letters, as in cp1252 and its kin."""
    places = letters = 0
    with open_bytes(path) as file:
        for line in file:
            if not line.isascii():
                places += len(_BEYOND_ASCII.findall(line))
                letters += len(_WESTERN.findall(line))
    return letters >= WESTERN_SHARE * places > 0


def _decoded(path: Path, name: str) -> Iterator[str]:
    """Yield the text of the file chunk by chunk; raises UnicodeDecodeError."""
    decoder = codecs.getincrementaldecoder(name)("strict")
    with open_bytes(path) as file:
        for chunk in iter(lambda: file.read(_CHUNK), b""):
            yield decoder.decode(chunk)
    yield decoder.decode(b"", final=True)


def _decodes(path: Path, name: str) -> bool:
    """Return whether the whole file is valid in the encoding."""
    try:
        for _ in _decoded(path, name):
            pass
    except UnicodeError:
        return False
    return True


def _settle(path: Path, fitting: list[str]) -> str:
    """Return the right one of the encodings that fit: EUC-JP gives way to cp932 where only half-width kana is at stake.

    Text that both accept is, in cp932, nearly all half-width katakana. It is really so when the other reading holds no
    kana at all and the voiced marks stand only behind letters that can bear them.
    """
    if fitting[0] != "euc_jp" or "cp932" not in fitting:
        return fitting[0]
    if any("ぁ" <= char <= "ヿ" for text in _decoded(path, "euc_jp") for char in text):
        return "euc_jp"
    previous, marks = "", 0
    for char in (char for text in _decoded(path, "cp932") for char in text):
        if char in "。「」、・｡｢｣､" or (char in "ﾞﾟ" and not "ｶ" <= previous <= "ﾎ" and previous != "ｳ"):
            return "euc_jp"
        marks += char in "ﾞﾟ"
        previous = char
    return "cp932" if marks else "euc_jp"


def _count_bad_lines(path: Path, name: str) -> Encoding:
    """Return how many lines of the file cannot be decoded."""
    bad = lines = told = 0
    with open_bytes(path) as file:
        for line in file:
            lines += 1
            if line.isascii():
                continue
            try:
                line.decode(name)
                told += 1
            except UnicodeError:
                bad += 1
    return Encoding(name, bad, lines, told)
