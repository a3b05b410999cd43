"""The command line: start-up time, exit codes, errors a person can read, JSON for programs."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Meibo = Callable[..., "subprocess.CompletedProcess[str]"]
Parse = Callable[["subprocess.CompletedProcess[str]"], Any]
HEAVY = ("prefect", "recordlinkage", "pandas", "sklearn", "scipy", "pyarrow", "sqlalchemy", "numpy")


def test_help_imports_little_and_nothing_heavy() -> None:
    """`meibo --help` loads neither prefect nor pandas nor recordlinkage, and few modules at all: what its time hangs on."""
    code = f"import sys, flows.cli; print([m for m in {HEAVY!r} if m in sys.modules], len(sys.modules) < 260)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    done = subprocess.run(
        [Path(sys.executable).parent / "meibo", "--help"], capture_output=True, text=True, check=False
    )
    assert loaded.stdout.strip() == "[] True"
    assert done.returncode == 0


@pytest.mark.parametrize(
    "command", ["demo", "init", "check", "nightly", "dedupe", "evaluate", "status", "train", "explain", "cases"]
)
def test_every_command_of_the_contract_is_there_and_explains_itself(inside: Meibo, command: str) -> None:
    """Each command has a help text of its own."""
    done = inside(command, "--help")
    assert done.returncode == 0
    assert f"meibo {command}" in done.stdout
    assert "--json" in done.stdout


def test_help_breaks_lines_where_the_terminal_ends(inside: Meibo) -> None:
    """Not where the code does."""
    assert "3 changes pending (--dry-run --detailed-exitcode); 4 done" in inside("nightly", "--help").stdout


@pytest.mark.parametrize("arguments", [("check",), ("nightly",), ("status",), ("nightly", "--dry-run")])
def test_without_settings_a_command_says_what_to_run_instead(inside: Meibo, arguments: tuple[str, ...]) -> None:
    """In an empty folder, exit 2 and the two commands that start a project; no traceback, nothing on stdout."""
    done = inside(*arguments)
    assert done.returncode == 2
    assert "meibo init" in done.stderr
    assert "meibo demo" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_wrong_option_is_exit_2(meibo: Meibo) -> None:
    """Usage errors end with 2, as configuration errors do."""
    assert meibo("nightly", "--no-such-option").returncode == 2
    assert meibo("no-such-command").returncode == 2
    assert meibo("dedupe", "a.csv").returncode == 2


def test_every_mistake_of_the_settings_is_shown_at_once(inside: Meibo, tmp_path: Path) -> None:
    """Unknown key, wrong kind and unset variable come in one message."""
    (tmp_path / "meibo.yaml").write_text(
        "warehose: x\ndefault_country: Japan\nsources:\n  a:\n    kind: shop\n    streams:\n"
        "      contacts: {path: '${NOT_SET_ANYWHERE}', id: id, map: {email: mail}}\n",
        "utf-8",
    )
    done = inside("check")
    assert done.returncode == 2
    for part in ("warehose", "default_country", "kind", "NOT_SET_ANYWHERE"):
        assert part in done.stderr
    assert "Traceback" not in done.stderr


def test_an_error_as_json_is_one_object_on_stdout(inside: Meibo, json_of: Parse, tmp_path: Path) -> None:
    """With --json a program reads the error, its lines and the exit code."""
    (tmp_path / "meibo.yaml").write_text("sources: [", "utf-8")
    done = inside("check", "--json")
    error = json_of(done)
    assert done.returncode == error["exit_code"] == 2
    assert error["error"] == "ConfigError"
    assert error["messages"]


@pytest.mark.parametrize(
    "arguments",
    [
        "nightly --json --bogus",
        "nightly --workers x --json",
        "dedupe --json",
        "no-such-command --json",
        "check --json --config",
    ],
)
def test_a_wrong_command_line_is_told_as_json_too(
    inside: Meibo, json_of: Parse, arguments: str, tmp_path: Path
) -> None:
    """A program that asked for JSON gets it on every way out, in one line for a file of lines."""
    done = inside(*arguments.split())
    error = json_of(done)
    assert done.returncode == error["exit_code"] == 2
    assert (error["status"], error["error"]) == ("error", "UsageError")
    assert error["messages"][0]
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""
    assert not json_of(inside("init", "new", "--json"))["exit_code"]
    assert "Usage" in inside("nightly", "--bogus").stderr


def test_debug_shows_the_traceback(meibo: Meibo) -> None:
    """Only --debug shows where an error was raised."""
    assert "Traceback" in meibo("check", "--debug").stderr


def test_init_writes_settings_that_load_and_overwrites_nothing(inside: Meibo, tmp_path: Path) -> None:
    """The written project is valid as it is; a second init is refused with 2 and changes no file."""
    done = inside("init", "new")
    settings = tmp_path / "new" / "meibo.yaml"
    assert done.returncode == 0
    checked = inside("check", cwd=tmp_path / "new")
    assert checked.returncode == 4  # valid, but the example exports are not there
    settings.write_text(settings.read_text("utf-8") + "# mine\n", "utf-8")
    again = inside("init", "new")
    assert again.returncode == 2
    assert settings.read_text("utf-8").endswith("# mine\n")
    assert not (tmp_path / "new" / "meibo.db").exists()


def test_check_shows_streams_and_reads_nothing_into_a_warehouse(inside: Meibo, json_of: Parse, small: Any) -> None:
    """`check` lists what would be read, and leaves no warehouse file behind."""
    done = inside("check", "--json", cwd=small.folder)
    facts = json_of(done)
    assert done.returncode == 0
    assert [(s["source"], s["stream"]) for s in facts["streams"]] == [
        ("sales", "contacts"), ("sales", "calls"), ("support", "contacts"),
    ]  # fmt: skip
    assert not (small.folder / "meibo.db").exists()


def test_check_tells_a_missing_file_from_a_warehouse_that_cannot_be_used(inside: Meibo, small: Any) -> None:
    """A source that cannot be read is 4, a warehouse that cannot be used is 1."""
    (small.folder / "support.csv").unlink()
    missing = inside("check", cwd=small.folder)
    assert missing.returncode == 4
    assert "support.csv" in missing.stdout
    text = small.config.read_text("utf-8").replace("sqlite:///meibo.db", "sqlite:///no/such/folder/meibo.db")
    small.config.write_text(text, "utf-8")
    assert inside("check", cwd=small.folder).returncode == 1


@pytest.mark.parametrize(
    ("row", "missing"),
    [
        ({"name": "森", "mail": "a@example.jp"}, "no column id"),
        ({"id": "1", "namae": "森"}, "no column name, mail, tel"),
        ({"users": [{"id": "1", "name": "森"}, 5]}, "no column id, name, mail, tel"),
    ],
)
def test_a_stream_without_its_id_or_any_mapped_column_is_not_ready(
    inside: Meibo, json_of: Parse, small: Any, row: dict[str, Any], missing: str
) -> None:
    """The rows of JSON may differ, so its header is not refused when it is read: `check` names stream and columns."""
    (small.folder / "support.csv").rename(small.folder / "support.jsonl")
    (small.folder / "support.jsonl").write_text(json.dumps(row), "utf-8")
    small.config.write_text(small.config.read_text("utf-8").replace("support.csv", "support.jsonl"), "utf-8")
    done = inside("check", cwd=small.folder)
    assert done.returncode == 4
    assert "Ready" not in done.stdout
    assert f"source support: stream contacts has {missing}" in done.stdout
    facts = json_of(inside("check", "--json", cwd=small.folder))
    assert [bool(s["error"]) for s in facts["streams"]] == [False, False, True]


def test_check_of_a_file_without_a_header_shows_no_person(inside: Meibo, small: Any) -> None:
    """The first line is not shown as column names: it is a record."""
    path = small.folder / "support.csv"
    _, _, rows = path.read_text("utf-8").partition("\n")
    path.write_text(rows, "utf-8")
    done = inside("check", cwd=small.folder)
    assert done.returncode == 4
    assert "The first line looks like a record" in done.stdout
    assert rows.split(",")[2] not in done.stdout


def test_check_shows_which_column_fills_which_field(inside: Meibo, json_of: Parse, small: Any) -> None:
    """Of each stream, as it spells its columns, in text and for programs; and the zone of its times."""
    small.config.write_text(small.config.read_text("utf-8").replace("email: mail", "email: Mail"), "utf-8")
    streams = json_of(inside("check", "--json", cwd=small.folder))["streams"]
    assert streams[2]["fields"] == {"id": ["id"], "full_name": ["name"], "email": ["mail"], "phone": ["tel"]}
    assert {stream["time_zone"] for stream in streams} == {"Asia/Tokyo"}
    text = inside("check", cwd=small.folder).stdout
    assert [line.split() for line in text.partition("support.contacts reads (times without an offset are in Asia/Tokyo)\n")[2].splitlines()[:3]] == [
        ["id", "id"], ["full_name", "name"], ["email", "mail"]
    ]  # fmt: skip


def test_a_first_dry_run_names_the_warehouse_that_stays_as_it_is(inside: Meibo, small: Any) -> None:
    """Not the one in memory that it worked on; and the next step is the run itself, not the run again."""
    done = inside("nightly", "--dry-run", cwd=small.folder)
    assert f"tables: sqlite:///{small.folder / 'meibo.db'} (nothing was written)" in done.stdout
    assert "again: reads only what is new" not in done.stdout
    assert "writes the tables" in done.stdout
    assert not (small.folder / "meibo.db").exists()


def test_status_before_the_first_run_says_what_to_run(meibo: Meibo, small: Any) -> None:
    """Without a warehouse there is no status, and none is made by asking."""
    done = meibo("status", cwd=small.folder)
    assert done.returncode == 1
    assert "meibo nightly" in done.stderr
    assert not (small.folder / "meibo.db").exists()


def test_what_was_published_is_looked_at_without_the_secrets_of_the_sources(inside: Meibo, small: Any) -> None:
    """Whoever looks at runs and customers has no business with the tokens that a run needs."""
    small.run()
    person = small.table("profile_link").iloc[0]
    text = small.config.read_text("utf-8")
    block = '  shop:\n    kind: marketing\n    api: {system: hubspot, token: "${SHOP_TOKEN}"}\n'
    small.config.write_text(
        f"{text}{block}    streams:\n      people: {{object: contacts, preset: hubspot_contact}}\n", "utf-8"
    )
    (small.folder / "truth.csv").write_text(f"source_id,person_id\n{person['source_id']},1\n", "utf-8")
    looks = (("status",), ("runs",), ("runs", "last"), ("explain", person["golden_id"]), ("evaluate", "truth.csv"))
    for command in looks:
        done = inside(*command, cwd=small.folder)
        assert done.returncode == 0, done.stderr
    refused = inside("nightly", cwd=small.folder)
    assert refused.returncode == 2
    assert "SHOP_TOKEN" in refused.stderr


def test_lines_in_a_file_are_as_long_as_what_stands_in_them(inside: Meibo, small: Any) -> None:
    """Where there is no terminal to end them: a run ID is found by whoever looks for it."""
    small.run()
    run_id = small.table("run_manifest")["run_id"].iloc[0]
    assert run_id in inside("status", cwd=small.folder).stdout
    assert run_id in inside("runs", cwd=small.folder).stdout
