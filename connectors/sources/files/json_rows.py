"""Rows of JSON files: one object a line, or one document with a list of objects."""

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
_SHOWN = 10_000  # bytes of a broken line that the quarantine keeps


def open_json_lines(path: Path, row_name: str, rows_in: str | None) -> FileRows:
    """Return the rows of a JSON lines file; columns are those of its first rows, later rows may have more.

    `rows_in`: where a line holds the list whose elements are the rows; a line without it is a row itself.
    """
    return FileRows(_header(_line_items(path, row_name, rows_in)), _line_items(path, row_name, rows_in))


def open_json(path: Path, row_name: str, source: str, rows_in: str | None) -> FileRows:
    """Return the rows of a JSON document: a list of objects, or an object that holds it at `rows_in`.

    The document is parsed as a whole. An object without anything at `rows_in` is a row itself, and its lists of objects
    are told as `inner`. Raises SourceError when it is no JSON.
    """
    try:
        with open_bytes(path) as file:
            document = orjson.loads(file.read().removeprefix(_BOM))
    except orjson.JSONDecodeError as error:
        said = f"{row_name} is no JSON at line {error.lineno}, column {error.colno}"
        raise SourceError(source, said, "Was the export cut off? One object a line is format: jsonl") from None
    elements = document if isinstance(document, list) else [document]
    is_row = isinstance(document, dict) and (rows_in is None or read_path(document, rows_in) is None)
    inner = {place: _element_rows(rows, row_name, None) for place, rows in _lists(document)} if is_row else {}
    return _element_rows(elements, row_name, rows_in, inner)


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
            has_nul = not isinstance(item, Reject) and b"\\u0000" in orjson.dumps(item[1])
            yield nul_reject(key) if has_nul else item


def _unfolded(payload: dict[str, Any], key: str, rows_in: str | None) -> Iterator[Item]:
    """Yield the rows that one object holds."""
    if rows_in is None:
        yield key, payload
        return
    for number, row in enumerate(unfold(payload, rows_in), start=1):
        yield (f"{key}.{number}", row)
