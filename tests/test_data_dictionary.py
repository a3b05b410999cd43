"""docs/data-dictionary.md says what tables and views are: it is rendered from the schema, and this test compares.

Each has an example query, from docs/example-queries.sql; tests/flows/test_example_queries.py runs them all. To rewrite
the page after a change: `UPDATE_DOCS=1 .venv/bin/pytest tests/test_data_dictionary.py`.
"""

import os
import re
from pathlib import Path

import pandas as pd

from resolve.schema import OPERATIONS, PUBLISHED, Table, conform, frames
from resolve.schema.views import VIEWS
from resolve.standardise.contact import standardise_contacts

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE, QUERIES = DOCS / "data-dictionary.md", DOCS / "example-queries.sql"
BEGIN, END = "<!-- tables: begin -->", "<!-- tables: end -->"


def read_examples() -> dict[str, str]:
    """Return the example query of each table and view, with its comment, by name."""
    parts = re.split(r"^-- (\w+): ", QUERIES.read_text("utf-8"), flags=re.MULTILINE)[1:]
    return {name: f"-- {query.strip()}" for name, query in zip(parts[::2], parts[1::2], strict=True)}


def render_table(table: Table, example: str) -> str:
    """Render one table: meaning, key, a row per column, an example query."""
    rows = [f"| {c.name} | {c.kind} | {'always' if c.required else ''} | {c.doc} |" for c in table.columns]
    head = [f"### {table.name}", "", table.doc, "", f"Key: {', '.join(table.key)}.", ""]
    columns = ["| column | kind | filled | meaning |", "|---|---|---|---|", *rows, ""]
    return "\n".join([*head, *columns, "```sql", example, "```", ""])


def render() -> str:
    """Render every table and view, published ones first."""
    examples = read_examples()
    groups = {"Published tables": PUBLISHED, "Views": VIEWS, "Operations tables": OPERATIONS}
    parts = []
    for title, tables in groups.items():
        parts += [f"## {title}", "", *(render_table(table, examples[name]) for name, table in tables.items())]
    return "\n".join(parts)


def test_the_data_dictionary_lists_every_table_and_column() -> None:
    """The page's tables equal the schema's rendering."""
    page = PAGE.read_text("utf-8")
    before, rest = page.split(BEGIN)
    shown, after = rest.split(END)
    if os.environ.get("UPDATE_DOCS"):
        PAGE.write_text(f"{before}{BEGIN}\n{render()}\n{END}{after}", "utf-8")
        return
    assert shown.strip() == render().strip()


def test_every_table_and_view_has_an_example_query() -> None:
    """No more and no less."""
    assert sorted(read_examples()) == sorted([*PUBLISHED, *VIEWS, *OPERATIONS])


def test_reasons_of_blocked_identifiers_are_those_that_are_listed() -> None:
    """Whatever standardising drops says why in one of the words of `block_reason`."""
    columns = ["source_id", "email", "phone", "corporate_number"]
    rows = [
        ("1", "none@none.com", "000-0000-0000", "1234567890123"),
        ("2", "x@mailinator.com", "", ""),
        ("3", "a@@b", "", ""),
    ]
    records = pd.DataFrame(rows, columns=columns, dtype=object).assign(source="crm")
    found = standardise_contacts(conform(records, frames.SOURCE_RECORDS), default_countries="JP")
    lines = [line for cell in found["blocked_identifiers"].dropna() for line in cell.split("\n")]
    listed = next(c.doc for c in PUBLISHED["profile_identifier"].columns if c.name == "block_reason")
    words = set(listed.replace(" or ", ", ").split(", "))
    assert {line.split("\t")[2] for line in lines} == words - {"role", "shared_by_many"}
