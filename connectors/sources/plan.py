"""The plan of a stream: its preset with the user's own rules on top, and which columns these need."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from connectors.settings.mapping import Columns, FieldRules, Flag, MappingRules, Part, Repeats, Role
from connectors.settings.project import SourceSettings, StreamSettings
from connectors.sources.loaders import LOADERS, Loader
from connectors.sources.preset import find_role, load_preset
from connectors.sources.value_forms import RECORD_NOT_HEADER, is_title, looks_like_record
from resolve.errors import SourceError

JOIN_BY_SPACE = frozenset(
    (
        *("full_name", "family_name", "given_name", "middle_name"),
        *("full_name_kana", "family_name_kana", "given_name_kana", "birth_date"),
        *("city", "street", "building", "address", "department", "subject", "occurred_at"),
    )
)  # fields whose parts are one value; the others hold one value a line
_SEPARATORS = re.compile(r"[\s_\-./()\[\]「」・:,'*#&@]+")
SECONDS = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0}


@dataclass(frozen=True, slots=True)
class PartPlan:
    """What fills the fields of one contact or touchpoint of a row."""

    name: str
    when: dict[str, tuple[str, ...]]
    fields: dict[str, Columns]
    constants: dict[str, str]
    values: dict[str, dict[str, str]]
    seconds: float  # length of the unit of duration_seconds


@dataclass(frozen=True, slots=True)
class StreamPlan:
    """Everything that reading and mapping a stream needs to know, preset and user rules merged."""

    source: str
    stream: str
    role: str
    id: tuple[str, ...]
    updated_at: tuple[str, ...]
    deleted: Flag | None
    merged_into: tuple[str, ...]
    merged_ids: tuple[str, ...]
    parts: tuple[PartPlan, ...]
    required: tuple[str, ...]  # columns that the user named: they must be there
    time_zone: str
    country: str
    repeats: Repeats
    rows_in: str | None
    loader: Loader | None

    @property
    def columns(self) -> set[str]:
        """Every column that is read."""
        named = {*self.id, *self.updated_at, *self.merged_into, *self.merged_ids}
        named.update(self.deleted.column if self.deleted else ())
        for part in self.parts:
            named.update(part.when, *(columns.names for columns in part.fields.values()))
        return named


def plan_stream(source: str, settings: SourceSettings, stream: str) -> StreamPlan:
    """Return the plan of `stream`. Raises SourceError when the source has no such stream."""
    if stream not in settings.streams:
        raise SourceError(source, f"has no stream {stream}", f"Its streams: {', '.join(settings.streams)}")
    own = settings.streams[stream]
    preset = load_preset(own.preset) if own.preset else None
    base = preset or StreamSettings()
    name = own.loader or settings.loader if own.table or own.query else None
    loader = LOADERS[name] if name else None
    return StreamPlan(
        source=source,
        stream=stream,
        role=stream_role(stream, own),
        id=own.id or _flattened(base.id, loader),
        updated_at=own.updated_at or _flattened(base.updated_at, loader),
        deleted=own.deleted or base.deleted,
        merged_into=own.merged_into or base.merged_into,
        merged_ids=own.merged_ids or _flattened(base.merged_ids, loader),
        parts=_parts(base, own, loader),
        required=_required(own),
        time_zone=own.time_zone or (preset and preset.time_zone) or settings.time_zone or "UTC",
        country=settings.country or "JP",
        repeats=own.repeats or base.repeats or ("last" if loader else "refuse"),
        rows_in=own.rows_in or base.rows_in,
        loader=loader,
    )


def stream_role(stream: str, own: StreamSettings) -> Role:
    """Return contacts or touchpoints: as set, as the preset says, or by the stream's name."""
    return find_role(stream, own.role, own.preset)


def _flattened(columns: tuple[str, ...], loader: Loader | None) -> tuple[str, ...]:
    """Return a preset's columns with the names that a loader gives them."""
    return loader.with_flattened(columns) if loader else columns


def _parts(base: MappingRules, own: StreamSettings, loader: Loader | None) -> tuple[PartPlan, ...]:
    """Return the rules of each part: a preset's part stands below the rules of the user, one of the user above."""
    if own.touchpoints:
        return tuple(_merge_part(part, (base, own, part), loader) for part in own.touchpoints)
    return tuple(_merge_part(part, (base, part, own), loader) for part in base.touchpoints or (Part(),))


def _merge_part(part: Part, layers: Sequence[FieldRules], loader: Loader | None) -> PartPlan:
    """Return the rules of one part, the last layer on top; a null field is dropped."""
    fields: dict[str, Columns | None] = {}
    values: dict[str, dict[str, str]] = {}
    constants: dict[str, str] = {}
    for layer in layers:
        fields.update({name: columns and _loaded(columns, loader) for name, columns in layer.map.items()})
        values.update(layer.values)
        constants.update(layer.constant)
    unit = next((layer.duration_unit for layer in reversed(layers) if layer.duration_unit), "s")
    kept = {field: columns for field, columns in fields.items() if columns is not None}
    return PartPlan(part.name, dict(part.when), kept, constants, values, SECONDS[unit])


