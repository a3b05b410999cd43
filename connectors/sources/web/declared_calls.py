"""Declared APIs: calls with their values filled in, how to log in, which answers are faults."""

import base64
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from connectors.settings.declared import CallRules, DeclaredApi, FaultRules, SinceRules
from connectors.sources.rows import read_path
from connectors.sources.values import as_text
from connectors.sources.web.http_auth import Auth, TokenAuth
from connectors.sources.web.http_messages import Answer, Call, Fault, Query, Remedy, answer_reason, status_fault

Values = dict[str, Any]  # placeholder -> what it stands for; None and "" for nothing

_PLACE = re.compile(r"\{(\$?\w+)\}")


def fill(template: str, values: Values) -> str:
    """Return a text with `{name}` replaced for every name in `values`; other braces stay."""
    return _PLACE.sub(lambda found: _text(values[found[1]]) if found[1] in values else found[0], template)


def _text(value: Any) -> str:
    """Return a value as a request holds it."""
    return "" if value is None else str(value)


def fill_json(template: Any, values: Values) -> Any:
    """Return JSON with its texts filled in: a placeholder alone keeps its type; keys whose text comes out empty go."""
    if isinstance(template, dict):
        filled = {key: fill_json(value, values) for key, value in template.items()}
        return {key: value for key, value in filled.items() if value not in (None, "")}
    if isinstance(template, list):
        return [fill_json(value, values) for value in template]
    if not isinstance(template, str):
        return template
    alone = _PLACE.fullmatch(template)
    return values[alone[1]] if alone and alone[1] in values else fill(template, values)


def make_call(rules: CallRules, values: Values, headers: Mapping[str, str]) -> Call:
    """Return the request that the rules describe, counted against the API's limit."""
    pairs = ((name, fill(text, values)) for name, text in rules.query.items())
    query: Query = tuple((name, text) for name, text in pairs if text)
    body = fill_json(rules.body, values) if rules.body is not None else None
    return Call(rules.method, fill(rules.path, values), query, json=body, headers=headers, bucket="api")


def make_detail(rules: CallRules, options: Values, row: Values, headers: Mapping[str, str]) -> Call:
    """Return the request for more of one row: its values are quoted in the path, and messages show none of them."""
    call = make_call(rules, options | row, headers)
    quoted = {name: quote(_text(value), safe="") for name, value in row.items()}
    return replace(call, path=fill(rules.path, options | quoted), shown=rules.path)


def time_text(moment: datetime, rules: SinceRules) -> Any:
    """Return a time as the API asks for it: epoch formats are whole numbers, others text."""
    if rules.format in ("epoch", "epoch_ms"):
        return int(moment.timestamp() * (1000 if rules.format == "epoch_ms" else 1))
    local = moment.astimezone(ZoneInfo(rules.zone))
    return local.strftime("%Y-%m-%dT%H:%M:%SZ" if rules.format == "iso" else rules.format)


class QueryTokenAuth(TokenAuth):
    """A token that is fetched by GET, as Marketo has it."""

    def login(self) -> Call | None:
        """Return the token request."""
        return Call("GET", self._url, tuple(self._grant.items()))


class HeaderAuth(Auth):
    """Nothing in `Authorization`: the credential travels in a header of the API's own, put on each call."""

    def __init__(self, secrets: set[str]) -> None:
        self._header = None
        self.secrets = secrets
        self.origin = None


def open_auth(api: DeclaredApi) -> tuple[Auth, dict[str, str]]:
    """Return how calls are authorised, and the headers that each of them carries."""
    rules, values, headers = api.rules.auth, api.credentials, dict(api.rules.headers)
    secrets = set(values.values())
    if rules.login:
        grant = {name: fill(text, values) for name, text in rules.login.grant.items()}
        kind = TokenAuth if rules.login.method == "POST" else QueryTokenAuth
        return kind(api.address + rules.login.path, grant), headers
    value = fill(rules.value or "", values)
    if rules.user is not None:
        pair = f"{fill(rules.user, values)}:{fill(rules.password or '', values)}"
        value = "Basic " + base64.b64encode(pair.encode()).decode()
    if rules.header != "Authorization":
        return HeaderAuth(secrets), headers | {rules.header: value}
    auth = Auth(value)
    auth.secrets |= secrets
    return auth, headers


def read_data(answer: Answer, path: str) -> Any:
    """Return what an answer holds at a path; the empty path is an answer that is a list itself."""
    return read_path(answer.data if isinstance(answer.data, dict) else {"": answer.data}, path)


def read_fault(answer: Answer, rules: FaultRules) -> Fault | None:
    """Return what an answer complains about, by its status or by what it says with a good one."""
    data = answer.data if isinstance(answer.data, dict) else {}
    code, text = (as_text(read_path(data, path)) if path else None for path in (rules.code, rules.text))
    fault = status_fault(answer, code or "", text or "")
    said = read_path(data, rules.when) if rules.when else None
    if fault is None and said is not None and rules.equals in (None, as_text(said)):
        fault = Fault(Remedy.REFUSE, answer_reason(answer, code or ""), status=answer.status, text=text or "")
    if fault is None:
        return None
    remedies = ((rules.retry, Remedy.RETRY), (rules.quota, Remedy.QUOTA), (rules.login, Remedy.LOGIN))
    remedy = next((remedy for codes, remedy in remedies if code in codes), fault.remedy)
    return replace(fault, remedy=remedy, code=code or "")
