"""Figures as Markdown tables."""

_WIDE = {
    "seconds": 1,
    "pairs/record": 1,
    "at": 1,
    "in-process s": 2,
    "imports s": 2,
    "process s": 2,
    "CPU s": 1,
    "peak GB": 2,
    "load": 1,
    "tables s": 2,
    "input GB": 2,
    "µs/contact": 1,
    "µs/record": 2,
    "landing s": 1,
    "simulated min": 1,
    "server": 1,
    "answers in s": 2,
}
_WORDS = (
    "warehouse",
    "run",
    "bits",
    "field",
    "pattern",
    "set",
    "rules",
    "engine",
    "method",
    "fact",
    "value",
    "source",
    "stream",
    "command",
)


def as_table(rows: list[dict[str, object]]) -> str:
    """Return rows with the same keys as a Markdown table; figures stand right."""
    names = list(rows[0])
    lines = ["| " + " | ".join(names) + " |", "|" + "|".join("---" if n in _WORDS else "--:" for n in names) + "|"]
    return "\n".join([*lines, *("| " + " | ".join(_shown(n, row[n]) for n in names) + " |" for row in rows)])


def _shown(name: str, value: object) -> str:
    """Return a figure with the digits that mean something."""
    if isinstance(value, float):
        return f"{value:.{_WIDE.get(name, 3)}f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
