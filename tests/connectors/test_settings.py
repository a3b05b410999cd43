"""meibo.yaml: defaults, inheritance, variables, and every mistake at once."""

from pathlib import Path

import pytest
import yaml

from connectors.settings.project import Settings, load_settings, parse_settings
from connectors.settings.template import init_text
from resolve.errors import ConfigError

GOOD = """
warehouse: postgresql+psycopg://meibo:${PASSWORD}@db/meibo
default_country: us
time_zone: America/New_York
sources:
  sales:
    kind: sales
    streams:
      contacts: {path: a*.csv, preset: salesforce_contact, encoding: Shift_JIS}
      calls:
        path: calls.csv
        id: n
        map: {occurred_at: at, phone: tel}
        constant: {channel: phone, score: 5}
  support:
    kind: support
    country: GB
    rank: 7
    streams:
      contacts: {url: "sqlite:///x.db", table: users, preset: zendesk_user}
"""


def parse(text: str, **environ: str) -> Settings:
    """Return the settings in `text`."""
    return parse_settings(text, "meibo.yaml", Path("/project"), environ)


def mistakes_of(text: str, **environ: str) -> list[str]:
    """Return the mistakes that `text` is refused with."""
    with pytest.raises(ConfigError) as caught:
        parse(text, **environ)
    return caught.value.mistakes


def stream(rules: str) -> str:
    """Return a settings text with one stream `contacts` of these rules (flow style)."""
    return f"sources:\n  crm:\n    kind: sales\n    streams:\n      contacts: {rules}\n"


def test_what_a_source_leaves_out_is_inherited() -> None:
    """Country, time zone, rank and role are filled in from above, from the order, and from the stream's name."""
    settings = parse(GOOD, PASSWORD="pw")
    sales, support = settings.sources["sales"], settings.sources["support"]
    assert (sales.country, sales.time_zone, sales.rank) == ("US", "America/New_York", 1)
    assert (support.country, support.rank) == ("GB", 7)
    assert [rules.role for rules in sales.streams.values()] == ["contacts", "touchpoints"]
    assert settings.schedule.time_zone == "America/New_York"


def test_the_nearest_time_zone_counts() -> None:
    """A stream's own zone goes before its source's, then the preset's, then the general one."""
    text = """
time_zone: Asia/Tokyo
sources:
  a: {kind: sales, streams: {contacts: {path: a.csv, preset: zendesk_user}, calls: {path: b.csv, preset: event}}}
  b: {kind: sales, time_zone: Europe/Paris, streams: {contacts: {path: a.csv, preset: zendesk_user}}}
  c: {kind: sales, time_zone: UTC, streams: {contacts: {path: a.csv, preset: zendesk_user, time_zone: Asia/Seoul}}}
"""
    sources = parse(text).sources
    assert [rules.time_zone for rules in sources["a"].streams.values()] == ["UTC", "Asia/Tokyo"]
    assert sources["b"].streams["contacts"].time_zone == "Europe/Paris"
    assert sources["c"].streams["contacts"].time_zone == "Asia/Seoul"


def test_shift_jis_is_read_as_cp932() -> None:
    """Exports that call themselves Shift_JIS hold characters that only cp932 has."""
    assert parse(GOOD, PASSWORD="pw").sources["sales"].streams["contacts"].encoding == "cp932"


def test_relative_paths_belong_to_the_folder_of_the_file(tmp_path: Path) -> None:
    """The warehouse, the model and the Parquet folder are taken from where meibo.yaml lies."""
    text = "model: model.yaml\npublish: {parquet: out}\n" + stream("{path: a.csv, preset: zendesk_user}")
    path = tmp_path / "meibo.yaml"
    path.write_text(text, encoding="utf-8-sig")
    settings = load_settings(path, {})
    assert settings.warehouse == f"sqlite:///{tmp_path}/meibo.db"
    assert settings.model == tmp_path / "model.yaml"
    assert settings.publish.parquet == tmp_path / "out"
    assert settings.folder == tmp_path


