"""How the columns of one stream become fields, as data: shared by meibo.yaml and by the packaged presets."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from resolve.schema import EXTRA
from resolve.schema.frames import SOURCE_RECORDS, TOUCHPOINTS

Role = Literal["contacts", "touchpoints"]
Repeats = Literal["refuse", "first", "last"]

CONTACT_FIELDS = tuple(n for n in SOURCE_RECORDS.names if n not in ("source", "source_id", "merged_into"))
TOUCHPOINT_FIELDS = (
    *(n for n in TOUCHPOINTS.names if n not in ("touchpoint_id", "source", "stream", "source_id")),
    "contact_source",  # name of the source whose contact `contact_id` is, where it is not the event's own
    "email",  # identifiers for events that name no contact
    "phone",
    "line_user_id",
)
STRICT = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def _as_list(value: Any) -> Any:
    """Return one scalar as a list of one, anything else as it is."""
    return value if isinstance(value, (list, tuple, dict)) or value is None else [value]


def _as_text(value: Any) -> Any:
    """Return a YAML number or boolean as text; other values as they are."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else value


class Columns(BaseModel):
    """The columns that fill one field: `columns` are all kept, joined; of `any` the first with a value counts.

    Written short: `Email`, or `[Phone, MobilePhone]`; long: `{columns: [a, b], join: " "}`, `{any: [a, b]}`.
    """

    model_config = STRICT
    columns: tuple[str, ...] = ()
    any_of: tuple[str, ...] = Field(default=(), alias="any")
    join: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _accept_short(cls, value: Any) -> Any:
        if isinstance(value, (list, tuple)) and not value:
            raise ValueError("names no column")
        if isinstance(value, dict) and not (value.get("columns") or value.get("any") or value.get("any_of")):
            raise ValueError("names no column: give a column, a list of columns, or {any: [...]}")
        return {"columns": _as_list(value)} if not isinstance(value, (dict, Columns)) else value

    @property
    def names(self) -> tuple[str, ...]:
        """Every column named, in order."""
        return self.columns + self.any_of


class Flag(BaseModel):
    """A column that says yes or no: a word for it, a number, any date; or one of the listed `values`, else no."""

    model_config = STRICT
    column: tuple[str, ...]
    values: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _accept_short(cls, value: Any) -> Any:
        return {"column": value} if isinstance(value, (str, list)) else value

    @field_validator("column", "values", mode="before")
    @classmethod
    def _list(cls, value: Any) -> Any:
        listed = _as_list(value)
        return [_as_text(item) for item in listed] if isinstance(listed, (list, tuple)) else listed


class FieldRules(BaseModel):
    """Where fields get their values: from columns, through value lists, or from a constant where the row has none."""

    model_config = STRICT
    map: dict[str, Columns | None] = {}
    constant: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}
    duration_unit: Literal["ms", "s", "min", "h"] | None = None

    @field_validator("map", mode="before")
    @classmethod
    def _null_drops_field(cls, value: Any) -> Any:
        return {} if value is None else value

    @field_validator("constant", mode="before")
    @classmethod
    def _constants_are_text(cls, value: Any) -> Any:
        return {k: _as_text(v) for k, v in value.items()} if isinstance(value, dict) else value

    @field_validator("values", mode="before")
    @classmethod
    def _values_are_text(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {
            field: {str(_as_text(k)): _as_text(v) for k, v in pairs.items()} if isinstance(pairs, dict) else pairs
            for field, pairs in value.items()
        }


class Part(FieldRules):
    """One touchpoint that a row gives; its rules come on top of the stream's.

    `when` names columns and the values they must have; `"*"` is any value. Without a name, it is the row's main event.
    Of parts with one name the first that applies to a row counts.
    """

    name: str = ""
    when: dict[str, tuple[str, ...]] = {}

    @field_validator("name")
    @classmethod
    def _name_ends_an_id(cls, value: str) -> str:
        if ":" in value:
            raise ValueError("should hold no colon: a name ends the id of its event behind one")
        return value

    @field_validator("when", mode="before")
    @classmethod
    def _when_lists(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {k: [_as_text(item) for item in _as_list(v) or ()] for k, v in value.items()}


class MappingRules(FieldRules):
    """Everything that turns a stream's rows into contacts or touchpoints.

    `id`, `updated_at`, `merged_into` and `merged_ids` may list alternatives: the first column that is there counts.
    `merged_into` names the record that a row was merged into (of alternatives the first with a value); `merged_ids` the
    records that were merged into it. `repeats`: what a second row of one id is: a mistake (refuse, the default), a
    further line of the same record (first: only the first counts), or its newer version (last). `rows_in`: where a row
    of JSON holds the list whose elements are the rows.
    """

    role: Role | None = None
    id: tuple[str, ...] = ()
    updated_at: tuple[str, ...] = ()
    deleted: Flag | None = None
    merged_into: tuple[str, ...] = ()
    merged_ids: tuple[str, ...] = ()
    touchpoints: tuple[Part, ...] = ()
    repeats: Repeats | None = None
    rows_in: str | None = None

    @field_validator("id", "updated_at", "merged_into", "merged_ids", mode="before")
    @classmethod
    def _one_or_more(cls, value: Any) -> Any:
        return _as_list(value) if value is not None else ()


def known_fields(role: str) -> tuple[str, ...]:
    """Return the field names that a `map` of this role may fill, besides `x_…` for contacts."""
    return CONTACT_FIELDS if role == "contacts" else TOUCHPOINT_FIELDS


def is_known_field(field: str, role: str) -> bool:
    """Return whether a `map` of this role may fill `field`."""
    generic = role == "contacts" and field.startswith(EXTRA) and field.removeprefix(EXTRA).isidentifier()
    return generic or field in known_fields(role)
