"""Which fields of a Salesforce object are asked for, and its rows by REST and by Bulk brought to one form."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.sources.plan import StreamPlan, fold_header
from connectors.sources.source import Payload
from connectors.sources.web.http_messages import Answer, Call
from connectors.sources.web.http_pages import Listing
from connectors.sources.web.http_shapes import Maybe, expects
from connectors.sources.web.rest import flat_text

STAMP = "SystemModstamp"
_ALWAYS = ("Id", STAMP, "IsDeleted", "MasterRecordId")
_COMPOUND = ("address", "location", "base64")  # Bulk refuses these; their parts are fields of their own
_NUMBERS = ("int", "long", "double", "currency", "percent")
_MAX_CELL = 1 << 27


DESCRIBED = expects({"fields": [{"name": str, "type": str, "relationshipName": Maybe(str)}]})


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields to ask for, by name -> type, and all that the object offers."""

    asked: dict[str, str]
    offered: tuple[str, ...]
    lists_deleted: bool

    @property
    def selected(self) -> str:
        """The field list of a query."""
        return ", ".join(self.asked)

    def of_record(self, record: Mapping[str, Any]) -> Payload:
        """Return one row of the REST API as a payload."""
        return {name: _clean(kind, _reach(record, name)) for name, kind in self.asked.items()}

    def of_csv(self, text: str) -> Iterator[Payload]:
        """Yield the rows of a Bulk result as payloads: the same bytes as `of_record` gives.

        Raises ValueError where a text does not begin with the names of the fields.
        """
        csv.field_size_limit(_MAX_CELL)
        rows = csv.DictReader(io.StringIO(text, newline=""))
        if text and not self.asked.keys() <= set(rows.fieldnames or ()):
            raise ValueError("no result of this query")
        for row in rows:
            yield {name: _clean(kind, row.get(name)) for name, kind in self.asked.items()}


def choose_fields(described: Mapping[str, Any], plan: StreamPlan) -> Fields:
    """Return the fields to ask for: those that the plan reads and the object has, and what every read needs.

    `described` is the answer of `describe`. A name with a dot reaches into a parent that the object refers to.
    """
    fields = [field for field in described["fields"] if field.get("type") not in _COMPOUND]
    kinds = {str(field["name"]): str(field["type"]) for field in fields}
    parents = [str(field["relationshipName"]) for field in fields if field.get("relationshipName")]
    asked = {name: kinds[name] for name in _ALWAYS if name in kinds}
    by_fold = {fold_header(name): name for name in kinds}
    by_fold |= {fold_header(f"{parent}."): f"{parent}." for parent in parents}
    for column in sorted(plan.columns):
        parent, dot, field = column.partition(".")
        found = by_fold.get(fold_header(parent + dot))
        if found is not None:
            asked.setdefault(found + field, "string" if dot else kinds[found])
    dotted = [name for name in asked if "." in name]
    return Fields(asked, (*kinds, *dotted), bool(described.get("replicateable", True)))


_records_shape = expects({"records": [{"Id": str}], "done": bool, "nextRecordsUrl": Maybe(str)})


def is_query_page(answer: Answer) -> str | None:
    """Return why an answer is no page of a query's rows: one without an end would be taken for the last."""
    unfit = _records_shape(answer)
    if unfit is None and not answer.data["done"] and not answer.data.get("nextRecordsUrl"):
        return "is not the last page, and names no next one"
    return unfit


def _next_records(answer: Answer) -> Call | None:
    """Return the call for the next rows of a query."""
    return None if answer.data["done"] else Call("GET", answer.data["nextRecordsUrl"], accept=is_query_page)


QUERY_PAGES: Listing[Any] = Listing(lambda answer: answer.data["records"], _next_records)


def _reach(record: Mapping[str, Any], name: str) -> Any:
    """Return a field of a REST row; a parent's field through its nested object."""
    value: Any = record
    for step in name.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _clean(kind: str, value: Any) -> str | None:
    """Return a value as text, written the same by both APIs."""
    text = flat_text(value)
    if text is None:
        return None
    if kind == "datetime":
        return text.replace("+0000", "Z")
    if kind in _NUMBERS:
        try:
            return flat_text(int(text) if text.lstrip("-").isdigit() else float(text))
        except ValueError:
            return text
    return text
