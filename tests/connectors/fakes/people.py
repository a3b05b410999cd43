"""Files and tables behind the verbs of the web APIs, and every kind of source in one list."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from fakes.declared_kinds import DECLARED_KINDS
from fakes.kinds import KINDS as APIS
from fakes.kinds import NAMES, PeopleKind
from fakes.tabular import KINDS as TABLES
from fakes.tabular import Kind, Row

from connectors.sources.catalog import OpenSource

ALIKE = ("tsv utf-8", "csv utf-8 with BOM, encoding found")  # they differ from others in nothing that is held here
OTHER = {"csv cp932": "csv utf-8 with BOM, encoding found", "table with change times": "query with change times"}
WHOLE = {"table, the whole list": "table without change times", "csv, the whole list": "csv cp932"}


class TabularPeople(PeopleKind):
    """A file or a table that is written anew with each change; `is_whole`: rows that are gone from it are deleted."""

    def __init__(self, name: str, folder: Path, *, is_whole: bool = False) -> None:
        super().__init__()
        self._name = name
        self._tabular: Kind = TABLES[name](folder)
        self._rows: dict[int, Row] = {}
        self.folder = folder
        self.settings = self._tabular.settings
        self.notices_purge = is_whole
        self.reads_changes_alone = False  # files are read whole, tables from before the last bound
        if is_whole:
            self.set_stream(snapshot=True)

    def open_other_way(self) -> OpenSource | None:
        """As a file in another encoding, or by a query instead of the table."""
        if self._name not in OTHER or self.notices_purge:
            return None
        other = TABLES[OTHER[self._name]](self.folder)
        other.write(list(self._rows.values()))
        self.settings = other.settings
        return self.open()

    def fill(self, count: int) -> None:
        """Create this many people, and write once."""
        write, self._write = self._write, lambda: None
        super().fill(count)
        self._write = write
        self._write()

    def id_of(self, number: int) -> str:
        return f"{number:04}"

    def put(self, number: int, **changes: Any) -> None:
        name = changes.get("family", NAMES[number % 3 * 2])  # of those that cp932 can write
        row = {"id": self.id_of(number), "name": f"{name} 花{number}", "gone": None, "winner": None}
        self._set(number, row | {"email": changes.get("email", f"p{number}@example.jp")})

    def delete(self, number: int) -> None:
        self._set(number, self._rows[number] | {"gone": "true"})

    def merge(self, loser: int, winner: int) -> None:
        self._set(loser, self._rows[loser] | {"gone": "true", "winner": self.id_of(winner)})

    def purge(self, number: int) -> None:
        del self._rows[number]
        self._write()

    def _set(self, number: int, row: Row) -> None:
        """Write a row with its change time."""
        self._rows[number] = row | {"updated": self.time.stamp()}
        self._write()

    def _write(self) -> None:
        """Write all rows."""
        self._tabular.write(list(self._rows.values()))


EVERY: dict[str, Callable[[Path], PeopleKind]] = {
    **{name: lambda folder, name=name: TabularPeople(name, folder) for name in TABLES if name not in ALIKE},
    **{name: lambda folder, base=base: TabularPeople(base, folder, is_whole=True) for name, base in WHOLE.items()},
    **{name: lambda _folder, make=make: make() for name, make in APIS.items()},
    **{name: lambda _folder, make=make: make() for name, make in DECLARED_KINDS.items() if make.can_delete},
}
