"""Files that commands write: whole or not at all, and no half of one stays beside it."""

from pathlib import Path

import pytest

from flows.files import replacing
from flows.reports.customer import write_customer_page
from resolve.errors import ConfigError

CUSTOMER = {
    "asked": "G1", "golden_id": "G1", "is_former": False, "profile": {"full_name": "山田 花子"}, "records": [],
    "lineage": [], "identifiers": [], "timeline": [],
}  # fmt: skip


def test_a_file_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    """Also in a folder that is made for it."""
    target = tmp_path / "new" / "page.html"
    for text in ("one", "two"):
        with replacing(target) as beside:
            beside.write_text(text, "utf-8")
            assert beside.parent == target.parent
        assert target.read_text("utf-8") == text
    assert [path.name for path in target.parent.iterdir()] == ["page.html"]


def write_half(target: Path) -> None:
    """Begin to write a file, and fail."""
    with replacing(target) as beside:
        beside.write_text("half", "utf-8")
        raise ValueError("half")


def test_what_cannot_be_finished_leaves_nothing_behind(tmp_path: Path) -> None:
    """The file before it stays as it was."""
    target = tmp_path / "page.html"
    target.write_text("before", "utf-8")
    with pytest.raises(ValueError, match="half"):
        write_half(target)
    assert [(path.name, path.read_text("utf-8")) for path in tmp_path.iterdir()] == [("page.html", "before")]


def test_a_customer_page_that_cannot_be_put_there_is_not_left_beside_it(tmp_path: Path) -> None:
    """It holds personal values, under a name that nobody looks for."""
    (tmp_path / "page.html").mkdir()
    with pytest.raises(ConfigError, match=r"page\.html: cannot be written \(Is a directory\)"):
        write_customer_page(CUSTOMER, tmp_path / "page.html")
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


def test_a_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    """As a wrong option, not as a mistake of Meibo."""
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="cannot be written"), replacing(tmp_path / "file" / "out.csv") as beside:
        beside.touch()
