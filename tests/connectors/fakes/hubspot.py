"""A HubSpot portal: lists, search with its wall of 10,000 rows, archived rows, associations, merges that vanish."""

import itertools
import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Any, ClassVar

from fakes.server import FakeServer, Reply, Request, SimulatedTime

WALL = 10_000
PROPERTIES = {
    "contacts": (
        "email", "hs_additional_emails", "firstname", "lastname", "phone", "mobilephone", "company", "jobtitle", "address",
        "city", "state", "zip", "country", "date_of_birth", "gender", "hs_language", "lifecyclestage", "hs_email_optout",
        "createdate", "lastmodifieddate", "hs_object_id", "hs_merged_object_ids", "hs_analytics_num_visits", "tier__jp",
    ),
    "feedback_submissions": ("hs_survey_type", "hs_survey_name", "hs_value", "hs_submission_timestamp",
                             "hs_lastmodifieddate", "hs_object_id", "hs_createdate"),
    "calls": ("hs_timestamp", "hs_call_direction", "hs_call_title", "hs_call_status", "hs_call_duration",
              "hs_lastmodifieddate", "hs_object_id", "hs_createdate"),
    "emails": ("hs_timestamp", "hs_email_direction", "hs_email_subject", "hs_email_status",
               "hs_lastmodifieddate", "hs_object_id", "hs_createdate"),
    "meetings": ("hs_meeting_start_time", "hs_meeting_title", "hs_meeting_outcome",
                 "hs_lastmodifieddate", "hs_object_id", "hs_createdate"),
}  # fmt: skip
_PATH = re.compile(
    r"/crm/(?:objects/2026-09|v3/objects)/(?P<object>\w+)(?P<search>/search)?$"
    r"|/crm/(?:properties/2026-09|v3/properties)/(?P<described>\w+)$"
    r"|/crm/(?:associations/2026-09|v4/associations)/(?P<linked>\w+)/contacts/batch/read$"
)

_LINK = {"category": "HUBSPOT_DEFINED", "typeId": 194, "label": None}


