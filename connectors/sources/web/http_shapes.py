"""The shape that an answer has to have: a good status with something else in it is a fault, never the end of a list."""

from dataclasses import dataclass
from typing import Any

from connectors.sources.web.http_messages import Accept, Answer, needs_json

Shape = Any  # a type, ID, [shape] for a list of it, {name: shape} for an object that has these, or Maybe(shape)
ID = (str, int)
_WORDS = {list: "list", dict: "object", str: "text", int: "number", bool: "true or false", ID: "id"}


@dataclass(frozen=True, slots=True)
class Maybe:
    """A value that may be missing or null."""

    shape: Shape


def expects(shape: Shape) -> Accept:
    """Return what accepts answers of a shape; reasons name a place in the answer, never what it holds."""

    def accept(answer: Answer) -> str | None:
        return needs_json(answer) or _amiss(answer.data, shape, "")

    return accept


def _amiss(value: Any, shape: Shape, path: str) -> str | None:
    """Return what of a value is not as its shape says; None where all is well."""
    if isinstance(shape, Maybe):
        return None if value is None else _amiss(value, shape.shape, path)
    if isinstance(shape, list):
        if not isinstance(value, list):
            return _lacks(list, path)
        return next((said for one in value if (said := _amiss(one, shape[0], f"{path}[]"))), None)
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return _lacks(dict, path)
        start = f"{path}." if path else ""
        parts = (_amiss(value.get(name), inner, start + name) for name, inner in shape.items())
        return next((said for said in parts if said), None)
    is_fit = isinstance(value, shape) and (shape is bool or not isinstance(value, bool))
    return None if is_fit else _lacks(shape, path)


def _lacks(shape: Shape, path: str) -> str:
    """Return the words for a value that is not there, or another one."""
    return f"holds no {_WORDS[shape]} at {path or 'its top'}"
