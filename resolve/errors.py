"""The one tree of errors.

MeiboError
├── ConfigError        a setting, mapping or model is wrong; carries every mistake found (exit code 2)
├── SchemaError        a frame does not have the columns, types or key it promises (a bug of ours)
├── SourceError        a source could not be read; the others go on (exit code 4)
├── WarehouseError     the warehouse could not be read or written (exit code 1)
├── GateError          a check before publish failed; the old tables stay (exit code 1)
└── LockedError        another run holds the warehouse (exit code 75)

A message says what is wrong, where (source, row key, setting), and what to do next. It never carries personal values.
"""

from collections.abc import Callable, Sequence


def counted(count: int, one: str, many: str = "") -> str:
    """Return a number with its noun as a message says it: `1 row`, `2,000 rows`; `many`: other than `one` with s."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


class MeiboError(Exception):
    """Any error that Meibo explains to a person. It can be sent from one process to another."""

    exit_code = 1
    hidden: BaseException | None = None  # what led to it, where that may hold personal values: for a person alone

    def __reduce__(self) -> tuple[Callable[..., "MeiboError"], tuple[object, ...]]:
        """Return how the error is made again: from its message and what it carries."""
        carried = {name: value for name, value in self.__dict__.items() if name != "hidden"}
        return _made_again, (type(self), self.args, carried)


def _made_again(kind: type[MeiboError], args: tuple[object, ...], carried: dict[str, object]) -> MeiboError:
    """Return an error of another process; whoever made it there has put its message together."""
    error = kind.__new__(kind, *args)
    error.__dict__.update(carried)
    return error


class ConfigError(MeiboError):
    """The configuration is wrong; `mistakes` lists every mistake that was found."""

    exit_code = 2

    def __init__(self, mistakes: Sequence[str] | str) -> None:
        self.mistakes: list[str] = [mistakes] if isinstance(mistakes, str) else list(mistakes)
        super().__init__("\n".join(self.mistakes))


class SchemaError(MeiboError):
    """A frame breaks its schema; `table` names the schema, `columns` the columns at fault."""

    def __init__(self, table: str, message: str, columns: Sequence[str] = ()) -> None:
        self.table = table
        self.columns = list(columns)
        super().__init__(f"{table}: {message}" + (f" ({', '.join(self.columns)})" if columns else ""))


class SourceError(MeiboError):
    """A source could not be read; `source` names it, `hint` says what to do next.

    `is_transient`: it may work in a minute (no connection, an overloaded server), so that a repeat can help.
    """

    exit_code = 4

    def __init__(self, source: str, message: str, hint: str = "", *, is_transient: bool = False) -> None:
        self.source = source
        self.hint = hint
        self.is_transient = is_transient
        super().__init__(f"source {source}: {message}" + (f". {hint}" if hint else ""))


class WarehouseError(MeiboError):
    """The warehouse could not be reached, read or written."""


class GateError(MeiboError):
    """A check before publish failed; `tripped` says which budgets and by how much."""

    def __init__(self, tripped: Sequence[str]) -> None:
        self.tripped = list(tripped)
        super().__init__("\n".join(self.tripped))


class MistakeError(MeiboError):
    """Something that nobody foresaw, told by its kind and place."""


class LockedError(MeiboError):
    """Another run holds the lock of the warehouse."""

    exit_code = 75
