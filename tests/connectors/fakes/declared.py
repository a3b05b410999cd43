"""Local servers for the declared APIs: kintone, Intercom, Marketo, Mailchimp, Shopify and BASE, as far as they are asked."""

import base64
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from fakes.server import FakeServer, Reply, Request, SimulatedTime

_KINTONE = re.compile(r'更新日時 >= "([^"]+)" and \$id > (\d+) order by \$id asc limit (\d+)')
_FILTER = re.compile(r"updated_at:>='([^']+)'")


class FakeList(FakeServer):
    """Rows by number, each with the time of its last change; `secret` is what calls must carry."""

    def __init__(self, time_: SimulatedTime) -> None:
        super().__init__(time_)
        self.rows: dict[int, dict[str, Any]] = {}
        self.changed: dict[int, datetime] = {}
        self.made: dict[int, datetime] = {}
        self.secret = "secret-of-the-api"
        self.tokens: set[str] = set()
        self.activities: list[dict[str, Any]] = []  # Marketo's

    def put(self, number: int, row: dict[str, Any]) -> None:
        """Create or change a row."""
        self.made.setdefault(number, self.time.at)
        self.changed[number] = self.time.at
        self.rows[number] = self.rows.get(number, {}) | row

    def remove(self, number: int) -> None:
        """Remove a row without a trace."""
        del self.rows[number]

    def since(self, moment: datetime) -> list[int]:
        """Return the numbers of rows that changed at or after a time, in order."""
        return sorted(number for number in self.rows if self.changed[number] >= moment)

    def is_known(self, request: Request) -> bool:
        """Return whether a request carries the credential."""
        raise NotImplementedError

    def page(self, request: Request) -> Reply:
        """Return the answer to a request that may pass."""
        raise NotImplementedError

    def route(self, request: Request) -> Reply:
        if not self.is_known(request):
            return Reply({"error": "unauthorized"}, 401)
        return self.page(request)


class FakeKintone(FakeList):
    """One app: cells wrapped in objects, times by the minute."""

    def is_known(self, request: Request) -> bool:
        return self.secret in request.headers.get("X-Cybozu-API-Token", "").split(",")

    def page(self, request: Request) -> Reply:
        match = _KINTONE.fullmatch(request.query["query"])
        assert request.path == "/k/v1/records.json"
        assert request.query["app"] == "12"
        assert match
        assert int(match[3]) <= 500
        found = [n for n in self.since(datetime.fromisoformat(match[1])) if n > int(match[2])][: int(match[3])]
        return Reply({"records": [self._record(number) for number in found], "totalCount": None})

    def since(self, moment: datetime) -> list[int]:
        """Return rows by the minute, as kintone keeps them."""
        return [n for n in sorted(self.rows) if self.changed[n].replace(second=0, microsecond=0) >= moment]

    def _record(self, number: int) -> dict[str, Any]:
        cells = self.rows[number] | {"$id": str(number), "$revision": "1"}
        cells["更新日時"] = self.changed[number].strftime("%Y-%m-%dT%H:%M:00Z")
        return {code: {"type": "SINGLE_LINE_TEXT", "value": value} for code, value in cells.items()}


class FakeIntercom(FakeList):
    """Contacts by search; times of change are compared by days."""

    def is_known(self, request: Request) -> bool:
        return request.headers.get("Authorization") == f"Bearer {self.secret}" and "Intercom-Version" in request.headers

    def page(self, request: Request) -> Reply:
        asked, paging = request.json["query"], request.json["pagination"]
        assert (request.path, asked["field"], asked["operator"]) == ("/contacts/search", "updated_at", ">")
        assert isinstance(asked["value"], int)
        day = datetime.fromtimestamp(asked["value"], UTC).replace(hour=0, minute=0, second=0)
        matching = self.since(day)
        left = [number for number in matching if number > int(paging.get("starting_after", 0))]
        rows = [self._contact(number) for number in left[: paging["per_page"]]]
        following = {"page": 2, "starting_after": str(left[paging["per_page"] - 1])} if len(left) > len(rows) else None
        pages = {"type": "pages", "per_page": paging["per_page"]} | ({"next": following} if following else {})
        return Reply({"type": "list", "data": rows, "total_count": len(matching), "pages": pages})

    def _contact(self, number: int) -> dict[str, Any]:
        stamps = {"created_at": int(self.made[number].timestamp()), "updated_at": int(self.changed[number].timestamp())}
        return {"type": "contact", "id": f"c{number}", "role": "user", "last_seen_at": 5, **stamps, **self.rows[number]}


