"""A Zendesk account: cursor-based incremental exports whose next link never ends, and what lies beside them."""

import base64
import re
from bisect import bisect_right
from typing import Any, ClassVar

from fakes.server import FakeServer, Reply, Request, SimulatedTime

_EXPORT = re.compile(r"/api/v2/incremental/(users|tickets)/cursor")


class FakeZendesk(FakeServer):
    """Users, tickets, organisations and metric sets by id; changes in the newest `withheld` seconds are not shown."""

    limits: ClassVar = {"GET .*/incremental/users/": (20, 60.0), "GET .*/incremental/tickets/": (10, 60.0)}

    def __init__(self, time_: SimulatedTime) -> None:
        super().__init__(time_)
        self.rows: dict[str, dict[int, dict[str, Any]]] = {"users": {}, "tickets": {}}
        self.metric_sets: dict[int, dict[str, Any]] = {}
        self.organizations: dict[int, str] = {}
        self.deleted: dict[int, dict[str, Any]] = {}
        self.tokens: set[str] = set()
        self.secrets = ("client-id", "client-secret")
        self.basic = ("agent@example.com", "api-token-of-zendesk")
        self.withheld = 0
        self._orders: dict[str, list[tuple[str, int]]] = {}

    # what happens in the account

    def put(self, object_: str, row: dict[str, Any]) -> None:
        """Create or change a row."""
        old = self.rows[object_].get(row["id"], {"created_at": self._stamp(), "url": f"{self.url}/{row['id']}.json"})
        if object_ == "users":
            old = {"role": "end-user", "active": True, "organization_id": None, "tags": [], "user_fields": {}} | old
        self.rows[object_][row["id"]] = old | {"updated_at": self._stamp()} | row
        self._orders.pop(object_, None)

    def delete(self, user: int) -> None:
        """Delete a user: it stays in the export as inactive."""
        self.put("users", {"id": user, "active": False})
        self.deleted[user] = self.rows["users"][user]

    def merge(self, loser: int, winner: int) -> None:
        """Merge two users: the loser turns inactive, its tickets move; nothing points to the winner."""
        self.put("users", {"id": loser, "active": False})
        for ticket in [row for row in self.rows["tickets"].values() if row["requester_id"] == loser]:
            self.put("tickets", {"id": ticket["id"], "requester_id": winner})

    def purge(self, user: int) -> None:
        """Delete a user for good: gone from the export, listed among the deleted without a name."""
        del self.rows["users"][user]
        self._orders.pop("users", None)
        self.deleted[user] = {"id": user, "name": "Permanently Deleted User", "email": None, "active": False}

    def expire(self) -> None:
        """End every token."""
        self.tokens.clear()

    def _stamp(self) -> str:
        """Return the time in whole seconds, as Zendesk writes it."""
        return self.time.at.strftime("%Y-%m-%dT%H:%M:%SZ")

    # what the API answers

    def route(self, request: Request) -> Reply:
        request.path = request.path.removesuffix(".json")  # both are the same to Zendesk
        if request.path == "/oauth/tokens":
            return self._token(request)
        if not self._is_known(request.headers.get("Authorization", "")):
            return Reply({"error": "Couldn't authenticate you"}, 401)
        match = _EXPORT.fullmatch(request.path)
        if match:
            return self._export(request, match[1])
        if request.path in ("/api/v2/users/count", "/api/v2/tickets/count"):
            value = len(self.rows[request.path.split("/")[3]])
            return Reply({"count": {"value": value, "refreshed_at": self._stamp()}})
        if request.path == "/api/v2/organizations/show_many":
            ids = [int(one) for one in request.query["ids"].split(",")]
            return Reply(
                {"organizations": [{"id": i, "name": self.organizations[i]} for i in ids if i in self.organizations]}
            )
        if request.path == "/api/v2/deleted_users":
            return self._deleted(request)
        return Reply({"error": "RecordNotFound", "description": "Not found"}, 404)

    def _is_known(self, header: str) -> bool:
        """Return whether a request may pass."""
        pair = f"{self.basic[0]}/token:{self.basic[1]}"
        return (
            header.removeprefix("Bearer ") in self.tokens
            or header == f"Basic {base64.b64encode(pair.encode()).decode()}"
        )

    def _token(self, request: Request) -> Reply:
        asked = request.json
        if (asked.get("client_id"), asked.get("client_secret")) != self.secrets:
            return Reply({"error": "invalid_client", "error_description": "Client authentication failed"}, 401)
        token = f"token-{len(self.requests)}-of-zendesk"
        self.tokens.add(token)
        return Reply({"access_token": token, "token_type": "bearer", "scope": "read", "expires_in": 1800})

    def _export(self, request: Request, object_: str) -> Reply:
        size = min(int(request.query.get("per_page", 1000)), 1000)
        position = ("", 0)
        if "cursor" in request.query:
            stamp, _, last = base64.b64decode(request.query["cursor"]).decode().partition("|")
            position = (stamp, int(last))
        elif "start_time" not in request.query:
            return Reply({"error": "InvalidValue", "description": "start_time is missing"}, 400)
        else:
            position = (self._at(float(request.query["start_time"])), 0)
        newest = self._at(self.time.at.timestamp() - self.withheld) if self.withheld else "9999"
        order = self._order(object_)
        start, end = bisect_right(order, position), bisect_right(order, (newest, 10**18))
        page = [self.rows[object_][row_id] for _, row_id in order[start : min(start + size, end)]]
        if page:
            position = (page[-1]["updated_at"], page[-1]["id"])
        cursor = base64.b64encode(f"{position[0]}|{position[1]}".encode()).decode()
        data: dict[str, Any] = {object_: page, "after_cursor": cursor, "before_cursor": None, "before_url": None}
        data |= {"after_url": f"{self.url}{request.path}?cursor={cursor}", "end_of_stream": end - start <= size}
        if request.query.get("include") == "metric_sets":
            data["metric_sets"] = [self.metric_sets[row["id"]] for row in page if row["id"] in self.metric_sets]
        return Reply(data)

    def _order(self, object_: str) -> list[tuple[str, int]]:
        """Return change time and id of every row, in that order."""
        if object_ not in self._orders:
            self._orders[object_] = sorted((row["updated_at"], row["id"]) for row in self.rows[object_].values())
        return self._orders[object_]

    def _at(self, seconds: float) -> str:
        """Return epoch seconds as text."""
        return type(self.time.at).fromtimestamp(seconds, self.time.at.tzinfo).strftime("%Y-%m-%dT%H:%M:%SZ")

    def _deleted(self, request: Request) -> Reply:
        size, after = int(request.query.get("page[size]", 100)), int(request.query.get("page[after]", 0))
        rows = [row for _, row in sorted(self.deleted.items()) if row["id"] > after]
        meta = {"has_more": len(rows) > size, "after_cursor": str(rows[:size][-1]["id"]) if rows else None}
        return Reply({"deleted_users": rows[:size], "meta": meta, "links": {"next": None}})