def test_secrets_do_not_print() -> None:
    """Neither repr, nor the shown settings, nor the hash of the configuration depend on a password."""
    settings = parse(GOOD, PASSWORD="hunter2")
    assert "hunter2" not in repr(settings)
    assert "hunter2" not in str(settings.shown())
    assert "hunter2" in settings.warehouse
    assert settings.config_hash == parse(GOOD, PASSWORD="other").config_hash


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://me:pa@ss@host/db", "postgresql://me:***@host/db"),
        ("postgresql://host/db?password=abc&x=1", "postgresql://host/db?password=***&x=1"),
        ("sqlite:////data/a.db", "sqlite:////data/a.db"),
    ],
)
def test_a_url_is_shown_without_its_password(url: str, shown: str) -> None:
    """Passwords are masked wherever a URL may hold them."""
    assert parse(f"warehouse: {url}\n" + stream("{path: a.csv, preset: zendesk_user}")).warehouse.masked() == shown


def test_the_hash_follows_what_is_configured() -> None:
    """A changed rule, or another order of the sources, is another configuration; a comment, or a place, is not."""
    first = parse(GOOD, PASSWORD="a")
    assert parse(GOOD.replace("@db/", "@other/"), PASSWORD="a").config_hash == first.config_hash
    assert parse(GOOD + "# note\n", PASSWORD="a").config_hash == first.config_hash
    assert parse_settings(GOOD, "m", Path("/other"), {"PASSWORD": "a"}).config_hash == first.config_hash
    assert parse(GOOD.replace("phone: tel", "phone: fon"), PASSWORD="a").config_hash != first.config_hash
    head, sales, support = GOOD.partition("  sales:")[0], *GOOD.partition("  sales:")[2].split("  support:")
    swapped = f"{head}  support:{support}  sales:{sales}"
    assert parse(swapped, PASSWORD="a").config_hash != first.config_hash


@pytest.mark.parametrize(
    ("text", "environ", "value"),
    [
        ("${A}", {"A": "x.csv"}, "x.csv"),
        ("${A:-y.csv}", {}, "y.csv"),
        ("${A:-y.csv}", {"A": ""}, "y.csv"),
        ("d/${A}/${B:-b}.csv", {"A": "a"}, "d/a/b.csv"),
        ("$${A}.csv", {}, "${A}.csv"),
        ("${A:-}x.csv", {}, "x.csv"),
    ],
)
def test_variables_are_replaced(text: str, environ: dict[str, str], value: str) -> None:
    """References take the variable, or the default where it is unset or empty; a doubled dollar stands for itself."""
    settings = parse(stream(f'{{path: "{text}", preset: zendesk_user}}'), **environ)
    assert settings.sources["crm"].streams["contacts"].path == value


API = """
sources:
  crm:
    kind: marketing
    api: {system: hubspot, token: "${TOKEN}"}
    streams:
      contacts: {object: contacts, preset: hubspot_contact}
  desk:
    kind: support
    url: ${DESK_URL}
    streams:
      contacts: {table: users, preset: zendesk_user}
      more: {path: "${FOLDER}/more.csv", preset: zendesk_user}
"""


def test_who_does_not_read_the_sources_needs_none_of_their_variables() -> None:
    """The warehouse is reached as ever; what a run would need is missed by a run."""
    settings = parse_settings(API, "meibo.yaml", Path("/project"), {}, reads_sources=False)
    assert list(settings.sources) == ["crm", "desk"]
    assert len(mistakes_of(API)) == 3
    beyond = parse_settings(
        "warehouse: ${WAREHOUSE}\n" + API, "meibo.yaml", Path(), {"WAREHOUSE": "sqlite:///x.db"}, reads_sources=False
    )
    assert beyond.warehouse.endswith("x.db")


def test_a_variable_that_nothing_can_stand_in_for_is_missed_by_everyone() -> None:
    """What is told is the variable, not the form of what stood in for it."""
    text = API.replace("kind: support", "kind: support\n    time_zone: ${ZONE}")
    with pytest.raises(ConfigError) as caught:
        parse_settings(text, "meibo.yaml", Path("/project"), {}, reads_sources=False)
    assert any("environment variable ZONE is not set" in one for one in caught.value.mistakes)


@pytest.mark.parametrize("code", ["XX", "UK", "Japan"])
def test_a_country_is_one_that_there_is(code: str) -> None:
    """By another code no number would be read as one of the country."""
    assert "two-letter country code" in mistakes_of(GOOD.replace("country: GB", f"country: {code}"), PASSWORD="x")[0]


