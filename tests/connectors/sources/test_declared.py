"""Declared APIs beyond the contract: their own faults, events, an API of the user's own, and what settings may say."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes.declared import FakeMarketo
from fakes.declared_kinds import KintoneKind, MarketoKind, ShopifyKind
from fakes.kinds import load
from fakes.landing import Landed
from fakes.register import REGISTER
from fakes.server import FakeServer, Reply, Request, SimulatedTime

from connectors.settings.declared import declared_systems, load_declaration
from connectors.settings.project import parse_settings
from connectors.sources.catalog import open_source
from connectors.sources.web.declared_calls import fill, fill_json
from resolve.errors import ConfigError, SourceError


@pytest.fixture
def marketo() -> Iterator[MarketoKind]:
    """A list with people."""
    kind = MarketoKind()
    kind.fill(7)
    yield kind
    kind.fake.close()


def said(code: str) -> Any:
    """Return a script that answers with an error of Marketo, status 200."""
    return lambda _request, _reply: Reply({"success": False, "errors": [{"code": code, "message": "said"}]})


def test_marketo_tells_of_rates_tokens_and_quota_with_status_200(marketo: MarketoKind) -> None:
    """606 is waited for, 602 logs in again, 607 ends the source for this run, 610 is a wrong question."""
    landed = Landed()
    for code in ("606", "602"):
        marketo.fake.script(r"GET /rest/.*leads", said(code))
    landed.pull(marketo.open(page_rows=3))
    assert len(landed.living()) == 7
    assert len(marketo.fake.asked("GET /identity")) == 2
    assert marketo.time.waits
    for code, text in (("607", "quota is used up"), ("610", r"answered 610\. Check")):
        marketo.fake.script(r"GET /rest/.*leads", said(code))
        asked = len(marketo.fake.asked("leads"))
        with pytest.raises(SourceError, match=text):
            landed.pull(marketo.open())
        assert len(marketo.fake.asked("leads")) == asked + 1


def test_marketo_activities_go_by_a_token_that_begins_at_a_time() -> None:
    """Empty pages on the way are no end; an open and a click are events of the lead."""
    time = SimulatedTime()
    fake = FakeMarketo(time)
    fake.activities = [
        {"marketoGUID": str(n), "leadId": 5, "activityDate": "2026-11-01T00:00:00Z", "activityTypeId": 10 + n % 2}
        for n in range(5)
    ]
    api = f"{{system: marketo, base_url: '{fake.url}', client_id: i, client_secret: secret-of-the-api}}"
    settings = load(api, "{activities: {object: activities, preset: marketo_activity}}", "marketing")
    landed = Landed()
    source = open_source("crm", settings, Path("/nowhere"), page_rows=2, clock=time.clock)
    assert landed.pull(source, "activities").new == 5
    time.tick(days=1)
    assert landed.pull(source, "activities").new == 0
    begins = [request.query["sinceDatetime"] for request in fake.asked("pagingtoken")]
    assert begins == ["2020-01-01T00:00:00Z", "2026-11-02T02:00:00Z"]
    fake.close()


def test_shopify_throttles_with_status_200() -> None:
    """The call is repeated."""
    kind = ShopifyKind()
    kind.fill(3)
    throttled = {"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]}
    kind.fake.script("POST", lambda _request, _reply: Reply(throttled))
    landed = Landed()
    landed.pull(kind.open())
    assert len(landed.living()) == 3
    kind.fake.close()


def test_an_answer_without_a_list_of_rows_is_no_empty_list() -> None:
    """A page of something else, with status 200, must not look as if nothing had changed."""
    kind = ShopifyKind()
    kind.fill(3)
    for data in ({"data": {"shop": {}}}, {"data": {"customers": {"nodes": {"id": 1}}}}):
        kind.fake.script("POST", lambda _request, _reply, data=data: Reply(data))
        with pytest.raises(SourceError, match=r"customers: an answer holds no list at data\.customers\.nodes"):
            Landed().pull(kind.open())
    kind.fake.close()


def test_field_codes_of_kintone_are_found_by_header_words() -> None:
    """A column is what its cell holds; several choices come one a line, and names differ in width."""
    kind = KintoneKind()
    kind.fake.put(1, {"担当者名": "山田", "ＴＥＬ": "03", "メールアドレス": "a@x.jp", "区分": ["A", "B"]})
    kind.settings = load(
        f"{{system: kintone, base_url: '{kind.fake.url}', token: secret-of-the-api}}",
        "{contacts: {object: records, options: {app: 12}, preset: kintone_customer, map: {x_kind: 区分}}}",
    )
    row = next(iter(kind.open().read("contacts", None))).rows[0]
    assert row.payload["ＴＥＬ"] == "03"
    assert row.payload["区分"] == "A\nB"
    assert row.updated_at == "2026-11-02T03:00:00Z"
    kind.fake.close()


class FakeOwn(FakeServer):
    """An API of somebody's own: a list that is the answer itself, by offset, in a header of its own."""

    def route(self, request: Request) -> Reply:
        assert request.headers["X-Key"] == "key-of-my-own"
        begin = int(request.query.get("skip", 0))
        return Reply(
            [{"no": n, "mail": f"p{n}@x.jp"} for n in range(begin, min(begin + int(request.query["take"]), 5))]
        )


