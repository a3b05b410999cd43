"""The `api` of a source: the ways in, defaults that are alive, and every mistake named without a value."""

import re
from datetime import date
from pathlib import Path

import pytest

from connectors.settings.api import HubSpotApi, SalesforceApi, ZendeskApi, is_safe_url
from connectors.settings.project import Settings, parse_settings
from connectors.settings.template import init_text, init_variables
from resolve.errors import ConfigError

SECRET = "planted-7f3a9c"
SALESFORCE = "{system: salesforce, base_url: 'https://x.my.salesforce.com', client_id: a, client_secret: '${KEY}'}"
HUBSPOT = "{system: hubspot, token: '${KEY}'}"
ZENDESK = "{system: zendesk, base_url: 'https://x.zendesk.com', client_id: a, client_secret: '${KEY}'}"


def text_of(api: str, stream: str = "{object: users, preset: zendesk_user}") -> str:
    """Return a settings text with one source of this API."""
    return f"sources:\n  crm:\n    kind: sales\n    api: {api}\n    streams:\n      contacts: {stream}\n"


def parse(text: str, key: str = SECRET) -> Settings:
    """Return the settings in `text`."""
    return parse_settings(text, "meibo.yaml", Path("/project"), {"KEY": key})


def mistake_of(text: str, key: str = SECRET) -> str:
    """Return what `text` is refused with."""
    with pytest.raises(ConfigError) as caught:
        parse(text, key)
    return "\n".join(caught.value.mistakes)


@pytest.mark.parametrize("api", [SALESFORCE, HUBSPOT, ZENDESK])
def test_each_system_needs_an_address_and_one_way_in(api: str) -> None:
    """The shortest block loads, and shows no credential."""
    settings = parse(text_of(api))
    assert SECRET not in repr(settings)
    assert SECRET not in str(settings.shown())


def test_no_default_is_near_its_end() -> None:
    """Versions and ways to log in that the vendors have given an end are not among the defaults."""
    salesforce = SalesforceApi.model_fields["version"].default
    hubspot = HubSpotApi.model_fields["version"].default
    assert float(salesforce) > 60  # 31 to 40 end with Summer '28
    assert date.fromisoformat(hubspot + "-01") >= date(2026, 9, 1)  # v1 to v4 end in 2027
    assert "api_token" not in ZendeskApi.model_fields or ZendeskApi.model_fields["api_token"].default is None


MISTAKES = [
    (SALESFORCE.replace("client_id: a, ", ""), "api: needs the key client_id"),
    (SALESFORCE.replace("client_id", "clientid"), "api.clientid: unknown key; did you mean client_id?"),
    (SALESFORCE.replace("https", "http"), "api.base_url: should be an https:// address"),
    (SALESFORCE.replace("https://", "https://me:pw@"), "api.base_url: should be an https:// address"),
    (SALESFORCE.replace("salesforce,", "sforce,"), "api.system: should be one of salesforce, hubspot, zendesk"),
    ("{base_url: 'https://x'}", "api.system: should be one of"),
    ("{system: hubspot}", "api: needs a token"),
    ("{system: hubspot, token: a, client_id: b}", "api: needs a token"),
    ("{system: hubspot, client_id: b, client_secret: c}", "api: needs a token"),
    ("{system: hubspot, token: a, version: v9}", "api.version: "),
    ("{system: zendesk, base_url: 'https://x', email: a}", "api: needs client_id and client_secret"),
    (ZENDESK.replace("client_id", "email: b, client_id"), "api: needs client_id and client_secret"),
]


@pytest.mark.parametrize(("api", "expected"), MISTAKES, ids=[m[0][:60] for m in MISTAKES])
def test_a_mistake_is_named_with_its_place(api: str, expected: str) -> None:
    """Missing, misspelt, unsafe and contradictory keys are told, the secret is not."""
    said = mistake_of(text_of(api))
    assert f"meibo.yaml line 4: sources.crm.{expected}" in said
    assert SECRET not in said