def test_a_variable_cannot_change_the_structure() -> None:
    """A value with YAML in it stays a value."""
    settings = parse(stream('{path: "${A}", preset: zendesk_user}'), A="x}\nsources: {}")
    assert settings.sources["crm"].streams["contacts"].path == "x}\nsources: {}"


MISTAKES = [
    ("warehous: a\n" + stream("{path: a, preset: zendesk_user}"), "meibo.yaml line 1: warehous: unknown key; did you mean warehouse?"),
    (stream("{pth: a, preset: zendesk_user}"), "contacts.pth: unknown key; did you mean path?"),
    (stream("{path: '${NOPE}', preset: zendesk_user}"), "contacts.path: environment variable NOPE is not set"),
    (stream("{path: '${NOPE', preset: zendesk_user}"), "a ${…} reference is malformed"),
    (stream("{path: a, preset: salesforce_contacts}"), "there is no preset 'salesforce_contacts'; did you mean salesforce_contact?"),
    (stream("{path: a, id: i, map: {emial: E}}"), "map.emial: there is no field emial for contacts; did you mean email?"),
    (stream("{path: a, id: i, map: {subject: E}}"), "there is no field subject for contacts"),
    (stream("{path: a, id: i, map: {shoe: E}}"), "x_<name> keeps a column that has no field"),
    (stream("{path: a, id: i, map: {email: []}}"), "map.email: names no column"),
    (stream("{path: a, map: {email: E}}"), "needs an id"),
    (stream("{path: a}"), "needs a preset or a map"),
    (stream("{preset: zendesk_user}"), "needs a path, or a url with a table or query"),
    (stream("{path: a, table: b, url: 'sqlite:///x', preset: zendesk_user}"), "has both path and table/query"),
    (stream("{table: b, preset: zendesk_user}"), "so it needs a url"),
    (stream("{url: 'sqlite:///x', table: b, query: c, preset: zendesk_user}"), "has both table and query"),
    (stream("{path: a, preset: zendesk_ticket, role: contacts}"), "the preset zendesk_ticket gives touchpoints"),
    (stream("{path: a, preset: zendesk_user, encoding: klingon}"), "encoding: is not a known encoding"),
    (stream("{path: a, preset: zendesk_user, delimiter: ';;'}"), "delimiter: should be one character"),
    (stream("{path: a, preset: zendesk_user, time_zone: Asia/Tokio}"), "did you mean Asia/Tokyo?"),
    (stream("{path: a, preset: zendesk_user, overlap_seconds: soon}"), "overlap_seconds: should be a valid number"),
    (stream("{path: a, preset: zendesk_user, path: b}"), "contacts.path: this key is given twice"),
    (stream("{path: [a], preset: zendesk_user}"), "contacts.path: should be text"),
    ("default_country: Japan\n" + stream("{path: a, preset: zendesk_user}"), "default_country: is not a two-letter"),
    ("schedule: {cron: '0 25 * * *'}\n" + stream("{path: a, preset: zendesk_user}"), "schedule.cron: is not a cron line: its hour"),
    ("schedule: {cron: hourly}\n" + stream("{path: a, preset: zendesk_user}"), "five fields"),
    ("quarantine: {max_rate: 2}\n" + stream("{path: a, preset: zendesk_user}"), "quarantine.max_rate: should be less"),
    ("config_hash: a\n" + stream("{path: a, preset: zendesk_user}"), "config_hash: unknown key"),
    ("sources: {crm: {kind: sails, streams: {contacts: {path: a, preset: zendesk_user}}}}", "crm.kind: should be 'sales'"),
    ("sources: {crm: {kind: sales, streams: {}}}", "names no stream"),
    ("sources: {crm: {kind: sales}}", "sources.crm: needs the key streams"),
    ("sources: {My CRM: {kind: sales, streams: {contacts: {path: a, preset: zendesk_user}}}}", "a-z, 0-9 and _ only"),
    ("sources: {}", "names no source"),
    ("warehouse: a.db\n" + stream("{path: a, preset: zendesk_user}"), "warehouse: is not a database URL"),
    ("", "needs the key sources"),
    ("- a\n- b\n", "should hold keys such as sources:, but holds a list"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), MISTAKES)
