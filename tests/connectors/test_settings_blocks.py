"""What `meibo init --source` writes: settings that are valid as they stand once the variables are set."""

import re
from pathlib import Path

import pytest

from connectors.settings.declared import declared_systems
from connectors.settings.project import parse_settings
from connectors.settings.template import init_systems, init_text, init_variables
from resolve.errors import ConfigError

_SWITCHED_OFF = re.compile(
    r"# (?=(id|map|activities|surveys|options|base_url|  object|  options|  preset|  map): *[^ ])"
)
VALUES = {"WAREHOUSE_URL": "sqlite:///landed.db"}


def environ(system: str) -> dict[str, str]:
    """Return a value for each variable that has no default."""
    without = {name for name in init_variables([system]) if f"${{{name}}}" in init_text([system])}
    return {name: VALUES.get(name, "value") for name in without}


@pytest.mark.parametrize("system", init_systems())
def test_a_block_is_valid_as_it_stands(system: str, tmp_path: Path) -> None:
    """With values for its variables, and with nothing else edited; so is every key in it that is switched off."""
    text = init_text([system])
    settings = parse_settings(text, "meibo.yaml", tmp_path, environ(system))
    assert all(source.streams for source in settings.sources.values())
    parse_settings(_SWITCHED_OFF.sub("", text), "meibo.yaml", tmp_path, environ(system))


def test_blocks_stand_beside_each_other(tmp_path: Path) -> None:
    """A project may begin with several systems."""
    systems = ["sansan", "saaske", "line", "zendesk"]
    values = {name: "v" for name in init_variables(["zendesk"]) if not name.endswith("URL")}
    settings = parse_settings(init_text(systems), "meibo.yaml", tmp_path, values)
    assert list(settings.sources) == systems


def test_every_declared_system_has_a_block() -> None:
    """Whatever can be read by name can be started with by name."""
    assert set(declared_systems()) <= set(init_systems())
    assert init_systems()[:3] == ("salesforce", "hubspot", "zendesk")


UNFIT = [
    ("{url: 'sqlite:///a.db', table: t, sheet: A, id: i, map: {email: e}}", "sheet: is for files"),
    ("{path: a.csv, loader: dlt, id: i, map: {email: e}}", "loader: is for tables and queries"),
    ("{path: a.csv, options: {app: 1}, id: i, map: {email: e}}", "options: is for objects of an api"),
    ("{url: 'sqlite:///a.db', query: select 1, rows_in: a, id: i, map: {email: e}}", "rows_in: is for files and resources"),
]  # fmt: skip


@pytest.mark.parametrize(("stream", "said"), UNFIT)
def test_a_key_of_another_way_to_read_is_a_mistake(stream: str, said: str, tmp_path: Path) -> None:
    """It would do nothing, silently."""
    text = f"sources:\n  crm:\n    kind: sales\n    streams:\n      contacts: {stream}\n"
    with pytest.raises(ConfigError, match=said):
        parse_settings(text, "meibo.yaml", tmp_path, {})