OWN = (
    REGISTER.replace("token: key", "token: ${{KEY}}")
    + """\
          members:
            call: {{path: /members, query: {{take: "{{size}}", skip: "{{offset}}"}}}}
            rows: ""
            id: [no]
            pages: {{kind: offset, size: 2}}
    streams:
      contacts: {{object: members, id: no, map: {{email: mail}}}}
"""
)


def test_an_api_may_be_declared_in_the_settings() -> None:
    """Any list over HTTP is a source without a line of code; ids that are gone are tombstones."""
    time = SimulatedTime()
    fake = FakeOwn(time)
    settings = parse_settings(OWN.format(url=fake.url), "meibo.yaml", Path("/nowhere"), {"KEY": "key-of-my-own"})
    landed = Landed()
    source = open_source("crm", settings.sources["crm"], Path("/nowhere"), clock=time.clock)
    assert landed.pull(source).new == 5
    assert landed.rows()["4"]["payload"] == '{"mail":"p4@x.jp","no":"4"}'
    assert "key-of-my-own" not in str(settings.shown())
    fake.close()


MISTAKES = [
    ("{system: kintone, base_url: 'https://a.example'}", "{object: records}", "needs token: an API token"),
    ("{system: kintone, token: t}", "{object: records}", "needs base_url"),
    ("{system: intercom, token: t, client_id: c}", "{object: contacts}", "takes no client_id; it needs token"),
    ("{system: intercom, token: t}", "{object: people}", "object: should be one of contacts, conversations"),
    ("{system: mailchimp, base_url: 'https://a.example', token: t}", "{object: members}", "needs options: {list: …}, the id"),
    ("{system: intercom, token: t}", "{object: contacts, options: {app: 1}}", "options.app: there is no such option"),
    ("{system: intercom, token: t, declaration: {note: n}}", "{object: contacts}", "api.declaration: needs the key"),
    ("{system: declared, base_url: 'https://a.example'}", "{object: contacts}", "needs a declaration with system: declared"),
]  # fmt: skip


@pytest.mark.parametrize(("api", "stream", "text"), MISTAKES)
def test_a_mistake_in_the_settings_is_told(api: str, stream: str, text: str) -> None:
    """With the key, before anything is asked."""
    stream = stream[:-1] + ", preset: intercom_contact}"
    with pytest.raises(ConfigError) as caught:
        load(api, f"{{contacts: {stream}}}")
    assert text in str(caught.value)


def test_options_that_have_a_default_or_that_an_object_does_not_read_may_be_left_out() -> None:
    """Marketo's list is needed by leads alone."""
    keys = "{system: marketo, base_url: 'https://a.example', client_id: i, client_secret: s}"
    load(keys, "{activities: {object: activities, preset: marketo_activity}}")
    with pytest.raises(ConfigError, match="needs options"):
        load(keys, "{contacts: {object: leads, preset: marketo_lead}}")


@pytest.mark.parametrize("system", declared_systems())
def test_a_packaged_declaration_is_sound(system: str) -> None:
    """It says what it is, what it needs, and nothing in it is left unfilled."""
    rules = load_declaration(system)
    assert len(rules.note.split()) > 10
    known = {"size", "last", "offset", "token", "since", "until", *rules.options}
    for rule in rules.objects.values():
        calls = [rule.call, *([rule.pages.start] if rule.pages.start else [])]
        for call in calls:
            texts = [call.path, *call.query.values()]
            left = [fill(text, dict.fromkeys(known, "x")) for text in texts]
            assert not any("{" in text for text in left), left
    assert set(rules.defaults) <= set(rules.options)


def test_placeholders_keep_types_and_empty_ones_go() -> None:
    """A page size stays a number; a parameter without a value is left out; other braces stay."""
    values = {"size": 5, "token": None, "since": "t"}
    body = {"n": "{size}", "after": "{token}", "q": "a {id} {since}", "deep": {"x": ["{size}", 1]}}
    assert fill_json(body, values) == {"n": 5, "q": "a {id} t", "deep": {"x": [5, 1]}}
