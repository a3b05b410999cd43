"""Pages landed in a real warehouse, as the nightly run does it, with stops at any page."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from fakes.server import START

from connectors.sources.catalog import OpenSource
from connectors.sources.source import Page, Raw
from connectors.warehouse.dialects import open_engine
from connectors.warehouse.landed import living_ids, load_latest
from connectors.warehouse.landing import land_again, land_page, load_cursor
from connectors.warehouse.quarantine import Place
from connectors.warehouse.tables import TABLES
from connectors.warehouse.versions import create_tables


@dataclass
class Pulled:
    """What one reading landed."""

    pages: int = 0
    largest: int = 0  # rows of the largest page
    read: int = 0
    new: int = 0
    unchanged: int = 0
    quarantined: int = 0


class Landed:
    """A warehouse of one test."""

    def __init__(self) -> None:
        self.engine = open_engine("sqlite://")
        with self.engine.begin() as conn:
            create_tables(conn, START)

    def pull(self, source: OpenSource, stream: str = "contacts", pages: int | None = None, run_id: str = "r") -> Pulled:
        """Read from the stored cursor and land each page with its cursor in one transaction; stop after `pages`."""
        names = ("crm", stream)
        with self.engine.begin() as conn:
            cursor = load_cursor(conn, *names)

        def known_ids() -> set[str]:
            with self.engine.begin() as conn:
                return living_ids(conn, *names)

        pulled = Pulled()
        reading = source.read(stream, cursor, known_ids=known_ids)
        for page in itertools.islice(reading, pages):
            with self.engine.begin() as conn:
                counts = land_page(conn, *names, page, run_id=run_id, at=START)
            assert counts.read == counts.new + counts.unchanged + counts.quarantined
            pulled.pages += 1
            pulled.largest = max(pulled.largest, len(page.rows))
            for name in ("read", "new", "unchanged", "quarantined"):
                setattr(pulled, name, getattr(pulled, name) + getattr(counts, name))
        reading.close()
        return pulled

    def again(self, pages: Iterable[Page], stream: str = "contacts") -> list[Raw]:
        """Land pages of a window, beside the cursor; return their rows."""
        rows: list[Raw] = []
        for page in pages:
            with self.engine.begin() as conn:
                land_again(conn, Place("crm", stream, "r", START), page)
            rows += page.rows
        return rows

    def rows(self, stream: str = "contacts") -> dict[str, dict[str, Any]]:
        """Return the latest version of each row: payload text, deleted, merged_into."""
        with self.engine.connect() as conn:
            frame = load_latest(conn, "crm", stream)
        kept = frame[["source_id", "payload", "deleted", "merged_into"]]
        return {row["source_id"]: row for row in kept.to_dict("records")}

    def living(self, stream: str = "contacts") -> set[str]:
        """Return the ids of rows that are not deleted."""
        with self.engine.connect() as conn:
            return living_ids(conn, "crm", stream)

    def held(self) -> list[str]:
        """Return the keys of the rows that are open in the quarantine."""
        table = TABLES["quarantine"]
        with self.engine.connect() as conn:
            return list(
                conn.scalars(sa.select(table.c.row_key).where(table.c.resolved_at.is_(None)).order_by("row_key"))
            )

    def versions(self) -> int:
        """Return how many versions are landed."""
        with self.engine.connect() as conn:
            return int(conn.scalar(sa.text("SELECT COUNT(*) FROM raw_record")) or 0)

    def cursor(self, stream: str = "contacts") -> dict[str, Any] | None:
        """Return the stored cursor."""
        with self.engine.connect() as conn:
            return load_cursor(conn, "crm", stream)
