"""Every mistake of meibo.yaml at once: what pydantic finds, and what only shows across keys."""

import typing
from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from connectors.settings.mapping import is_known_field, known_fields
from connectors.settings.systems import SYSTEMS, known_objects, wanted_options
from connectors.settings.types import suggest
from connectors.settings.yaml import Document, Path
from connectors.sources.preset import find_role, load_preset, preset_names
from resolve.errors import ConfigError

Model = TypeVar("Model", bound=BaseModel)
Mistake = tuple[Path, str]
_LOADED_ONLY = ("folder", "config_hash")  # fields of Settings that a file may not give


def validate_document(model: type[Model], document: Document, name: str) -> Model:
    """Return the document as a `model`. Raises ConfigError listing every mistake, in the order of the file."""
    data = document.data if document.data is not None else {}
    if not isinstance(data, dict):
        raise ConfigError(f"{name}: should hold keys such as sources:, but holds a {_kind_of(data)}")
    data = {k: v for k, v in data.items() if not str(k).startswith("x-")}  # room for anchors
    mistakes = list(document.mistakes)
    seen = {path for path, _ in mistakes}
    built: Model | None = None
    try:
        built = model.model_validate(data)
    except ValidationError as error:
        found = [_as_mistake(model, item) for item in error.errors(include_url=False, include_input=False)]
        mistakes += [m for m in found if m[0] not in seen]
    mistakes += [((key,), "unknown key") for key in _LOADED_ONLY if key in data]
    misspelt = {path[:-1] for path, what in mistakes if what.startswith("unknown key")}
    across = _check_sources(data.get("sources"))  # what a group needs may be there under the misspelt key
    mistakes += [(path, what) for path, what in across if not (path in misspelt and what.startswith("needs"))]
    if mistakes or built is None:
        raise ConfigError([_say(name, document, path, what) for path, what in _in_file_order(document, mistakes)])
    return built


def _in_file_order(document: Document, mistakes: list[Mistake]) -> list[Mistake]:
    """Return the distinct mistakes by line, then path."""
    distinct = list(dict.fromkeys(mistakes))
    return sorted(distinct, key=lambda m: (_line_of(document, m[0]), [str(p) for p in m[0]]))


def _line_of(document: Document, path: Path) -> int:
    """Return the line of `path`, or of the nearest key above it that is in the file."""
    while path and path not in document.lines:
        path = path[:-1]
    return document.lines.get(path, 1)


def _say(name: str, document: Document, path: Path, what: str) -> str:
    """Return one mistake as a line: file, line, YAML path, what is wrong."""
    dotted = ".".join(str(part) for part in path)
    return f"{name} line {_line_of(document, path)}: {dotted + ': ' if dotted else ''}{what}"


def _kind_of(value: Any) -> str:
    """Return the YAML word for the kind of `value`."""
    return {list: "list", str: "text", int: "number", float: "number", bool: "yes/no value"}.get(type(value), "value")


def _as_mistake(model: type[BaseModel], item: Any) -> Mistake:
    """Return one finding of pydantic as a path of the file and a plain sentence without the value."""
    full = tuple(part for part in item["loc"] if part != "[key]")
    path = _without_tag(full)
    kind, text = item["type"], item["msg"].removeprefix("Value error, ")
    if kind == "extra_forbidden":
        return path, "unknown key" + suggest(str(path[-1]), _keys_at(model, full[:-1]))
    if kind in ("union_tag_not_found", "union_tag_invalid"):
        return (*path, "system"), f"should be one of {', '.join(SYSTEMS)}"
    if kind == "missing":
        return path[:-1], f"needs the key {path[-1]}"
    if kind in ("string_type", "dict_type", "model_type", "tuple_type", "bool_type"):
        wanted = {"string_type": "text (quote it)", "tuple_type": "a list", "bool_type": "true or false"}
        return path, f"should be {wanted.get(kind, 'a group of keys')}"
    if kind in ("literal_error", "bool_parsing", "float_parsing", "int_parsing"):
        text = text.replace("Input should be", "should be").split(", unable")[0]
    return path, text.replace("Input should be", "should be")


def _without_tag(path: Path) -> Path:
    """Return a path without the name of the system that pydantic puts behind `api`."""
    is_tagged = len(path) > 3 and path[0] == "sources" and path[2] == "api" and path[3] in SYSTEMS
    return (*path[:3], *path[4:]) if is_tagged else path


def _keys_at(model: type[BaseModel], path: Path) -> list[str]:
    """Return the keys that the model allows at `path`."""
    kind: Any = model
    for part in path:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            fields = {f.alias or n: f for n, f in kind.model_fields.items()}
            kind = _inner(fields[str(part)].annotation) if str(part) in fields else None
        else:
            arguments = typing.get_args(kind)
            if typing.get_origin(kind) is typing.Annotated and part in SYSTEMS:
                kind = SYSTEMS[str(part)]
                continue
            kind = _inner(arguments[1 if typing.get_origin(kind) is dict else 0]) if arguments else None
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return []
    return [f.alias or n for n, f in kind.model_fields.items() if n not in _LOADED_ONLY]


def _inner(kind: Any) -> Any:
    """Return the type behind `X | None`."""
    options = [option for option in typing.get_args(kind) if option is not type(None)]
    is_union = typing.get_origin(kind) not in (dict, list, tuple, None)
    return options[0] if is_union and options else kind


