"""What reading one file gives: its columns, and its rows or why a row is unusable."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from connectors.sources.plan import Header
from connectors.sources.source import Payload, Reject
from connectors.sources.value_forms import UNNAMED

Item = tuple[str, Payload] | Reject  # row key (file:line) and payload, or why there is none


@dataclass(frozen=True, slots=True)
class FileRows:
    """The columns of a file and its rows, which may be read once.

    `inner`: where the whole file is one object, the lists of objects in it by place; each may be what is meant.
    `other_sheets`: sheets of the workbook with rows that nobody asked for, and that are not read. `header_line`: the
    number of the line that was found to name the columns below titles.
    """

    header: Header
    items: Iterator[Item]
    inner: dict[str, "FileRows"] = field(default_factory=dict)
    other_sheets: tuple[str, ...] = ()
    header_line: int | None = None


def nul_reject(key: str) -> Reject:
    """Return the refusal of a row with a NUL character, which PostgreSQL cannot hold."""
    return Reject(key, "nul_byte", "the row holds a NUL character")


def name_columns(cells: list[str]) -> list[str]:
    """Return the columns that a first row names; a cell that is blank or given twice gets a name of its own."""
    header: list[str] = []
    for index, cell in enumerate(cells, start=1):
        name = cell.strip() or f"{UNNAMED}{index}"
        header.append(name if name not in header else f"{name}_{index}")
    return header
