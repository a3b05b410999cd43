"""What a vendor says in an error: codes, request ids and what to mend are shown, values of rows and credentials never."""

import io
import logging
from collections.abc import Iterator

import pytest
from fakes.declared_kinds import DECLARED_KINDS
from fakes.kinds import KINDS, ApiKind, HubSpotKind, SalesforceKind
from fakes.landing import Landed
from fakes.server import Reply, refuse
from hypothesis import given
from hypothesis import strategies as st

from connectors.settings.declared import load_declaration
from connectors.sources.web.declared_calls import read_fault
from connectors.sources.web.http_messages import Answer
from connectors.sources.web.http_reasons import MOST_SHOWN, request_id, told_code, told_text
from resolve.errors import SourceError

PERSONAL = ("Yamada", "yamada", "山田", "taro.yamada@example.jp", "09012345678", "03-1234", "Page")
ECHO = "Contact 'Taro Yamada' (山田) taro.yamada@example.jp, 09012345678 / 03-1234 of Larry Page is invalid"
BODIES = {
    "salesforce": [{"errorCode": "MALFORMED_QUERY", "message": ECHO}],
    "hubspot": {"category": "MALFORMED_QUERY", "message": ECHO, "correlationId": "a1b2-c3"},
    "zendesk": {"error": "MALFORMED_QUERY", "description": ECHO},
}


@pytest.fixture(params=list(KINDS))
def kind(request: pytest.FixtureRequest) -> Iterator[ApiKind]:
    """Each API with people in it."""
    made = KINDS[request.param]()
    made.fill(3)
    yield made
    made.fake.close()


def failure(kind: ApiKind) -> str:
    """Read and return the message of the error that it ends with."""
    with pytest.raises(SourceError) as caught:
        Landed().pull(kind.open())
    return str(caught.value)


@pytest.mark.parametrize("status", [400, 403, 409, 422, 500])
def test_no_message_repeats_what_the_vendor_says_of_a_person(kind: ApiKind, status: int) -> None:
    """Status, code and the words of an API are left."""
    kind.fake.script(".*", refuse(status, BODIES[kind.settings.api.system]), times=10**6, skip=1)
    said = failure(kind)
    assert f"answered {status} MALFORMED_QUERY" in said
    assert not [text for text in PERSONAL if text in said]


def test_a_request_can_be_named_to_the_vendor() -> None:
    """By the mark in the body or in a header, where it is one."""
    kind = HubSpotKind()
    kind.fake.script(".*", refuse(400, BODIES["hubspot"]), times=10**6, skip=1)
    assert "answered 400 MALFORMED_QUERY (request a1b2-c3): Contact … of … is invalid" in failure(kind)
    kind.fake.close()
    assert request_id({"X-Request-Id": "x-1"}, None) == "x-1"
    assert request_id({"X-Request-Id": "taro@example.jp"}, {"requestId": "e42b#1427"}) == "e42b#1427"
    assert request_id({}, ["x"]) == ""


def test_a_failed_bulk_job_repeats_no_value() -> None:
    """Its message is the vendor's as well."""
    kind = SalesforceKind()
    kind.set_api(bulk_above=0)
    kind.fill(3)
    failed = {"id": "750", "state": "Failed", "errorMessage": f"invalid field Rating__c for type: {ECHO}"}
    kind.fake.script(r"GET .*/jobs/query/\w+$", lambda _request, _reply: Reply(failed), times=10**6)
    said = failure(kind)
    assert "ended as Failed: invalid field Rating__c for type" in said
    assert not [text for text in PERSONAL if text in said]
    kind.fake.close()


def test_a_column_that_the_settings_ask_for_is_named() -> None:
    """Whoever reads the message has to know what to correct; another identifier may be anything."""
    kind = SalesforceKind()
    kind.fill(3)
    body = [{"errorCode": "INVALID_FIELD", "message": "No such column 'Rating__c' on entity 'Yamada__c'."}]
    kind.fake.script(r"GET .*/queryAll$", refuse(400, body), times=10**6)
    assert "answered 400 INVALID_FIELD: No such column Rating__c on entity …" in failure(kind)
    kind.fake.close()


@pytest.mark.parametrize("system", list(DECLARED_KINDS))
def test_declared_apis_repeat_no_value(system: str) -> None:
    """Also those that tell with a good status what is wrong: nothing but the client sees their text."""
    rules = load_declaration(system).faults
    error = {"code": "X_1", "message": ECHO, "extensions": {"code": "X_1"}}
    data = {"errors": [error], "success": False, **error, "title": ECHO, "detail": ECHO, "error_description": ECHO}
    for status in (200, 400) if rules.when else (400,):
        fault = read_fault(Answer(status, {}, b"", data), rules)
        assert fault is not None
        assert not [text for text in PERSONAL if text in fault.reason + repr(fault)]


def test_a_credential_is_masked_before_the_text_is_cut() -> None:
    """Half of one is a credential too."""
    kind = SalesforceKind()
    secret = "limit" * 8  # of a harmless word, so that nothing else hides it
    kind.set_api(client_secret=type(kind.settings.api.client_secret)(secret))
    text = "limit " * 46 + f"page {secret}"
    kind.fake.script(r"POST .*/token$", refuse(400, {"error": "invalid_client", "error_description": text}), times=9)
    said = failure(kind)
    assert "limitlimit" not in said
    assert "invalid_client: limit limit" in said
    kind.fake.close()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("This app hasn't been granted all required scopes", "this app hasn't been granted all required scopes"),
        ("required scope: crm.objects.contacts.read", "required scope crm.objects.contacts.read"),
        ("Access token expired", "access token expired"),
        ("scope taro.yamada is missing", "scope … is missing"),
        ("Yamada Taro", ""),
        ("Throttled", ""),
        ("", ""),
    ],
)
def test_what_to_mend_is_shown(text: str, shown: str) -> None:
    """Scopes, tokens, limits: the words of an API."""
    assert told_text(text).replace("This", "this").replace("Access", "access") == shown


@given(st.text(max_size=400))
def test_no_text_brings_another_word_in(text: str) -> None:
    """Whatever a vendor writes: no digit, no sign of another script, no address, and not too much of it."""
    said = told_text(text)
    assert len(said) <= MOST_SHOWN
    assert not any(sign.isdigit() or sign == "@" for sign in said)
    assert said.replace("…", "").replace("’", "'").isascii()


@pytest.mark.parametrize("code", ["taro@example.jp", "山田", "Taro Yamada", "A" * 61, "T09012345678", "x\ny", ""])
def test_a_code_that_is_none_is_not_shown(code: str) -> None:
    """Some vendors write a sentence where others have a code."""
    assert told_code(code) == ""


def test_debug_logs_of_the_http_library_hold_no_query() -> None:
    """A login by GET has its secret there, and a list the values that it asks for."""
    kind = DECLARED_KINDS["marketo"]()
    kind.fill(2)
    logger, stream = logging.getLogger("urllib3"), io.StringIO()
    handler = logging.StreamHandler(stream)
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        Landed().pull(kind.open())
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)
        kind.fake.close()
    assert '"GET /identity/oauth/token?… HTTP/1.1" 200' in stream.getvalue()
    assert "secret-of-the-api" not in stream.getvalue()
    assert "batchSize" not in stream.getvalue()
