"""The packaged presets: how well-known tables and exports map to fields."""

from functools import cache
from importlib import resources

from connectors.settings.mapping import STRICT, MappingRules, Role
from connectors.settings.yaml import parse_yaml

_FOLDER = resources.files("connectors.sources") / "presets"


class Preset(MappingRules):
    """Mapping rules under a name; `note` says what it was made for and how far that is confirmed."""

    model_config = STRICT
    note: str
    time_zone: str | None = None


@cache
def preset_names() -> tuple[str, ...]:
    """Return the names of every packaged preset, sorted."""
    return tuple(sorted(f.name.removesuffix(".yaml") for f in _FOLDER.iterdir() if f.name.endswith(".yaml")))


@cache
def load_preset(name: str) -> Preset:
    """Return the preset `name`, which must be one of `preset_names()`."""
    text = (_FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    return Preset.model_validate(parse_yaml(text, name).data)


def find_role(stream: str, role: Role | None, preset: str | None) -> Role:
    """Return what a stream gives: as set, as its preset says, else by its name (`contacts`, or touchpoints)."""
    inherited = load_preset(preset).role if preset else None
    return role or inherited or ("contacts" if stream == "contacts" else "touchpoints")
