"""docs/data-dictionary.md says what the tables are: it is rendered from the schema, and this test compares.

To rewrite the tables after a change of schema: `UPDATE_DOCS=1 .venv/bin/pytest tests/test_data_dictionary.py`.
"""

import os
from pathlib import Path

from resolve.schema import OPERATIONS, PUBLISHED, Table

PAGE = Path(__file__).resolve().parents[1] / "docs" / "data-dictionary.md"
BEGIN, END = "<!-- tables: begin -->", "<!-- tables: end -->"


def render_table(table: Table) -> str:
    """Render one table: meaning, key, and a row per column."""
    rows = [f"| {c.name} | {c.kind} | {'always' if c.required else ''} | {c.doc} |" for c in table.columns]
    head = [f"### {table.name}", "", table.doc, "", f"Key: {', '.join(table.key)}.", ""]
    return "\n".join([*head, "| column | kind | filled | meaning |", "|---|---|---|---|", *rows, ""])


def render() -> str:
    """Render every table, published ones first."""
    published = [render_table(t) for t in PUBLISHED.values()]
    operations = [render_table(t) for t in OPERATIONS.values()]
    return "\n".join(["## Published tables", "", *published, "## Operations tables", "", *operations])


def test_the_data_dictionary_lists_every_table_and_column() -> None:
    """The page's tables equal the schema's rendering."""
    page = PAGE.read_text("utf-8")
    before, rest = page.split(BEGIN)
    shown, after = rest.split(END)
    if os.environ.get("UPDATE_DOCS"):
        PAGE.write_text(f"{before}{BEGIN}\n{render()}\n{END}{after}", "utf-8")
        return
    assert shown.strip() == render().strip()