def _check_sources(sources: Any) -> Iterator[Mistake]:
    """Yield the mistakes that show only across keys; values of a wrong kind are left to pydantic."""
    if isinstance(sources, dict) and not sources:
        yield ("sources",), "names no source"
    for name, source in sources.items() if isinstance(sources, dict) else ():
        path: Path = ("sources", name)
        if not _is_name(name):
            yield path, "a source's name should hold a-z, 0-9 and _ only"
        if not isinstance(source, dict):
            continue
        streams = source.get("streams")
        if isinstance(streams, dict) and not streams:
            yield (*path, "streams"), "names no stream: a source needs at least one"
        for stream, rules in streams.items() if isinstance(streams, dict) else ():
            if not _is_name(stream):
                yield (*path, "streams", stream), "a stream's name should hold a-z, 0-9 and _ only"
            if isinstance(rules, dict):
                yield from _check_stream((*path, "streams", stream), stream, rules, source)


def _is_name(name: Any) -> bool:
    """Return whether `name` is safe in keys and file names."""
    return isinstance(name, str) and name.isascii() and name.replace("_", "a").isalnum() and name == name.lower()


def _check_place(path: Path, rules: dict[str, Any], source: dict[str, Any]) -> Iterator[Mistake]:
    """Yield what is wrong with where a stream is read from: a path, a table or query with a url, or an API's object."""
    has_table = "table" in rules or "query" in rules
    ways = [way for way, given in (("path", "path" in rules), ("table/query", has_table)) if given]
    ways += [way for way in ("object", "resource") if way in rules]
    api = source.get("api")
    if len(ways) > 1:
        yield path, f"has both {' and '.join(ways)}: keep one"
    elif not ways:
        yield (
            path,
            "needs an object of the api" if api else "needs a path, or a url with a table or query, or a resource",
        )
    elif has_table and not ("url" in rules or "url" in source):
        yield path, "reads a table or query, so it needs a url (here or at the source)"
    elif "object" in rules and not api:
        yield path, f"reads an object, so its source needs an api: {{system: …}} of {', '.join(SYSTEMS)}"
    if "table" in rules and "query" in rules:
        yield path, "has both table and query: keep one"
    if "url" in rules and not has_table and "path" not in rules:
        yield path, "has a url, so it needs a table or a query"
    known = known_objects(api)
    if known and "object" in rules and rules["object"] not in known:
        yield (*path, "object"), f"should be one of {', '.join(known)}"
    if "object" in rules or rules.get("options"):
        yield from _check_options(path, rules, api)


def _check_options(path: Path, rules: dict[str, Any], api: Any) -> Iterator[Mistake]:
    """Yield the options that a stream of a declared API lacks, and those that it does not take."""
    given = rules["options"] if isinstance(rules.get("options"), dict) else {}
    offered, needed = wanted_options(api, rules.get("object"))
    for name in given:
        if name not in offered:
            yield (*path, "options", name), f"there is no such option; options: {', '.join(offered) or 'none'}"
    for name in needed:
        if name not in given:
            yield path, f"needs options: {{{name}: …}}, {offered[name]}"


def _check_fit(path: Path, rules: dict[str, Any]) -> Iterator[Mistake]:
    """Yield keys that say something about another way to read than that of the stream."""
    has_table = "table" in rules or "query" in rules
    for keys, fits, way in (
        (("sheet", "format", "encoding", "delimiter", "header_line"), "path" in rules, "files"),
        (("loader",), has_table, "tables and queries"),
        (("rows_in",), "path" in rules or "resource" in rules, "files and resources"),
        (("options",), "object" in rules, "objects of an api"),
    ):
        for key in keys:
            if rules.get(key) is not None and not fits:
                yield (*path, key), f"is for {way}, and this stream reads none"


def _check_stream(path: Path, name: str, rules: dict[str, Any], source: dict[str, Any]) -> Iterator[Mistake]:
    """Yield what is wrong across the keys of one stream."""
    yield from _check_place(path, rules, source)
    yield from _check_fit(path, rules)
    preset = rules.get("preset")
    known = preset_names()
    if isinstance(preset, str) and preset not in known:
        yield (*path, "preset"), f"there is no preset {preset!r}{suggest(preset, known)}; presets: {', '.join(known)}"
        return
    if not preset and not rules.get("map"):
        yield path, f"needs a preset or a map, else no column has a meaning; presets: {', '.join(known)}"
    elif not preset and not rules.get("id"):
        yield path, "needs an id: the column that identifies a row"
    inherited = load_preset(preset).role if isinstance(preset, str) else None
    role = find_role(name, rules.get("role"), preset if isinstance(preset, str) else None)
    if inherited and role != inherited:
        yield (*path, "role"), f"the preset {preset} gives {inherited}, not {role}"
    yield from _check_fields(path, rules, str(role))


def _check_fields(path: Path, rules: dict[str, Any], role: str) -> Iterator[Mistake]:
    """Yield the fields that no stream of this role has."""
    for group in ("map", "constant", "values"):
        fields = rules.get(group)
        for field in fields if isinstance(fields, dict) else ():
            if not is_known_field(str(field), role):
                hint = suggest(str(field), known_fields(role))
                more = "; x_<name> keeps a column that has no field" if role == "contacts" and not hint else ""
                yield (*path, group, field), f"there is no field {field} for {role}{hint}{more}"
    parts = rules.get("touchpoints")
    for index, part in enumerate(parts if isinstance(parts, list) else ()):
        if isinstance(part, dict):
            yield from _check_fields((*path, "touchpoints", index), part, "touchpoints")