def test_an_empty_variable_is_no_credential() -> None:
    """A variable that is set to nothing is told before anything is asked."""
    assert "api.token: is empty" in mistake_of(text_of(HUBSPOT), key="")


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        ("{preset: zendesk_user}", "needs an object of the api"),
        ("{object: leads, preset: zendesk_user}", "object: should be one of users, tickets"),
        ("{object: users, path: a.csv, preset: zendesk_user}", "has both path and object: keep one"),
        ("{object: 'a; b', preset: zendesk_user}", "object: should be the name of an object"),
    ],
)
def test_a_stream_of_an_api_names_its_object(stream: str, expected: str) -> None:
    """What is read must be one known object, and nothing else beside it."""
    assert expected in mistake_of(text_of(ZENDESK, stream))


def test_an_object_needs_an_api() -> None:
    """A source without an address cannot have objects."""
    assert "so its source needs an api" in mistake_of(text_of(ZENDESK).replace("    api: ", "    country: JP # "))


def test_other_streams_may_stand_beside_an_api() -> None:
    """A file of the same system is a stream like any other."""
    parse(text_of(ZENDESK) + "      calls: {path: calls.csv, preset: event}\n")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.b", True),
        ("http://127.0.0.1:80", True),
        ("http://[::1]:80", True),
        ("http://localhost", True),
        ("http://a.b", False),
        ("http://127.0.0.1.evil.example", False),
        ("http://localhost.evil.example", False),
        ("https://", False),
        ("ftp://127.0.0.1", False),
    ],
)
def test_only_https_and_this_machine_are_safe(url: str, expected: bool) -> None:
    """Credentials travel encrypted, or not at all over a network."""
    assert is_safe_url(url) is expected


VARIABLES = {
    "salesforce": ["SALESFORCE_CLIENT_ID", "SALESFORCE_CLIENT_SECRET", "SALESFORCE_URL"],
    "hubspot": ["HUBSPOT_TOKEN"],
    "zendesk": ["ZENDESK_CLIENT_ID", "ZENDESK_CLIENT_SECRET", "ZENDESK_URL"],
}


@pytest.mark.parametrize("system", list(VARIABLES))
def test_the_block_that_init_writes_loads(system: str) -> None:
    """With its variables set it is valid as it stands, and every preset in it exists."""
    assert init_variables((system,)) == VARIABLES[system]
    environ = dict.fromkeys(VARIABLES[system], f"https://{SECRET}.example")
    settings = parse_settings(init_text((system,)), "meibo.yaml", Path("/project"), environ)
    assert list(settings.sources) == [system]
    api = settings.sources[system].api
    assert api is not None
    assert api.system == system


@pytest.mark.parametrize("system", list(VARIABLES))
def test_every_line_that_a_block_leaves_out_is_valid(system: str) -> None:
    """A key behind `# ` can be switched on by removing that."""
    lines = [
        re.sub(r"# (?=(version|bulk_above|max_wait_seconds|roles|map|surveys|  object|  preset):)", "", line)
        for line in init_text((system,)).splitlines()
    ]
    environ = dict.fromkeys(VARIABLES[system], f"https://{SECRET}.example")
    parse_settings("\n".join(lines), "meibo.yaml", Path("/project"), environ)


def test_several_systems_stand_beside_each_other() -> None:
    """In the order asked for, a system named twice once, and the rest of the file is there."""
    environ = {name: "https://a.example" for names in VARIABLES.values() for name in names}
    text = init_text(("zendesk", "salesforce", "zendesk"))
    settings = parse_settings(text, "meibo.yaml", Path("/project"), environ)
    assert list(settings.sources) == ["zendesk", "salesforce"]
    assert "# model: model.yaml" in text


def test_the_block_of_the_readme_loads() -> None:
    """What the README shows of an API is valid as it stands."""
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    blocks = [
        text for text in re.findall(r"```yaml\n(.*?)```", readme, flags=re.DOTALL) if "system: salesforce" in text
    ]
    environ = {"SALESFORCE_CLIENT_ID": "a", "SALESFORCE_CLIENT_SECRET": SECRET}
    (settings,) = [parse_settings(text, "README.md", Path("/project"), environ) for text in blocks]
    assert settings.sources["sales"].streams["leads"].preset == "salesforce_lead"
