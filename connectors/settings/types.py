"""The scalar types of meibo.yaml: secrets that do not print, database URLs, time zones, cron lines, encodings."""

import codecs
import difflib
import re
import zoneinfo
from typing import Annotated, Any, Self

from phonenumbers import SUPPORTED_REGIONS
from pydantic import AfterValidator, BeforeValidator, GetCoreSchemaHandler
from pydantic_core import CoreSchema
from pydantic_core.core_schema import no_info_after_validator_function, str_schema
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

_PASSWORD = re.compile(r"(://[^:/?#@]*:).*(@)")
_SECRET_PARAMETER = re.compile(r"(?i)([?&][^=&]*(?:passw|secret|token|key)[^=&]*=)[^&]*")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_CRON: tuple[tuple[str, int, int, tuple[str, ...]], ...] = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("weekday", 0, 7, _DAYS),
)


class SecretText(str):
    """Text that prints as `***`; it is the plain text wherever it is used."""

    __slots__ = ()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Let pydantic read this type from a text, through `checked`."""
        return no_info_after_validator_function(cls.checked, str_schema())

    @classmethod
    def checked(cls, value: str) -> Self:
        """Return the text as this type. Raises ValueError, without the value, when it cannot be one."""
        return cls(value)

    def masked(self) -> str:
        """Return the form that may be shown."""
        return "***"

    def __repr__(self) -> str:
        return repr(self.masked())


class SecretUrl(SecretText):
    """A database URL; passwords in it are masked when it prints."""

    __slots__ = ()

    def masked(self) -> str:
        """Return the URL without its password and without secret parameters."""
        return _SECRET_PARAMETER.sub(r"\1***", _PASSWORD.sub(r"\1***\2", self))

    @classmethod
    def checked(cls, value: str) -> Self:
        """Return the text as a database URL. Raises ValueError, without the value, when it is none."""
        try:
            make_url(value)
        except (ArgumentError, ValueError):
            raise ValueError(
                "is not a database URL such as sqlite:///file.db or postgresql+psycopg://host/db"
            ) from None
        return cls(value)


def _check_zone(value: str) -> str:
    """Return an IANA time zone name."""
    known = zoneinfo.available_timezones()
    if value not in known:
        raise ValueError(f"is not an IANA time zone such as Asia/Tokyo or UTC{suggest(value, known)}")
    return value


def check_country(value: str) -> str:
    """Return an ISO 3166 alpha-2 code in upper case; one without telephone numbers says nothing of a record."""
    if value.upper() not in SUPPORTED_REGIONS:
        raise ValueError("is not a two-letter country code such as JP, US or GB")
    return value.upper()


def check_encoding(value: str) -> str:
    """Return an encoding that Python can read, Shift_JIS under its real name cp932."""
    folded = value.lower().replace("-", "_")
    if folded in ("shift_jis", "sjis", "shiftjis", "ms932", "windows_31j"):
        return "cp932"  # exports named Shift_JIS hold ㈱ and ①, which only cp932 can read
    if folded in ("utf_8", "utf8"):
        return "utf-8-sig"
    try:
        name = codecs.lookup(value).name
        "".encode(name)  # refuses codecs that are no text encoding, such as zip
    except (LookupError, ValueError):
        raise ValueError("is not a known encoding; usual ones are utf-8, cp932, euc_jp and cp1252") from None
    return name


def _check_cron(value: str) -> str:
    """Return a cron line of five fields."""
    fields = value.split()
    if len(fields) != len(_CRON):
        raise ValueError("is not a cron line of five fields (minute hour day month weekday)")
    for text, (name, low, high, words) in zip(fields, _CRON, strict=True):
        for item in text.lower().split(","):
            if not _is_cron_item(item, low, high, words):
                raise ValueError(f"is not a cron line: its {name} field should hold {low}-{high}, *, ranges or steps")
    return value


def _is_cron_item(item: str, low: int, high: int, words: tuple[str, ...]) -> bool:
    """Return whether one item of a cron field is `*`, a number, a range, or one of these with a step."""
    body, slash, step = item.partition("/")
    if slash and not (step.isdigit() and int(step) > 0):
        return False
    if body == "*":
        return True
    ends = body.split("-")
    numbers = [words.index(e) + low if e in words else int(e) if e.isdigit() else -1 for e in ends]
    return len(numbers) <= 2 and all(low <= n <= high for n in numbers) and numbers == sorted(numbers)


def _check_delimiter(value: str) -> str:
    """Return a delimiter of one character; `tab` stands for a tab."""
    value = {"tab": "\t", "\\t": "\t"}.get(value, value)
    if len(value) != 1 or value in '"\r\n':
        raise ValueError("should be one character, such as ',' or 'tab'")
    return value


def _check_resource(value: str) -> str:
    """Return where a dlt resource is: a file or module, and a name in it."""
    if not re.fullmatch(r"[^:]+:[A-Za-z_]\w*(:[A-Za-z_]\w*)?", value):
        raise ValueError("should be file.py:resource or file.py:source:resource")
    return value


def _number_as_text(value: Any) -> Any:
    """Return a YAML number as text: ids look like numbers."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def suggest(word: str, known: "set[str] | tuple[str, ...] | list[str]") -> str:
    """Return `; did you mean …?` when a known word is close to `word`, else an empty text."""
    folded = {name.lower(): name for name in sorted(known)}
    close = difflib.get_close_matches(word.lower(), list(folded), n=1, cutoff=0.7)
    return f"; did you mean {folded[close[0]]}?" if close else ""


TimeZone = Annotated[str, AfterValidator(_check_zone)]
Country = Annotated[str, AfterValidator(check_country)]
Encoding = Annotated[str, AfterValidator(check_encoding)]
Cron = Annotated[str, AfterValidator(_check_cron)]
Delimiter = Annotated[str, AfterValidator(_check_delimiter)]
Resource = Annotated[str, AfterValidator(_check_resource)]
OptionText = Annotated[str, BeforeValidator(_number_as_text)]
