"""The page on sources names every key, preset, system and option that there is, and its examples load."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from connectors.settings.declared import declared_systems, load_declaration
from connectors.settings.project import SourceSettings, StreamSettings, parse_settings
from connectors.settings.storage import StorageSettings
from connectors.sources.loaders import LOADERS
from connectors.sources.preset import preset_names

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "sources.md").read_text("utf-8")


def section(title: str) -> str:
    """Return the text under a heading."""
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def first_cells(text: str) -> set[str]:
    """Return the names in code in the first column of a table."""
    return {
        name
        for line in text.splitlines()
        if line.startswith("| `")
        for name in re.findall(r"`(\w+)`", line.split("|")[1])
    }


@pytest.mark.parametrize(
    ("title", "model"), [("Keys of a source", SourceSettings), ("Keys of a stream", StreamSettings)]
)
def test_every_key_is_documented(title: str, model: type[BaseModel]) -> None:
    """The table has every key of the settings, and no other."""
    assert first_cells(section(title)) == {about.alias or name for name, about in model.model_fields.items()}


def test_keys_of_a_store_and_loaders_are_named() -> None:
    """In the table of a source's keys."""
    text = section("Keys of a source")
    assert all(f"`{name}`" in text for name in (*StorageSettings.model_fields, *LOADERS))


def test_every_preset_is_named() -> None:
    """In the table of presets, and no preset that is not there."""
    assert set(re.findall(r"`(\w+)`", section("Presets").split("|---|---|---|")[1])) == set(preset_names())


def test_every_declared_system_is_named_with_what_it_takes() -> None:
    """Its credentials, objects and options are in its row."""
    rows = {line.split("`")[1]: line for line in section("Declared APIs").splitlines() if line.startswith("| `")}
    rows.pop("system")
    assert set(rows) == set(declared_systems())
    for system, row in rows.items():
        rules = load_declaration(system)
        assert {*rules.needs, *rules.objects, *rules.options} <= set(re.findall(r"`(\w+)`", row))


def test_the_examples_load() -> None:
    """As they stand."""
    environ = {"WAREHOUSE_URL": "sqlite:///a.db", "MEMBERS_KEY": "k"}
    blocks = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)
    assert [list(parse_settings(text, "sources.md", ROOT, environ).sources) for text in blocks] == [
        ["sales"],
        ["members"],
    ]
