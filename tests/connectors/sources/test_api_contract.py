"""What web APIs promise beyond every source (test_every_source): letters, flat cells, nothing asked twice, windows."""

import itertools
from collections.abc import Iterator

import pytest
from fakes.kinds import KINDS, PEOPLE, ApiKind, all_of
from fakes.landing import Landed

from connectors.sources.source import Window


@pytest.fixture(params=list(KINDS))
def kind(request: pytest.FixtureRequest) -> Iterator[ApiKind]:
    """Each API with people in it."""
    made = KINDS[request.param]()
    made.fill(PEOPLE)
    yield made
    made.fake.close()


def test_all_letters_arrive(kind: ApiKind, landed: Landed) -> None:
    """Four-byte characters, quotes and line ends inside of cells are landed as they are."""
    landed.pull(kind.open(page_rows=5))
    texts = [row["payload"] for row in landed.rows().values()]
    assert any("𠮷" in text for text in texts)
    assert any('Say \\"hi\\"' in text for text in texts)
    assert any("佐藤\\n二行" in text for text in texts)


def test_payloads_are_flat_text(kind: ApiKind, landed: Landed) -> None:
    """Every cell is text or missing, as in an export, so that mapping takes its fast way."""
    pages = list(kind.open().read("contacts", None))
    cells = [cell for page in pages for row in page.rows for cell in row.payload.values()]
    assert cells
    assert all(cell is None or (isinstance(cell, str) and cell) for cell in cells)


@pytest.mark.parametrize("stop", [1, 4])
def test_a_first_load_that_was_cut_off_asks_for_no_row_again(kind: ApiKind, landed: Landed, stop: int) -> None:
    """After a crash the rest comes, in a new process, and what was landed is not read again."""
    before = landed.pull(kind.open(page_rows=5), pages=stop)
    after = landed.pull(kind.open(page_rows=5))
    assert before.read + after.read == PEOPLE


def test_a_change_during_the_walk_is_read_by_this_run_or_the_next(kind: ApiKind, landed: Landed) -> None:
    """Rows that change between two pages are not lost, at either end of the walk."""
    asked = 0

    def change(request: object) -> None:
        nonlocal asked
        asked += 1
        if asked == 5:
            for number in (1, 12, PEOPLE):
                kind.put(number, email=f"late{number}@example.jp")
            kind.time.tick()

    kind.fake.before = change
    landed.pull(kind.open(page_rows=5))
    kind.time.tick(hours=1)
    landed.pull(kind.open(page_rows=5))
    rows = landed.rows()
    assert asked >= 5
    assert all(f"late{number}@" in rows[kind.id_of(number)]["payload"] for number in (1, 12, PEOPLE))
    assert landed.living() == all_of(kind)


def test_a_new_mapping_reads_everything_again(kind: ApiKind, landed: Landed) -> None:
    """Columns that were not asked for before come with the next run, for all rows."""
    landed.pull(kind.open())
    kind.time.tick(days=1)
    stream = kind.settings.streams["contacts"]
    more = {"salesforce": "Title", "hubspot": "tier__jp", "zendesk": "created_at"}[kind.settings.api.system]
    rules = stream.model_validate(
        stream.model_dump(by_alias=True, exclude_unset=True)
        | {"map": {"x_more": more, "x_url": {"any": ["url", more]}}}
    )
    kind.settings = kind.settings.model_copy(update={"streams": kind.settings.streams | {"contacts": rules}})
    pulled = landed.pull(kind.open())
    assert pulled.read == PEOPLE
    assert landed.living() == all_of(kind)


def test_check_tells_what_is_there_without_landing(kind: ApiKind, landed: Landed) -> None:
    """Columns, what no field reads, and how many rows are new."""
    check = kind.open().check("contacts")
    assert check.row_count == PEOPLE
    assert check.columns
    assert kind.fake.url in check.location
    landed.pull(kind.open())
    kind.time.tick(days=1)
    kind.put(1, email="a@example.jp")
    kind.time.tick()
    source = kind.open()
    again = source.check("contacts", landed.cursor())
    assert again.row_count in (1, None)
    assert again.notes


@pytest.mark.parametrize("stop", [0, 1, 3])
def test_a_window_is_read_again_whatever_was_read_before(kind: ApiKind, landed: Landed, stop: int) -> None:
    """Everything that changed since its beginning comes, and a stop between two pages costs nothing."""
    kind.time.tick(days=2)
    begin = kind.time.at
    for number in range(1, 14):
        kind.put(number, email=f"window{number}@example.jp")
    kind.time.tick()
    landed.pull(kind.open())
    window, cursor, found = Window(begin, kind.time.at), None, []
    for most in (stop, None) if stop else (None,):
        pages = kind.open(page_rows=5).read_window("contacts", window, cursor)
        for page in itertools.islice(pages, most):
            found += [row.source_id for row in page.rows]
            cursor = page.cursor
    assert sorted(found) == sorted(kind.id_of(number) for number in range(1, 14))
