"""Raw rows as JSON text, and the hash that tells whether a row has changed."""

import hashlib
import json
import unicodedata
from typing import Any

import orjson

_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS
_ABSENT = "\x1f"  # stands between the parts of a hash; JSON text never holds it unescaped


def payload_text(payload: Any) -> str:
    """Return a payload as JSON: keys sorted, values as received.

    Lone surrogates, which no database stores, become `?`; values that JSON does not know become text.
    """
    try:
        return orjson.dumps(payload, option=_OPTIONS, default=str).decode()
    except (TypeError, orjson.JSONEncodeError):
        text = json.dumps(payload, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
        return storable(text)


def payload_hash(text: str, *, deleted: bool, merged_into: str | None) -> str:
    """Return the hash of a row: its payload in Unicode normal form C, and whether it was deleted or merged."""
    normal = text if text.isascii() or unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)
    marked = f"{normal}{_ABSENT}{int(deleted)}{_ABSENT}{merged_into or ''}"
    return hashlib.blake2b(marked.encode(), digest_size=16).hexdigest()


def storable(text: str) -> str:
    """Return text that every database stores: no lone surrogates, no NUL."""
    if text.isprintable():  # most ids
        return text
    if "\x00" in text:
        text = text.replace("\x00", "�")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text