def test_a_mistake_is_named_with_its_place(text: str, said: str) -> None:
    """Each mistake is one line that says where it is and what to do."""
    found = mistakes_of(text)
    assert len(found) == 1, found
    assert said in found[0]
    assert found[0].startswith("meibo.yaml")


def test_all_mistakes_come_at_once_in_the_order_of_the_file() -> None:
    """Unset variables, unknown keys, bad values and mistakes across keys are listed together, by line."""
    text = """
warehouse: ${MISSING}
time_zone: Mars/Olympus
sources:
  crm:
    kind: sails
    streams:
      contacts: {path: a.csv, preset: nope}
      events: {id: x, map: {occured_at: t}}
colour: red
"""
    found = mistakes_of(text)
    assert [int(line.split("line ")[1].split(":")[0]) for line in found] == [2, 3, 6, 8, 9, 9, 10]
    assert "did you mean occurred_at?" in "\n".join(found)


@pytest.mark.parametrize("text", ["a: [1, 2", "a: b: c", "a:\n\t- b", "a: 'x", "a: \x00"])
def test_malformed_yaml_names_the_line(text: str) -> None:
    """What is no YAML at all is refused with line and column where the parser stopped."""
    found = mistakes_of(text)
    assert len(found) == 1
    assert "not valid YAML" in found[0]


def test_no_mistake_shows_a_secret() -> None:
    """A value from the environment, a URL or a key is never quoted, whatever is wrong with it."""
    text = "warehouse: '${W}'\ndefault_country: '${C}'\nidentity: {key: [k3y]}\n" + stream("{path: a, preset: x}")
    said = "\n".join(mistakes_of(text, W="not a url with s3cret", C="s3cret"))
    assert "s3cret" not in said
    assert "k3y" not in said


def test_a_missing_file_says_what_to_run(tmp_path: Path) -> None:
    """Without meibo.yaml the way to get one is named."""
    with pytest.raises(ConfigError, match="meibo init"):
        load_settings(tmp_path / "meibo.yaml", {})


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    """A file saved in another encoding is told apart from one with mistakes."""
    (tmp_path / "meibo.yaml").write_bytes("# 名簿".encode("cp932"))
    with pytest.raises(ConfigError, match="not UTF-8"):
        load_settings(tmp_path / "meibo.yaml", {})


def test_plain_scalars_keep_their_text() -> None:
    """A country NO, a phone number with a leading zero and a time stay text, unlike in YAML 1.1."""
    text = "default_country: NO\n" + stream(
        "{path: a, preset: zendesk_user, constant: {phone: 0312345678, gender: 12:30}}"
    )
    settings = parse(text)
    assert settings.default_country == "NO"
    assert settings.sources["crm"].streams["contacts"].constant == {"phone": "0312345678", "gender": "12:30"}


def test_anchors_may_be_kept_under_x_keys() -> None:
    """A top-level key that begins with x- is room for anchors."""
    text = "x-files: &f {path: a.csv, preset: zendesk_user}\n" + stream("{<<: *f, encoding: cp932}")
    assert parse(text).sources["crm"].streams["contacts"].path == "a.csv"


def test_the_template_is_a_valid_configuration() -> None:
    """What `meibo init` writes loads as it is, and every key that it mentions exists."""
    settings = parse(init_text())
    assert list(settings.sources) == ["sales", "marketing", "support"]
    lines = [line.replace("# ", "", 1) if line.lstrip().startswith("# ") else line for line in init_text().splitlines()]
    start = next(i for i, line in enumerate(lines) if line.startswith("warehouse:"))
    text = "\n".join(line for line in lines[start:] if not line.startswith("The order"))
    everything = parse(text, MEIBO_ID_KEY="k")
    assert everything.identity.key == "k"
    assert everything.sources["support"].streams["calls"].duration_unit == "min"
    assert everything.publish.parquet is not None


def test_the_template_needs_no_variable() -> None:
    """No reference outside a comment lacks a default."""
    assert yaml.safe_load(init_text())["sources"]["marketing"]["url"].startswith("${")
    assert parse(init_text(), MARKETING_DATABASE="sqlite:///m.db").sources["marketing"].url == "sqlite:///m.db"
