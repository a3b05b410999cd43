"""Declared lists whose pages are shorter than asked, or move while they are read: no row is lost, no living one deleted."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes.landing import Landed
from fakes.register import REGISTER
from fakes.server import FakeServer, Reply, Request, SimulatedTime

from connectors.settings.project import parse_settings
from connectors.sources.catalog import OpenSource, open_source
from resolve.errors import SourceError

DECLARED = (
    REGISTER
    + """\
          members:
            call: {{path: /members, query: {{limit: "{{size}}", {query}}}}}
            rows: members
            id: [id]
            pages: {pages}
    streams:
      contacts: {{object: members, id: id, map: {{email: mail}}}}
"""
)
WAYS = {
    "keyset": ('last: "{last}"', '{kind: keyset, column: id, first: "0", size: 20}'),
    "offset": ('offset: "{offset}"', "{kind: offset, size: 20}"),
    "total": ('offset: "{offset}"', "{kind: offset, size: 20, total: count}"),
}


class Members(FakeServer):
    """Members by number, in the order of `ids`; a page has at most `most` of them, behind or from `last` on."""

    def __init__(self) -> None:
        super().__init__(SimulatedTime())
        self.ids = list(range(1, 61))
        self.most = 10**6
        self.gives_last_again = False
        self.goes_down = False

    def route(self, request: Request) -> Reply:
        size = min(int(request.query["limit"]), self.most)
        if "last" in request.query:
            last = int(request.query["last"])
            least, most = last + (not self.gives_last_again), last - 1 if last else 10**6
            found = [number for number in self.ids if (number <= most if self.goes_down else number >= least)][:size]
        else:
            begin = int(request.query["offset"])
            found = self.ids[begin : begin + size]
        return Reply({"members": [{"id": n, "mail": f"p{n}@example.jp"} for n in found], "count": len(self.ids)})

    def open(self, way: str) -> OpenSource:
        """Return the source, read by keyset, offset, or offset with a total."""
        query, pages = WAYS[way]
        text = DECLARED.format(url=self.url, query=query, pages=pages)
        settings = parse_settings(text, "meibo.yaml", Path("/nowhere"), {}).sources["crm"]
        return open_source("crm", settings, Path("/nowhere"), clock=self.time.clock)

    def living(self) -> set[str]:
        """Return the ids that there are."""
        return {str(number) for number in self.ids}

    def during(self, call: int, change: Callable[[], Any]) -> None:
        """Let something change before the call of this number, counted from now."""
        due = len(self.requests) + call

        def before(_: object) -> None:
            if len(self.requests) == due:
                change()

        self.before = before


@pytest.fixture
def members() -> Iterator[Members]:
    """A register of sixty."""
    made = Members()
    yield made
    made.close()


@pytest.fixture(params=["offset", "total"])
def way(request: pytest.FixtureRequest) -> str:
    """Both ways to count pages by rows."""
    return str(request.param)


@pytest.mark.parametrize("most", [1, 2, 7, 10, 19, 20])
@pytest.mark.parametrize("way", list(WAYS))
def test_a_server_that_gives_less_than_it_is_asked_for_loses_no_row(members: Members, way: str, most: int) -> None:
    """A page that is shorter than asked is no end; every row is landed once, and nothing is asked for ever."""
    members.most = most
    landed = Landed()
    assert landed.pull(members.open(way)).read == 60
    assert landed.living() == members.living()
    assert len(members.requests) <= 60 / max(most - 1, 1) + 2


def test_a_row_given_again_behind_its_own_key_ends_the_walk(members: Members) -> None:
    """A filter that includes the last key gives the last row for ever."""
    members.gives_last_again = True
    landed = Landed()
    landed.pull(members.open("keyset"))
    assert landed.living() == members.living()


@pytest.mark.parametrize("order", [lambda n: -n, lambda n: n * 7 % 61])
def test_rows_without_the_order_of_their_key_are_told(members: Members, order: Callable[[int], int]) -> None:
    """Behind the last row of a page that is not sorted, or the other way round, most rows would be passed over."""
    members.ids.sort(key=order)
    with pytest.raises(SourceError, match="rows do not come in the order of id"):
        Landed().pull(members.open("keyset"))


def test_a_list_may_go_down_by_its_key(members: Members) -> None:
    """The next page is the one before the last row."""
    members.ids.sort(reverse=True)
    members.goes_down = True
    landed = Landed()
    landed.pull(members.open("keyset"))
    assert landed.living() == members.living()


def test_a_page_without_a_key_is_no_end(members: Members) -> None:
    """The next page cannot be asked for: that is told."""
    nameless = [{"number": 1}]
    members.script(".", lambda _request, _reply: Reply({"members": nameless}))
    with pytest.raises(SourceError, match="the last row of a page has nothing in id"):
        Landed().pull(members.open("keyset"))


@pytest.mark.parametrize("gone", [5, 19, 20, 21])
def test_one_deleted_and_one_added_while_pages_are_read_delete_nobody_else(
    members: Members, way: str, gone: int
) -> None:
    """The number of rows stays, and all behind the deleted one move up by one."""
    landed = Landed()
    landed.pull(members.open(way))

    def change() -> None:
        members.ids.remove(gone)
        members.ids.append(999)

    members.during(2, change)
    landed.pull(members.open(way))
    assert landed.living() >= members.living()
    landed.pull(members.open(way))
    assert landed.living() == members.living()


def test_many_that_vanish_at_once_are_followed_back(members: Members, way: str) -> None:
    """However far the rows moved, also where the last one that was read is among them."""
    for gone in (range(1, 20), range(11, 41), range(15, 61)):
        members.ids = list(range(1, 61))
        members.during(2, lambda gone=gone: [members.ids.remove(number) for number in gone])
        landed = Landed()
        landed.pull(members.open(way))
        assert landed.living() >= members.living()


def test_what_one_walk_misses_is_looked_for_by_another(members: Members, way: str) -> None:
    """A row that moves to where the walk has been is alive; one that is missing twice is deleted."""
    landed = Landed()
    landed.pull(members.open(way))
    members.ids.remove(33)
    members.during(2, lambda: members.ids.insert(0, members.ids.pop(54)))
    landed.pull(members.open(way))
    assert landed.living() == members.living()
    assert "33" not in landed.living()


def test_a_list_that_never_stands_still_is_told(members: Members, way: str) -> None:
    """Without an order of its rows a list cannot be read by offset."""

    def turn(_: object) -> None:
        members.ids = members.ids[30:] + members.ids[:30][::-1]
        members.ids = [number + 1000 for number in members.ids]

    members.before = turn
    with pytest.raises(SourceError, match="change places all the time"):
        Landed().pull(members.open(way))


def test_a_walk_goes_on_in_another_process_although_the_list_moved(members: Members, way: str) -> None:
    """The cursor holds the row to look for."""
    landed = Landed()
    landed.pull(members.open(way), pages=1)
    members.ids.remove(5)
    members.ids.append(999)
    landed.pull(members.open(way))
    landed.pull(members.open(way))
    assert landed.living() == members.living()
