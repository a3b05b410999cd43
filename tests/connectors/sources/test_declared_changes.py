"""Declared lists that are asked for what changed: bounds by two clocks, and what an answer says of a next page."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from fakes.landing import Landed
from fakes.register import REGISTER
from fakes.server import FakeServer, Reply, Request, SimulatedTime, refuse

from connectors.settings.project import parse_settings
from connectors.sources.catalog import OpenSource, open_source
from connectors.sources.clock import Clock
from resolve.errors import SourceError

DECLARED = (
    REGISTER
    + """\
          members:
            call: {{path: /members, query: {{since: "{{since}}", until: "{{until}}", token: "{{token}}"}}}}
            rows: members
            id: [id]
            pages: {{kind: token, token: next, more: more, size: 2}}
            since: {{format: iso}}
    streams:
      contacts: {{object: members, id: id, map: {{email: mail, full_name: name}}}}
"""
)


class Members(FakeServer):
    """Members by number with the time of their last change, two a page; `words` are how it says yes and no."""

    def __init__(self) -> None:
        super().__init__(SimulatedTime())
        self.changed: dict[int, datetime] = {}
        self.words: tuple[Any, Any] = (True, False)

    def put(self, *numbers: int) -> None:
        """Create or change members."""
        self.changed |= dict.fromkeys(numbers, self.time.at)

    def route(self, request: Request) -> Reply:
        if request.path.startswith("/members/"):
            return Reply({"name": unquote(request.path.removeprefix("/members/"))})
        until = datetime.fromisoformat(request.query["until"])
        since = datetime.fromisoformat(request.query.get("since", "2000-01-01T00:00:00Z"))
        least = int(request.query.get("token", 0))
        found = [n for n, at in sorted(self.changed.items()) if n > least and since <= at < until]
        members = [{"id": n, "mail": f"p{n}@{self.changed[n]:%H%M}.example"} for n in found[:2]]
        return Reply({"members": members, "next": found[1] if found[1:] else least, "more": self.words[not found[2:]]})

    def open(self, behind: timedelta = timedelta(), more: str = "") -> OpenSource:
        """Return a source whose clock is behind the server's; `more`: further rules of the object."""
        text = DECLARED.format(url=self.url).replace(
            "    rows: members", f"    {more or 'compare: true'}\n{' ' * 12}rows: members"
        )
        settings = parse_settings(text, "meibo.yaml", Path("/nowhere"), {})
        clock = Clock(lambda: self.time.at - behind, self.time.sleep, self.time.clock.monotonic)
        return open_source("crm", settings.sources["crm"], Path("/nowhere"), clock=clock)


@pytest.fixture
def members() -> Iterator[Members]:
    """Five members of the day before."""
    made = Members()
    made.put(1, 2, 3, 4, 5)
    made.time.tick(days=1)
    yield made
    made.close()


@pytest.mark.parametrize("behind", [-30, 0, 30])
def test_clocks_that_differ_lose_no_row(members: Members, behind: int) -> None:
    """What changed between both clocks comes in the next run at the latest, and is never taken as gone."""
    landed, source = Landed(), members.open(timedelta(minutes=behind))
    landed.pull(source)
    for number in (6, 7, 8):
        members.put(1, number)
        members.time.tick(minutes=15)
        landed.pull(source)
        members.time.tick(days=3)  # all ids are compared now and then
    members.put(2)
    members.time.tick(minutes=1)
    landed.pull(source)
    assert landed.living() >= {str(number) for number in range(1, 9)}
    members.time.tick(days=1)
    landed.pull(source)
    assert landed.living() == {str(number) for number in range(1, 9)}
    rows = landed.rows()
    for number, at in members.changed.items():
        assert f"@{at:%H%M}.example" in rows[str(number)]["payload"]


@pytest.mark.parametrize("words", [(True, False), (1, 0), ("true", "false"), ("yes", None)])
def test_a_next_page_may_be_told_in_other_words(members: Members, words: tuple[Any, Any]) -> None:
    """A yes that is no JSON true is no end of the list."""
    members.words = words
    landed = Landed()
    landed.pull(members.open())
    assert len(landed.living()) == 5


def test_a_value_in_the_address_of_a_detail_is_quoted_and_not_shown(members: Members) -> None:
    """A `?` or `#` of an id would ask for another row; messages of what fails are kept, and name nobody."""
    more = 'detail: {path: "/members/{mail}"}'

    def sign(_request: Request, reply: Reply) -> Reply:
        for row in reply.data["members"]:
            row["mail"] = f"taro?{row['id']}#/@personal.example"
        return reply

    members.script("/members$", sign, times=9)
    rows = [row for page in members.open(more=more).read("contacts", None) for row in page.rows]
    assert [row.payload["name"] for row in rows] == [f"taro?{n}#/@personal.example" for n in range(1, 6)]
    members.script("/members/", refuse(404), times=9)
    with pytest.raises(SourceError, match=r"GET /members/\{mail\} answered 404") as caught:
        list(members.open(more=more).read("contacts", None))
    assert "taro" not in str(caught.value)


@pytest.mark.parametrize("rows", [["taro@personal.example"], [None], [{"id": 1}, [2]]])
def test_a_list_of_anything_but_objects_is_told(members: Members, rows: list[Any]) -> None:
    """As where `rows` names a list of ids: it is no mistake of Meibo's, and no empty list."""
    members.script("/members$", lambda _request, _reply: Reply({"members": rows}))
    with pytest.raises(SourceError, match="members: an answer holds no list of objects at members") as caught:
        Landed().pull(members.open())
    assert "taro" not in str(caught.value)