class FakeMarketo(FakeList):
    """One static list, and activities; what is wrong is told with status 200."""

    def is_known(self, request: Request) -> bool:
        del request
        return True

    def page(self, request: Request) -> Reply:
        if request.path == "/identity/oauth/token":
            return self._token(request)
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            return self._wrong("602", "Access token expired")
        if request.path == "/rest/v1/activities/pagingtoken.json":
            assert request.query["sinceDatetime"]
            return Reply({"success": True, "nextPageToken": "ACT:0"})
        if request.path == "/rest/v1/activities.json":
            begin = int(request.query["nextPageToken"].partition(":")[2])
            behind = begin + int(request.query["batchSize"])
            result = {"result": self.activities[begin:behind]} if self.activities[begin:behind] else {}
            more = {"nextPageToken": f"ACT:{behind}", "moreResult": behind < len(self.activities)}
            return Reply({"success": True, "requestId": "r"} | result | more)
        assert request.path == "/rest/v1/lists/77/leads.json"
        after = int(request.query.get("nextPageToken", "LIST:0").partition(":")[2])
        left = [number for number in sorted(self.rows) if number > after]
        size = int(request.query["batchSize"])
        names = request.query["fields"].split(",")
        rows = [{name: self._lead(n).get(name) for name in names} for n in left[:size]]
        more = {"nextPageToken": f"LIST:{left[size - 1]}"} if len(left) > size else {}
        return Reply({"success": True, "requestId": "r", "result": rows} | more)

    def _lead(self, number: int) -> dict[str, Any]:
        stamp = self.changed[number].strftime("%Y-%m-%dT%H:%M:%SZ")
        return {"id": number, "updatedAt": stamp, **self.rows[number]}

    def _token(self, request: Request) -> Reply:
        if request.query.get("client_secret") != self.secret:
            return Reply({"error": "invalid_client"}, 401)
        token = f"token-{len(self.requests)}-of-marketo"
        self.tokens = self.tokens | {token}
        return Reply({"access_token": token, "token_type": "bearer", "expires_in": 3599, "scope": "a@b"})

    def _wrong(self, code: str, message: str) -> Reply:
        return Reply({"success": False, "requestId": "r", "errors": [{"code": code, "message": message}]})


class FakeMailchimp(FakeList):
    """Members of one audience, by the time they signed up; archived ones stay."""

    def is_known(self, request: Request) -> bool:
        pair = base64.b64decode(request.headers.get("Authorization", "").removeprefix("Basic ")).decode()
        return pair.partition(":")[2] == self.secret

    def page(self, request: Request) -> Reply:
        assert request.path == "/3.0/lists/abc/members"
        assert (request.query["sort_field"], request.query["sort_dir"]) == ("timestamp_signup", "ASC")
        since = request.query.get("since_last_changed")
        matching = self.since(datetime.fromisoformat(since) if since else datetime.min.replace(tzinfo=UTC))
        begin = int(request.query.get("offset", 0))
        found = matching[begin : begin + int(request.query["count"])]
        return Reply({"members": [self._member(number) for number in found], "total_items": len(matching)})

    def _member(self, number: int) -> dict[str, Any]:
        changed = self.changed[number].strftime("%Y-%m-%dT%H:%M:%S+00:00")
        base = {"id": "hash", "contact_id": f"m{number:05}", "status": "subscribed", "last_changed": changed}
        return base | self.rows[number]


class FakeShopify(FakeList):
    """Customers by GraphQL, ordered by their last change."""

    def is_known(self, request: Request) -> bool:
        return request.headers.get("X-Shopify-Access-Token") == self.secret

    def page(self, request: Request) -> Reply:
        asked = request.json["variables"]
        assert request.path == "/admin/api/2026-10/graphql.json"
        assert "customers(first: $first, after: $after, query: $filter" in request.json["query"]
        match = _FILTER.fullmatch(asked["filter"])
        assert match
        since = datetime.fromisoformat(match[1])
        keys = sorted((self.changed[number], number) for number in self.since(since))
        after = base64.b64decode(asked.get("after", "")).decode().partition("|")
        position = (datetime.fromisoformat(after[0]), int(after[2])) if after[0] else None
        left = [key for key in keys if position is None or key > position]
        found = left[: asked["first"]]
        cursor = base64.b64encode(f"{found[-1][0].isoformat()}|{found[-1][1]}".encode()).decode() if found else None
        info = {"hasNextPage": len(left) > len(found), "endCursor": cursor}
        nodes = [self._customer(number) for _, number in found]
        return Reply({"data": {"customers": {"nodes": nodes, "pageInfo": info}}, "extensions": {"cost": {}}})

    def _customer(self, number: int) -> dict[str, Any]:
        stamp = self.changed[number].strftime("%Y-%m-%dT%H:%M:%SZ")
        return {"id": f"gid://shopify/Customer/{number}", "updatedAt": stamp, **self.rows[number]}


class FakeBase(FakeList):
    """Orders, newest first, by the time they were placed in Japan; each has details of its own."""

    def is_known(self, request: Request) -> bool:
        is_token = request.headers.get("Authorization", "").removeprefix("Bearer ") in self.tokens
        return is_token or request.path == "/1/oauth/token"

    def page(self, request: Request) -> Reply:
        if request.path == "/1/oauth/token":
            assert (request.form["grant_type"], request.form["refresh_token"]) == ("refresh_token", self.secret)
            token = f"token-{len(self.requests)}-of-base"
            self.tokens = self.tokens | {token}
            return Reply(
                {"access_token": token, "token_type": "bearer", "expires_in": 3600, "refresh_token": self.secret}
            )
        if request.path == "/1/orders":
            begin, end = (self._at(request.query[name]) for name in ("start_ordered", "end_ordered"))
            placed = sorted((n for n in self.rows if begin <= self.made[n] <= end), reverse=True)
            first = int(request.query.get("offset", 0))
            found = placed[first : first + int(request.query["limit"])]
            return Reply({"orders": [self._order(number) for number in found]})
        number = int(request.path.removeprefix("/1/orders/detail/B"))
        return Reply({"order": self._order(number) | self.rows[number]})

    def _at(self, text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=UTC) - timedelta(hours=9)

    def _order(self, number: int) -> dict[str, Any]:
        times = {"ordered": int(self.made[number].timestamp()), "modified": int(self.changed[number].timestamp())}
        return {"unique_key": f"B{number}", "total": 1000, **times}
