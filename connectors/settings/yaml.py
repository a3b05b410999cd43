"""YAML with `${VAR}` references: text in, plain data, line numbers and mistakes out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from resolve.errors import ConfigError

Path = tuple[str | int, ...]

STAND_IN = "https://unset.invalid"  # an address of the Web, and of a database, as far as its form goes
_REFERENCE = re.compile(r"\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(:-([^}]*))?\}|\$\{")


class _Loader(yaml.SafeLoader):
    """Reads plain scalars as YAML 1.2 does: `no`, `0312`, `12:30` and dates stay text."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - the base class's own attribute


for _tag, _pattern, _first in (
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    ("int", r"^[-+]?(?:0|[1-9][0-9]*)$", list("-+0123456789")),
    ("float", r"^[-+]?(?:0|[1-9][0-9]*)?\.[0-9]+(?:[eE][-+]?[0-9]+)?$", list("-+.0123456789")),
    ("merge", r"^(?:<<)$", ["<"]),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), _first)


@dataclass(frozen=True)
class Document:
    """A parsed file: its data, the line of every path in it, and what was wrong besides syntax."""

    data: Any
    lines: dict[Path, int] = field(default_factory=dict)
    mistakes: list[tuple[Path, str]] = field(default_factory=list)
    from_environment: set[Path] = field(default_factory=set)


def parse_yaml(text: str, name: str) -> Document:
    """Return the document in `text`; a key given twice is a mistake.

    Raises ConfigError with the line number when `text` is no YAML. `name` is the file's name in that message.
    """
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        document = Document(None if node is None else loader.construct_document(node))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{name} line {mark.line + 1}, column {mark.column + 1}" if mark else name
        raise ConfigError(f"{where}: not valid YAML: {error.problem or error.context}") from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise ConfigError(
            f"{name}: not valid YAML: it holds a character or a nesting that YAML does not allow"
        ) from None
    if node is not None:
        _walk(node, (), document, ())
    return document


def _walk(node: yaml.Node, path: Path, document: Document, above: tuple[int, ...]) -> None:
    """Note the line of every path under `node`, and keys that are given twice."""
    document.lines.setdefault(path, node.start_mark.line + 1)
    if id(node) in above:  # an anchor that holds itself
        return
    above = (*above, id(node))
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            _walk(item, (*path, index), document, above)
    elif isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            if name in seen:
                document.mistakes.append(((*path, name), "this key is given twice"))
            seen.add(name)
            document.lines[(*path, name)] = key.start_mark.line + 1
            _walk(value, (*path, name), document, above)


def expand_variables(document: Document, environ: Mapping[str, str], unused: str | None = None) -> Document:
    """Return the document with `${VAR}` and `${VAR:-default}` replaced in every text value.

    An unset or empty variable takes the default; unset without a default is a mistake, but under the key `unused`:
    there something stands in for it. `$${` stands for `${`. Values are replaced after parsing, so that no variable
    can change the structure.
    """
    mistakes = list(document.mistakes)
    touched: set[Path] = set()

    def expand(value: Any, path: Path) -> Any:
        if isinstance(value, dict):
            return {k: expand(v, (*path, k)) for k, v in value.items()}
        if isinstance(value, list):
            return [expand(v, (*path, i)) for i, v in enumerate(value)]
        if not isinstance(value, str) or "${" not in value:
            return value
        touched.add(path)
        text, unset = _expand_text(value, environ)
        if unset and path[0] == unused:
            return STAND_IN if str(path[-1]).endswith("url") else str(path[-1])
        mistakes.extend((path, problem) for problem in unset)
        return text

    return Document(expand(document.data, ()), document.lines, mistakes, touched)


def _expand_text(text: str, environ: Mapping[str, str]) -> tuple[str, list[str]]:
    """Return `text` with its references replaced, and what could not be replaced."""
    problems: list[str] = []

    def replace(match: re.Match[str]) -> str:
        name, has_default, default = match.group(1), match.group(2), match.group(3)
        if match.group(0) == "$${":
            return "${"
        if name is None:
            problems.append("a ${…} reference is malformed: write ${NAME} or ${NAME:-default}")
            return ""
        value = environ.get(name)
        if has_default and not value:
            return str(default)
        if value is None:
            problems.append(f"environment variable {name} is not set: set it, or write ${{{name}:-default}}")
            return ""
        return value

    return _REFERENCE.sub(replace, text), problems
