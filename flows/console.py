"""What people and programs see: data on stdout, everything else on stderr, colours only where they are wanted."""

import json
import sys
import traceback
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

LONG = 500  # rows of a table
WIDE = 1_000  # characters of a line where no terminal has an end


def out() -> "Console":
    """Return the console for data; in a file or a pipe a line is as long as what stands in it."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else WIDE
    return Console(highlight=False, soft_wrap=True, emoji=False, width=width)


def err() -> "Console":
    """Return the console for messages."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)


def say(message: str) -> None:
    """Print one line to stderr, as it is."""
    err().print(message, markup=False)


def print_json(value: Mapping[str, Any]) -> None:
    """Print one JSON object to stdout, as one line unless a person reads it; times become ISO text."""
    indent = 2 if sys.stdout.isatty() else None  # `>> runs.jsonl` gives a line for each run
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=indent, default=str) + "\n")
    sys.stdout.flush()


def plain_rows(frame: "pd.DataFrame") -> list[dict[str, Any]]:
    """Return the rows of a frame as plain data; a missing value has no key."""
    import pandas as pd

    rows = frame.to_dict("records")
    return [{str(name): value for name, value in row.items() if not pd.isna(value)} for row in rows]


def print_error(title: str, messages: Sequence[str]) -> None:
    """Print a headline and its lines to stderr."""
    console = err()
    console.print("error", style="bold red", end="")
    if len(messages) == 1:
        console.print(f": {title}: {messages[0]}" if title else f": {messages[0]}", markup=False)
        return
    console.print(f": {title}", markup=False)
    for message in messages:
        console.print(f"  - {message}", markup=False)


def print_traceback(error: BaseException) -> None:
    """Print the traceback of an error to stderr."""
    traceback.print_exception(error, file=sys.stderr)


def print_table(headers: Sequence[str], rows: Sequence[Sequence[object]], title: str | None = None) -> None:
    """Print a table to stdout; numbers are right-aligned, missing cells are empty.

    Rows of a long one are lines that no terminal's width folds: to lay out twenty thousand takes a quarter of a minute.
    """
    if len(rows) > LONG:
        _print_lines(headers, rows, title)
        return
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", title_style="bold", pad_edge=False)
    for position, header in enumerate(headers):
        table.add_column(header, justify="right" if rows and _is_numeric(rows, position) else "left", overflow="fold")
    for row in rows:
        table.add_row(*(escape(_cell(value)) for value in row))
    out().print(table)


def _print_lines(headers: Sequence[str], rows: Sequence[Sequence[object]], title: str | None) -> None:
    """Print a long table as `print_table` does a short one, line by line."""
    from rich.cells import cell_len

    columns = []
    for position, header in enumerate(headers):
        cells = [_plain(header), *(_plain(_cell(row[position])) for row in rows)]
        lengths = [cell_len(cell) for cell in cells]
        width, before = max(lengths), _is_numeric(rows, position)
        pads = [" " * (width - length) for length in lengths]
        columns.append([pad + cell if before else cell + pad for cell, pad in zip(cells, pads, strict=True)])
    head, *lines = [" " + "   ".join(cells).rstrip() for cells in zip(*columns, strict=True)]
    rule = " " + "─" * (sum(cell_len(column[0]) for column in columns) + 3 * (len(columns) - 1))
    sys.stdout.write("\n".join([*([title] if title else []), "", head, rule, *lines, "", ""]))


def _is_numeric(rows: Sequence[Sequence[object]], position: int) -> bool:
    """Return whether a column holds numbers alone."""
    return all(isinstance(row[position], int | float | None) for row in rows)


def _plain(cell: str) -> str:
    """Return a cell on one line, without what would move the cursor of a terminal."""
    return cell if cell.isprintable() else "".join(char if char.isprintable() else " " for char in cell)


def print_next(steps: tuple[tuple[str, str], ...]) -> None:
    """Print commands to try next, each with its reason, to stdout."""
    out().print("\n[bold]Try next[/bold]")
    width = max(len(command) for command, _ in steps)
    for command, why in steps:
        out().print(f"  {command:<{width}}  {why}", markup=False)


def _cell(value: object) -> str:
    """Return a cell as text, whole numbers with thousands separators."""
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
