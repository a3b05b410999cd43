"""Rows of JSON files: one object a line, or one document with a list of objects."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from connectors.sources.files.file_rows import FileRows, Item, nul_reject
from connectors.sources.files.text_encoding import open_bytes
from connectors.sources.plan import Header
from connectors.sources.rows import nested_columns, read_path, unfold
from connectors.sources.source import Payload, Reject
from resolve.errors import SourceError

SAMPLE_LINES = 200
_BOM = b"\xef\xbb\xbf"
_HALVES = re.compile(rb"\\u[dD][89a-fA-F]|\xed[\xa0-\xbf]")  # of surrogate pairs; whole ones are written so, too
_SHOWN = 10_000  # bytes of a broken line that the quarantine keeps


def open_json_lines(path: Path, row_name: str, rows_in: str | None) -> FileRows:
    """Return the rows of a JSON lines file; columns are those of its first rows, later rows may have more.

    `rows_in`: where a line holds the list whose elements are the rows; a line without it is a row itself.
    """
    return FileRows(_header(_line_items(path, row_name, rows_in)), _line_items(path, row_name, rows_in))


def open_json(path: Path, row_name: str, source: str, rows_in: str | None) -> FileRows:
    """Return the rows of a JSON document: a list of objects, or an object that holds it at `rows_in`.

    The document is parsed as a whole; an element with half a surrogate pair is refused alone. An object without
    anything at `rows_in` is a row itself, and its lists of objects are told as `inner`. Raises SourceError when it is
    no JSON.
    """
    try:
        with open_bytes(path) as file:
            document = _read_document(file.read().removeprefix(_BOM))
    except orjson.JSONDecodeError as error:
        said = f"{row_name} is no JSON at line {error.lineno}, column {error.colno}"
        raise SourceError(source, said, "Was the export cut off? One object a line is format: jsonl") from None
    elements = document if isinstance(document, list) else [document]
    is_row = isinstance(document, dict) and (rows_in is None or read_path(document, rows_in) is None)
    inner = {place: _element_rows(rows, row_name, None) for place, rows in _lists(document)} if is_row else {}
    return _element_rows(elements, row_name, rows_in, inner)


def _read_document(text: bytes) -> Any:
    """Return what JSON text says; raises JSONDecodeError of orjson, which takes half a surrogate pair for no text."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        if _HALVES.search(text) is None:
            raise
        try:  # several times as slow, and lets them pass
            return json.loads(text.decode("utf-8", "surrogatepass"), parse_constant=_refuse_constant)
        except ValueError:
            raise error from None


def _refuse_constant(name: str) -> None:
    """Refuse NaN and Infinity, which are no JSON; raises ValueError."""
    raise ValueError(name)


def _element_rows(
    elements: list[Any], row_name: str, rows_in: str | None, inner: dict[str, FileRows] | None = None
) -> FileRows:
    """Return the rows of a document's elements with the columns of the first ones."""
    header = _header(_items(elements, row_name, rows_in))
    return FileRows(header, _items(elements, row_name, rows_in), inner or {})


def _lists(document: dict[str, Any], above: str = "") -> Iterator[tuple[str, list[Any]]]:
    """Yield the lists of objects that an object holds, also deep inside, each with its place as `rows_in` names it."""
    for key, value in document.items():
        if isinstance(value, dict):
            yield from _lists(value, f"{above}{key}.")
        elif isinstance(value, list) and value and all(isinstance(element, dict) for element in value):
            yield f"{above}{key}", value


def _header(items: Iterator[Item]) -> Header:
    """Return the columns of the first rows."""
    columns: dict[str, None] = {}
    for _, item in zip(range(SAMPLE_LINES), items, strict=False):
        if not isinstance(item, Reject):
            columns.update(dict.fromkeys(nested_columns(item[1])))
    return Header(columns, is_open=True)


def _line_items(path: Path, row_name: str, rows_in: str | None) -> Iterator[Item]:
    """Yield the rows of a JSON lines file; a line that is no object is refused."""
    with open_bytes(path) as file:
        for number, line in enumerate(file, start=1):
            text = line.removeprefix(_BOM).strip()
            if not text:
                continue
            key = f"{row_name}:{number}"
            try:
                payload = orjson.loads(text)
            except orjson.JSONDecodeError as error:
                yield Reject(key, "bad_json", f"not JSON at character {error.colno}", _shown(text))
                continue
            if not isinstance(payload, dict):
                yield Reject(key, "bad_json", "the line is JSON, but no object", _shown(text))
            elif b"\\u0000" in text:
                yield nul_reject(key)
            else:
                yield from _unfolded(payload, key, rows_in)


def _shown(text: bytes) -> Payload:
    """Return what the quarantine keeps of a line, which may be cut in the middle of a character."""
    return {"line": text[:_SHOWN].decode("utf-8", "replace").replace("\0", "␀")}


def _items(elements: list[Any], row_name: str, rows_in: str | None) -> Iterator[Item]:
    """Yield the rows of a document's elements; one that is no object is refused."""
    for number, element in enumerate(elements, start=1):
        key = f"{row_name}:{number}"
        if not isinstance(element, dict):
            yield Reject(key, "bad_json", "the element is JSON, but no object", {"line": str(element)[:_SHOWN]})
            continue
        for item in _unfolded(element, key, rows_in):
            yield item if isinstance(item, Reject) else _unstorable(item[1], key) or item


def _unstorable(payload: Payload, key: str) -> Reject | None:
    """Return the refusal of a row that no database can hold, None for one that any can."""
    try:
        text = orjson.dumps(payload)
    except TypeError:  # also for whole numbers beyond 64 bits, which are kept
        text = json.dumps(payload).encode()
        if _is_half(json.dumps(payload, ensure_ascii=False)):
            return Reject(
                key, "lone_surrogate", "the row holds half a surrogate pair", {"line": text[:_SHOWN].decode()}
            )
    return nul_reject(key) if b"\\u0000" in text else None


def _is_half(text: str) -> bool:
    """Return whether a text holds half a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _unfolded(payload: dict[str, Any], key: str, rows_in: str | None) -> Iterator[Item]:
    """Yield the rows that one object holds."""
    if rows_in is None:
        yield key, payload
        return
    for number, row in enumerate(unfold(payload, rows_in), start=1):
        yield (f"{key}.{number}", row)