class FakeHubSpot(FakeServer):
    """Objects by id; `links` are pairs of object and row to contact ids; `lag` hides the newest rows from search."""

    limits: ClassVar = {"POST .*/search": (5, 1.0), "(GET|POST) (?!.*/search)": (100, 10.0)}

    def __init__(self, time_: SimulatedTime) -> None:
        super().__init__(time_)
        self.rows: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in PROPERTIES}
        self.links: dict[tuple[str, str], list[str]] = {}
        self.tokens = {"service-key-of-hubspot"}
        self.refresh = {"client_id": "client-id", "client_secret": "client-secret", "refresh_token": "refresh-me"}
        self.without_archive: set[str] = set()
        self._orders: dict[str, list[int]] = {}

    # what happens in the portal

    def put(self, object_: str, row_id: str, properties: dict[str, Any]) -> None:
        """Create or change a row."""
        modified = "lastmodifieddate" if object_ == "contacts" else "hs_lastmodifieddate"
        created = "createdate" if object_ == "contacts" else "hs_createdate"
        if row_id not in self.rows[object_]:
            self._orders.pop(object_, None)
        old = self.rows[object_].get(row_id, {"properties": {created: self.time.stamp()}, "archived": False})
        stamps = {modified: self.time.stamp(), "hs_object_id": row_id}
        self.rows[object_][row_id] = old | {"properties": old["properties"] | stamps | properties}

    def archive(self, object_: str, row_id: str) -> None:
        """Delete a row: it stays in the list of archived ones."""
        self.rows[object_][row_id] = self.rows[object_][row_id] | {"archived": True, "archivedAt": self.time.stamp()}

    def erase(self, object_: str, row_id: str) -> None:
        """Remove a row without a trace, as privacy requests do."""
        del self.rows[object_][row_id]
        self._orders.pop(object_, None)

    def merge(self, loser: str, winner: str) -> None:
        """Merge two contacts: the loser vanishes, the winner lists it and what was merged into it before."""
        merged = [self.rows["contacts"][one]["properties"].get("hs_merged_object_ids") for one in (winner, loser)]
        self.erase("contacts", loser)
        self.put("contacts", winner, {"hs_merged_object_ids": ";".join(filter(None, (*merged, loser)))})

    def expire(self) -> None:
        """End every token."""
        self.tokens.clear()

    # what the API answers

    def route(self, request: Request) -> Reply:
        if request.path == "/oauth/2026-09/token":
            return self._token(request)
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            return _error(401, "EXPIRED_AUTHENTICATION", "The OAuth token used to make this call expired")
        match = _PATH.fullmatch(request.path)
        found = {name: value for name, value in match.groupdict().items() if value} if match else {}
        if not found or (next(iter(found.values())) not in PROPERTIES):
            return _error(404, "OBJECT_NOT_FOUND", "resource not found")
        if "described" in found:
            return Reply({"results": [_property(name) for name in PROPERTIES[found["described"]]]})
        if "linked" in found:
            return self._linked(request, found["linked"])
        return self._search(request, found["object"]) if "search" in found else self._list(request, found["object"])

    def too_many(self, request: Request) -> Reply:
        policy = "SECONDLY" if request.path.endswith("/search") else "TEN_SECONDLY_ROLLING"
        return Reply(
            {"status": "error", "errorType": "RATE_LIMIT", "policyName": policy, "message": "limit reached"}, 429
        )

    def _token(self, request: Request) -> Reply:
        form = request.form
        if form.pop("grant_type") != "refresh_token" or form != self.refresh:
            return _error(400, "BAD_REFRESH_TOKEN", "missing or unknown refresh token")
        token = f"token-{len(self.requests)}-of-hubspot"
        self.tokens.add(token)
        return Reply({"access_token": token, "refresh_token": form["refresh_token"], "expires_in": 1800})

    def _list(self, request: Request, object_: str) -> Reply:
        is_archived = request.query.get("archived", "").lower() == "true"
        if is_archived and object_ in self.without_archive:
            return _error(400, "VALIDATION_ERROR", "archived is not supported")
        limit = int(request.query.get("limit", 10))
        if limit > 100:
            return _error(400, "VALIDATION_ERROR", "limit is over 100")
        after = int(request.query.get("after", 0))
        there = (row for row in self._sorted(object_, after) if bool(row[1]["archived"]) == is_archived)
        rows = list(itertools.islice(there, limit + 1))
        asked = request.query.get("properties", "").split(",")
        data: dict[str, Any] = {"results": [_shown(*row, asked) for row in rows[:limit]]}
        if len(rows) > limit:
            last = rows[limit - 1][0]
            data["paging"] = {"next": {"after": last, "link": f"{self.url}{request.path}?after={last}"}}
        return Reply(data)

    def _search(self, request: Request, object_: str) -> Reply:
        body = request.json
        limit, after = body.get("limit", 10), int(body.get("after") or 0)
        if limit > 200 or after + limit > WALL:
            return _error(400, "VALIDATION_ERROR", "paging past 10,000 rows is not supported")
        rows = [row for row in self._sorted(object_) if not row[1]["archived"]]
        for group in body["filterGroups"]:
            for one in group["filters"]:
                rows = [row for row in rows if _passes(row[1]["properties"], one)]
        assert body["sorts"] == [{"propertyName": "hs_object_id", "direction": "ASCENDING"}]
        page = rows[after : after + limit]
        data: dict[str, Any] = {"total": len(rows), "results": [_shown(*row, body["properties"]) for row in page]}
        if len(rows) > after + limit:
            data["paging"] = {"next": {"after": str(after + limit)}}
        return Reply(data)

    def _linked(self, request: Request, object_: str) -> Reply:
        results, errors = [], []
        for one in request.json["inputs"]:
            contacts = self.links.get((object_, one["id"]), [])
            start = int(one.get("after", 0))
            if not contacts:
                errors.append(
                    {
                        "status": "error",
                        "category": "OBJECT_NOT_FOUND",
                        "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
                    }
                )
                continue
            to = [{"toObjectId": int(c), "associationTypes": [_LINK]} for c in contacts[start : start + 2]]
            result: dict[str, Any] = {"from": {"id": one["id"]}, "to": to}
            if len(contacts) > start + 2:
                result["paging"] = {"next": {"after": str(start + 2)}}
            results.append(result)
        done = {"status": "COMPLETE", "startedAt": self.time.stamp(), "completedAt": self.time.stamp()}
        return Reply(done | {"results": results, "errors": errors}, 207 if errors else 200)

    def _sorted(self, object_: str, after: int = 0) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield rows by rising id, from the first behind `after` on."""
        if object_ not in self._orders:
            self._orders[object_] = sorted(map(int, self.rows[object_]))
        order = self._orders[object_]
        for number in itertools.islice(order, bisect_right(order, after), None):
            yield str(number), self.rows[object_][str(number)]


def _passes(properties: dict[str, Any], one: dict[str, str]) -> bool:
    """Return whether a row passes a filter; dates come as text in ISO 8601."""
    value = properties.get(one["propertyName"])
    if one["operator"] == "GT":
        return value is not None and int(value) > int(one["value"])
    assert one["operator"] == "GTE"
    return value is not None and value >= one["value"]


def _shown(row_id: str, row: dict[str, Any], asked: list[str]) -> dict[str, Any]:
    """Return a row with the asked properties, and the few that always come."""
    properties = row["properties"]
    modified = "lastmodifieddate" if "lastmodifieddate" in properties else "hs_lastmodifieddate"
    created = "createdate" if "createdate" in properties else "hs_createdate"
    names = dict.fromkeys([*asked, modified, created, "hs_object_id"])
    shown = {"id": row_id, "properties": {name: properties.get(name) for name in names}, "archived": row["archived"]}
    return shown | {"createdAt": properties[created], "updatedAt": properties[modified]} | (
        {"archivedAt": row["archivedAt"]} if row["archived"] else {}
    )  # fmt: skip


def _property(name: str) -> dict[str, Any]:
    """Return a property as the description of an object lists it."""
    words = {"label": name, "description": "", "groupName": "information"}
    return {"name": name, "type": "string", "fieldType": "text", "options": []} | words


def _error(status: int, category: str, message: str) -> Reply:
    """Return an error as HubSpot words it."""
    return Reply({"status": "error", "message": message, "category": category, "correlationId": "c-1"}, status)
