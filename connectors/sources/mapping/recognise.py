"""Columns of an unknown file recognised by header words and content, Japanese and English, with the reason of each."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from connectors.settings.mapping import Columns
from connectors.settings.yaml import parse_yaml
from connectors.sources.mapping.column_content import (
    Content,
    guess_field,
    is_honorific,
    look_at,
    starts_with_prefecture,
)
from connectors.sources.plan import fold_header, squash_header
from connectors.sources.value_forms import looks_like_record
from resolve.schema import EXTRA

_PERSON = "(?:ご|御)?(?:取引先)?(?:顧客|会員|お客様|担当者|責任者|契約者|申込者|購入者|注文者|利用者)様?"
_PREFIXES = re.compile(
    r"^(?:contact|customer|client|user|person|member|patient|primary|main|home|work|business|mailing|billing|shipping|"
    rf"current|properties|{_PERSON}|自宅|勤務先|送付先|請求先|ご|お)(?=.{{2}})"
)
_NAME_OF_PERSON = re.compile(f"^{_PERSON}(?=[姓名])")
_FAMILY_OF_PERSON = re.compile(f"^{_PERSON}姓(?!名)")
_NUMBER = re.compile(r"\d+$")
_UNFIELDED = frozenset(("id", "person_number"))  # header words that tell a column's kind, but fill no field
# fields that several columns may fill, one value a line
_MANY = frozenset(("email", "phone", "email_opt_out", "phone_opt_out"))
_ID_ENDING = re.compile(r".*(?:id|key|番号|コード|no)$")
_FIRST_LINE = re.compile(r"(?:address|addressline|addr|street)1")
_SECOND_LINE = re.compile(r"(?:address|addressline|addr|street)[23]")
_NUMBER_LINE = re.compile(r"(?:street|house)(?:number|no|num)")
_STREET_NAME = re.compile(r"street(?:name)?")


@dataclass(frozen=True, slots=True)
class Recognition:
    """What each column of a file is.

    `fields`: field -> columns in order. `id_column`: the column that identifies a row, None when there is none.
    `reasons`: column -> why it fills its field. `left_out`: column -> why nothing reads it.
    """

    fields: dict[str, list[str]]
    id_column: str | None
    reasons: dict[str, str]
    left_out: dict[str, str]

    def rules(self) -> dict[str, Columns]:
        """Return the fields as mapping rules."""
        return {field: Columns(columns=tuple(columns)) for field, columns in self.fields.items()}


@cache
def _words() -> dict[str, str]:
    """Return header word, folded -> field."""
    text = (resources.files("connectors.sources.mapping") / "header_words.yaml").read_text(encoding="utf-8")
    data: dict[str, list[str]] = parse_yaml(text, "header_words.yaml").data
    return {squash_header(word): field for field, words in data.items() for word in words}


def recognise_columns(header: Sequence[str], sample: Sequence[Mapping[str, str | None]]) -> Recognition:
    """Return what the columns are, from their names and from sampled rows.

    A header word counts before content. A column that no field covers becomes a generic field `x_<name>`; empty and
    constant columns, row numbers, free text, dates of loading, labels and further ids are left out, and said.
    """
    contents = {column: look_at([row.get(column) for row in sample]) for column in header}
    finder = _Finder(header, contents, len(sample))
    finder.find_id()
    finder.find_street_lines()
    for column in header:
        finder.place(column)
    return Recognition(finder.fields, finder.id_column, finder.reasons, finder.left_out)


def _field_of(key: str, *, in_parts: bool = False) -> str | None:
    """Return the field that a folded header names: whole, without a number, without a prefix like customer.

    お客様名 is a whole name and お客様名カナ its reading, unless names come `in_parts`: お客様姓 and お客様名.
    """
    named = _NAME_OF_PERSON.sub("", key)
    if named != key and named.startswith("名") and not in_parts:
        named = f"氏{named}"
    for form in (named, key) if in_parts else (key, named):
        for word in (form, _NUMBER.sub("", form)):
            if word in _words():
                return _words()[word]
    bare = _PREFIXES.sub("", key)
    return _words().get(bare) or _words().get(_NUMBER.sub("", bare))


def count_known(header: Sequence[str]) -> int:
    """Return how many names are header words."""
    return sum(_field_of(squash_header(name)) is not None for name in header)


def names_id(column: str) -> bool:
    """Return whether a column has the name of an id."""
    key = squash_header(column)
    named = _field_of(key)
    return named == "id" or (named is None and _ID_ENDING.match(key) is not None)


def is_record(header: Sequence[str]) -> bool:
    """Return whether what should be column names are the values of a first record."""
    return looks_like_record(header, known=count_known(header) > 0)


class _Finder:
    """Places columns one after the other; what is placed stays."""

    def __init__(self, header: Sequence[str], contents: dict[str, Content], rows: int) -> None:
        self._header = header
        self._contents = contents
        self._rows = rows
        self._folded = {column: squash_header(column) for column in header}
        in_parts = any(_FAMILY_OF_PERSON.match(key) for key in self._folded.values())
        self._named = {column: _field_of(key, in_parts=in_parts) for column, key in self._folded.items()}
        self.fields: dict[str, list[str]] = {}
        self.id_column: str | None = None
        self.reasons: dict[str, str] = {}
        self.left_out: dict[str, str] = {}

    def find_id(self) -> None:
        """Choose the id: a unique column with an id word, else one whose name ends like an id."""
        unique = [column for column in self._header if self._contents[column].is_unique(self._rows)]
        by_word = [column for column in unique if self._named[column] == "id"]
        by_ending = [c for c in unique if self._named[c] is None and _ID_ENDING.match(self._folded[c])]
        for column in (*by_word, *by_ending):
            self.id_column = column
            self.reasons[column] = "id: its name is an id's and no two rows share a value"
            return

    def find_street_lines(self) -> None:
        """Join house number and first address line as the street; the second line is the building."""
        lines: dict[str, str] = {}
        for name, pattern in (("number", _NUMBER_LINE), ("first", _FIRST_LINE), ("street", _STREET_NAME)):
            for column in self._header:
                if name not in lines and pattern.fullmatch(self._folded[column]):
                    lines[name] = column
        main = lines.get("first") or lines.get("street")
        if main is None:
            return
        for part in (lines.get("number"), main):
            if part is not None and not self._contents[part].is_empty:
                self._fill("street", part, "street line")
        for column in self._header:
            if _SECOND_LINE.fullmatch(self._folded[column]) and not self._contents[column].is_empty:
                self._fill("building", column, "further address line")

    def place(self, column: str) -> None:
        """Give a column its field, or the reason why it has none."""
        if column in self.reasons:
            return
        content, field = self._contents[column], self._named[column]
        if content.is_empty:
            self.left_out[column] = "no value in the sampled rows"
        elif field == "label":
            self.left_out[column] = "a label or a result of matching, no fact about the person"
        elif field == "job_title" and is_honorific(content):
            self.left_out[column] = "forms of address"
        elif field is not None and field not in _UNFIELDED:
            self._place_named(column, field)
        else:
            self._place_unknown(column, content)

    def _place_named(self, column: str, field: str) -> None:
        """Place a column whose header names a field."""
        if field == "address" and {"region", "city"} & set(self._named.values()):
            field = "address" if starts_with_prefecture(self._contents[column]) else "street"
        is_line = field in ("address", "building") and _NUMBER.search(self._folded[column]) is not None
        if field in self.fields and field not in _MANY and not is_line:
            self._place_unknown(column, self._contents[column])
        else:
            self._fill(field, column, "header")

    def _place_unknown(self, column: str, content: Content) -> None:
        """Place a column by its values, as a generic field, or leave it out."""
        guess = guess_field(content)
        if guess is not None and (guess[0] not in self.fields or guess[0] in _MANY) and guess[0] != "load_date":
            self._fill(guess[0], column, guess[1])
        elif guess is not None and guess[0] == "load_date":
            self.left_out[column] = guess[1]
        elif content.is_constant:
            self.left_out[column] = "the same value in every row"
        elif content.is_row_number:
            self.left_out[column] = "a row number"
        elif content.is_free_text:
            self.left_out[column] = "free text"
        elif self._is_further_id(column):
            self.left_out[column] = "an id that no two rows share"
        else:
            self._fill(self._generic(column), column, "no known field: kept as a generic one")

    def _is_further_id(self, column: str) -> bool:
        """Return whether a column is an id of rows that no other row shares."""
        is_unique = self._contents[column].is_unique(self._rows) and self._named[column] != "person_number"
        return is_unique and _ID_ENDING.match(self._folded[column]) is not None

    def _fill(self, field: str, column: str, reason: str) -> None:
        """Add a column to a field."""
        self.fields.setdefault(field, []).append(column)
        self.reasons[column] = f"{field}: {reason}"

    def _generic(self, column: str) -> str:
        """Return a free name x_<column> in snake case."""
        base = EXTRA + (re.sub(r"\W+", "_", fold_header(column)).strip("_") or "column")
        name, number = base, 2
        while name in self.fields:
            name, number = f"{base}_{number}", number + 1
        return name
