"""Files read by a process of their own."""

import multiprocessing
from contextlib import closing
from pathlib import Path

import pytest

from connectors.settings.project import SourceSettings
from connectors.sources.catalog import open_source
from connectors.warehouse.written import WrittenPage
from flows.intake import apart
from flows.intake.apart import PagesApart, written_pages
from resolve.errors import SourceError

CRM = SourceSettings.model_validate(
    {"kind": "sales", "streams": {"contacts": {"path": "crm.csv", "id": "Id", "map": {"email": "Mail"}}}}
)


def here(folder: Path) -> list[WrittenPage]:
    """Return the pages as this process reads them."""
    return list(written_pages(open_source("crm", CRM, folder), "contacts", None, set))


def test_another_process_reads_the_same_pages(tmp_path: Path) -> None:
    """Rows, refused rows, cursors and columns, page by page; a reading that is given up ends the process."""
    rows = "".join(f"{number},山田 {number},m{number}@one.org\n" for number in range(12_000))
    (tmp_path / "crm.csv").write_text(f"Id,Name,Mail\n{rows}7,again,\n,nobody,\n", "utf-8")
    with closing(PagesApart(CRM, tmp_path, ("crm", "contacts"), None)) as pages:
        found = list(pages)
    assert found == here(tmp_path)
    assert [len(page.versions) for page in found] == [5000, 5000, 2000]
    assert [reject.reason for reject in found[-1].rejects] == ["duplicate_id", "missing_id"]
    pages = PagesApart(CRM, tmp_path, ("crm", "contacts"), None)
    assert len(next(iter(pages)).versions) == 5000
    pages.close()
    pages.close()
    assert not multiprocessing.active_children()


def test_errors_of_a_process_that_reads_are_those_of_reading_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same message; of a process that was killed it is told, as something that may pass."""
    (tmp_path / "crm.csv").write_text("Number,Mail\n1,a@one.org\n", "utf-8")
    with pytest.raises(SourceError) as expected:
        here(tmp_path)
    with pytest.raises(SourceError) as found, closing(PagesApart(CRM, tmp_path, ("crm", "contacts"), None)) as pages:
        list(pages)
    assert str(found.value) == str(expected.value)
    assert found.value.hint == expected.value.hint
    (tmp_path / "crm.csv").write_text("Id,Mail\n" + "".join(f"{n},a\n" for n in range(30_000)), "utf-8")
    monkeypatch.setattr(apart, "PAGES_AHEAD", 1)
    with closing(PagesApart(CRM, tmp_path, ("crm", "contacts"), None)) as pages:
        next(iter(pages))
        multiprocessing.active_children()[0].kill()
        with pytest.raises(SourceError, match="exit code -9") as killed:
            list(pages)
    assert killed.value.is_transient
