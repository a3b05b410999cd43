"""Docs that cannot lie: commands, settings, tables and files named in them exist, and the reverse."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from connectors.settings.project import Settings, parse_settings
from flows.cli import app
from resolve.schema import OPERATIONS, PUBLISHED
from resolve.schema.views import VIEWS

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
README = (ROOT / "README.md").read_text("utf-8")
COMMANDS = {command.callback.__name__ if command.name is None else command.name for command in app.registered_commands}
LATER = {"forget"}  # named in decisions before they are there


def name_of(path: Path) -> str:
    """Return the page as reports show it."""
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_command_a_page_names_exists(page: Path) -> None:
    """`meibo X` in code is a command of the command line."""
    code = re.findall(r"`[^`\n]+`|```.*?```", page.read_text("utf-8"), flags=re.DOTALL)
    named = {m for text in code for m in re.findall(r"(?:^|[\s`/])meibo ([a-z]+)\b", text)}
    assert named <= COMMANDS


def test_the_readme_names_every_command() -> None:
    """No command is left out of the README's table."""
    assert {f"`meibo {name}" for name in COMMANDS if f"`meibo {name}" not in README} == set()


def test_the_readme_names_every_key_of_the_settings() -> None:
    """The table of settings has every key, and no other."""
    table = README.split("| key of `meibo.yaml`")[1].split("\n\n")[0]
    named = {key for row in table.splitlines()[2:] for key in re.findall(r"`([a-z_]+)`", row.split("|")[1])}
    keys = {name for name, about in Settings.model_fields.items() if not about.exclude}
    assert named == keys


def test_the_settings_of_the_readme_are_valid() -> None:
    """The example of the README loads as it stands."""
    text = re.search(r"```yaml\n(.*?)```", README, flags=re.DOTALL)
    assert text is not None
    environ = {"MEIBO_PASSWORD": "secret", "SHOP_DATABASE": "sqlite:///shop.db"}
    assert list(parse_settings(text[1], "README.md", ROOT, environ).sources) == ["sales", "shop"]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_table_a_query_reads_exists(page: Path) -> None:
    """FROM and JOIN in SQL name tables and views of the warehouse."""
    queries = re.findall(r"```sql\n(.*?)```", page.read_text("utf-8"), flags=re.DOTALL)
    named = {name for text in queries for name in re.findall(r"\b(?:FROM|JOIN) ([a-z_]+)", text)}
    assert named <= {*PUBLISHED, *OPERATIONS, *VIEWS}


def test_the_runbook_says_of_every_table_whether_it_has_data_of_a_person() -> None:
    """No table is left out of the section for people who ask, and none that is not there is named."""
    text = (ROOT / "docs" / "runbook.md").read_text("utf-8")
    section = text.partition("## Where one person's data is")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    without = section.partition("No data of a person is in")[2].partition("\n\n")[0]
    named = re.findall(r"`([a-z_]+)`", " ".join([*rows, without]))
    assert sorted(named) == sorted({*PUBLISHED, *OPERATIONS})
    queried = set(re.findall(r"\b(?:FROM|JOIN) ([a-z_]+)", section))
    assert {name for row in rows for name in re.findall(r"`([a-z_]+)`", row)} == queried


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    """Relative links name files that are there."""
    links = re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8"))
    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []


def test_decision_records_are_numbered_without_gaps() -> None:
    """0001, 0002, … each with a title that starts with its number."""
    records = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(p.name[:4]) for p in records] == list(range(1, len(records) + 1))
    assert all(p.read_text("utf-8").startswith(f"# {int(p.name[:4])}. ") for p in records)


def test_every_command_has_help() -> None:
    """`meibo COMMAND --help` says what it does."""
    for name in sorted(COMMANDS):
        meibo = [sys.executable, "-c", "from flows.cli import main; main()", name, "--help"]
        done = subprocess.run(meibo, capture_output=True, text=True, check=False)
        assert done.returncode == 0
        assert "Usage: meibo" in done.stdout or "Usage:" in done.stdout
