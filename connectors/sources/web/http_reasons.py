"""What of a vendor's complaint is shown: codes, request ids and common words of APIs, never what may be personal.

Vendors repeat the values of a row in their messages, and a message goes to logs, reports and the warehouse. A name is a
plain word too, so words are shown by a list of those that are known to be harmless, not hidden by their form.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any

MOST_SHOWN = 300  # characters of a vendor's text
_ID_HEADERS = ("X-HubSpot-Correlation-Id", "X-Zendesk-Request-Id", "X-Request-Id", "X-Correlation-Id", "Request-Id")
_ID_KEYS = ("correlationId", "requestId", "request_id")
_ID = re.compile(r"[A-Za-z0-9_.#-]{1,60}")
_JOINTS = re.compile(r"[._:/-]")
_AROUND = "'\"`.,;:!?()[]{}<>“”‘’「」"
_MASK = "…"
_REDACTED = "***"
_CAPITALS = frozenset(("API", "APIs", "HTTP", "HTTPS", "ID", "IDs", "IP", "JSON", "OAuth", "SOQL", "SQL", "URL", "UTC"))
_LITTLE = """
a all already an and any are as at be been before behind but by can cannot could did do does doesn't each exactly for
from had has hasn't have if in into is isn't it its least many more most must no not of on once only or other per
please same should such than that the then there these this to too until was were when which while with within without
you your
"""
_TECHNICAL = """
accept accepted access account accounts action activity activities address admin administrator allowed app application
applications approval approved archived argument arguments array attribute audience auth authenticate authenticated
authentication authorization authorize authorized bad batch bearer before begin body busy bulk call calls campaign
case cases change changed changes client code codes column columns company companies complete complicated concurrent
conflict connection contact contacts content conversations count create created credential credentials crm current
cursor customer customers daily data date day days deal deals deleted denied deprecated disabled does down duplicate
email enabled end endpoint entity equal error errors event events exceed exceeded exceeds exist existing exists
expected expired export extra failed failure feature fetch field fields file filter filters found forbidden format
gateway get given grant granted has header headers history hour identifier incorrect index insufficient integer
internal invalid invocation job key keys large lead leads length license limit limits link list lists load locator
locked log login long longer made maintenance malformed match maximum member members method minimum minute minutes
missing months name named needed needs network new next nonexistent null number object objects offset offline open
operation operator option order orders organization page pages paging parameter parameters parse password path pending
period permission permissions plan policy post privileges process processing product project property properties
provided publishable queried query quota range rate read reached read-only record records refresh refused rejected
relationship removed report request requested requests require required requires resource resources response
restricted result results retry revoked right rights role row rows rules scope scopes search second seconds secret
security sensitive server service session set settings size sort specified start status string subscription supported
suspended support tag table task tasks temporarily temporary text throttled ticket tickets time timed timeout
timestamp token tokens total type types unable unauthorized unavailable under understand unexpected unique unknown
unsupported update updated upgrade usage use used user users using valid validation value values version view webhook
write wrong zone
"""
_WORDS = frozenset((_LITTLE + _TECHNICAL).split())


def told_code(code: str) -> str:
    """Return a vendor's code when it is one: a token without a long number; of anything else the harmless words."""
    is_token = re.fullmatch(r"[A-Za-z0-9_.-]{1,60}", code) and not re.search(r"\d{5}", code)
    return code if is_token else told_text(code)


def told_text(text: str, names: Collection[str] = ()) -> str:
    """Return a vendor's text with `…` for every word that is neither of an API's language nor among `names`.

    `names`: what the settings ask for, such as columns. Text without two such words says nothing, and is left out.
    """
    shown: list[str] = []
    for number, part in enumerate(text.split()):
        word = part.strip(_AROUND)
        if word and (word in names or word == _REDACTED or _is_harmless(word.lower() if number == 0 else word)):
            shown.append(word)
        elif shown[-1:] != [_MASK]:
            shown.append(_MASK)
    if sum(word != _MASK for word in shown) < 2:
        return ""
    return " ".join(shown)[:MOST_SHOWN]


def _is_harmless(word: str) -> bool:
    """Return whether a word is of an API's language, also one made of several: crm.objects.contacts.read."""
    return word in _CAPITALS or all(part in _WORDS for part in _JOINTS.split(word.replace("’", "'")))


def request_id(headers: Mapping[str, str], data: Any) -> str:
    """Return the vendor's own mark of a request, for its support; "" where its answer gives none."""
    body = data if isinstance(data, dict) else {}
    given = [*(headers.get(name) for name in _ID_HEADERS), *(body.get(name) for name in _ID_KEYS)]
    return next((text for text in given if isinstance(text, str) and _ID.fullmatch(text)), "")
