"""docs/data-dictionary.md says what tables and views are: it is rendered from the schema, and this test compares.

Each has an example query, from docs/example-queries.sql; tests/flows/test_example_queries.py runs them all. To rewrite
the page after a change: `UPDATE_DOCS=1 .venv/bin/pytest tests/test_data_dictionary.py`.
"""

import os
import re
from pathlib import Path

from resolve.schema import OPERATIONS, PUBLISHED, Table
from resolve.schema.views import VIEWS

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