def _loaded(columns: Columns, loader: Loader | None) -> Columns:
    """Return the columns of a field with the names that a loader gives them."""
    if loader is None:
        return columns
    named = {"columns": loader.with_flattened(columns.columns), "any_of": loader.with_flattened(columns.any_of)}
    return columns.model_copy(update=named)


def _required(own: StreamSettings) -> tuple[str, ...]:
    """Return the columns that the user's own rules name; alternatives (`any`, several ids) are not required."""
    named: list[str] = []
    flag = own.deleted.column if own.deleted else ()
    for single in (own.id, own.updated_at, own.merged_into, own.merged_ids, flag):
        named += single if len(single) == 1 else ()
    for rules in (own, *own.touchpoints):
        for columns in rules.map.values():
            named += columns.columns if columns else ()
    return tuple(dict.fromkeys(named))


def fold_header(column: str) -> str:
    """Return a column name without case, width and outer blanks: Ｅメール = eメール."""
    return unicodedata.normalize("NFKC", column).strip().casefold()


def squash_header(column: str) -> str:
    """Return a folded column name without the signs that writers put between its words: 姓(カナ) = 姓カナ."""
    return _SEPARATORS.sub("", fold_header(column))


class Header:
    """Finds named columns among those that a stream has.

    As written, or else without case and width, or else without separators: MailingCity = mailing_city.
    """

    def __init__(self, columns: Iterable[str], *, is_open: bool = False) -> None:
        """Take the columns of the stream; of two that fold alike the first counts.

        `is_open`: rows may have columns that are not listed, as JSON objects do.
        """
        self.columns = tuple(columns)
        self.is_open = is_open
        self._exact = set(self.columns)
        self._folded: dict[str, str] = {}
        self._squashed: dict[str, str] = {}
        for column in self.columns:
            self._folded.setdefault(fold_header(column), column)
            self._squashed.setdefault(squash_header(column) or column, column)

    def find(self, column: str) -> str | None:
        """Return the stream's own name of `column`, or None."""
        if column in self._exact:
            return column
        found = self._folded.get(fold_header(column))
        above = column.partition(".")[0]  # an object that some rows have, where others have a flat name
        is_path = self.is_open and above != column and above in self._exact
        return found if found is not None or is_path else self._squashed.get(squash_header(column))

    def holds(self, column: str) -> bool:
        """Return whether a dotted name leads into a column of the stream, which may hold objects."""
        above, dot, _ = column.partition(".")
        return bool(dot) and above in self._exact

    def first(self, columns: Sequence[str]) -> str | None:
        """Return the first of `columns` that the stream has, by its own name."""
        return next((found for column in columns if (found := self.find(column)) is not None), None)

    def not_among(self, named: Iterable[str]) -> tuple[str, ...]:
        """Return the stream's columns that `named` does not name or reach into."""
        read = {self.find(column) or (column.partition(".")[0] if self.holds(column) else None) for column in named}
        return tuple(column for column in self.columns if column not in read)

    def choose(self, columns: Sequence[str]) -> tuple[str, ...]:
        """Return the column to read: the first that the stream has; all of them where rows differ."""
        found = self.first(columns)
        if self.is_open:
            return tuple(columns)
        return () if found is None else (found,)


def absent_columns(plan: StreamPlan, header: Header) -> tuple[str, ...]:
    """Return what a stream cannot do without and lacks: the columns of the id, and all mapped ones where it has none.

    Empty when it has an id and a mapped column. A name that leads into an object of the stream counts as there.
    """
    objects = {column.partition(".")[0] for column in header.columns}

    def are_absent(columns: Iterable[str]) -> bool:
        return not any(
            header.find(column) is not None or ("." in column and column.partition(".")[0] in objects)
            for column in columns
        )

    mapped = dict.fromkeys(name for part in plan.parts for columns in part.fields.values() for name in columns.names)
    absent = (" or ".join(plan.id),) if are_absent(plan.id) else ()
    return (*absent, *(name for name in mapped if name not in plan.id)) if mapped and are_absent(mapped) else absent


def check_header(plan: StreamPlan, header: Header, where: str) -> None:
    """Raise SourceError when a column that the user named, or every alternative of the id, is absent."""
    if header.is_open:
        return
    missing = [column for column in plan.required if header.find(column) is None and not header.holds(column)]
    if header.first(plan.id) is None:
        missing += [" or ".join(plan.id)] if not set(plan.id) & set(missing) else []
    if not missing:
        return
    hint = f"It has: {', '.join(header.columns) or 'no columns'}. Correct sources.{plan.source}.streams.{plan.stream}"
    if looks_like_record(header.columns, known=False):  # its columns are values of a person: they are not shown
        hint = f"{RECORD_NOT_HEADER[0].upper()}{RECORD_NOT_HEADER[1:]}"
    elif is_title(header.columns):
        hint += ", or set `header_line` there where lines stand above the header"
    raise SourceError(plan.source, f"stream {plan.stream}: {where} has no column {', '.join(missing)}", hint)
