"""What an error of a driver means for the person who reads it, without values of rows."""

import re

from sqlalchemy.exc import DataError, DBAPIError

_HINTS = (
    ("unable to open database file", "the file cannot be opened. Check the folder and its permissions"),
    (
        "file is not a database",
        "the file is not a SQLite database. Choose another file for `warehouse`, or restore this one from a backup",
    ),
    ("readonly database", "the file or its folder is not writable. Give this user write access"),
    ("database is locked", "another program is writing to it and did not finish. Try again when it has"),
    ("database or disk is full", "the disk is full. Make room and run again"),
    ("disk i/o error", "the disk is full, or failed to read or write. Make room, or check it"),
    (
        "no transaction is active",
        "the disk is full, or failed to read or write. Make room, or check it",
    ),  # as SQLite ended it
    ("database disk image is malformed", "the file is damaged. Restore it from a backup"),
    ("password authentication failed", "the user name or password is refused. Check them"),
    ("no password supplied", "the server wants a password. Put one into the URL as ${VAR}"),
    ("could not translate host name", "the host name is not known. Check the URL"),
    ("failed to resolve host", "the host name is not known. Check the URL"),
    ("connection refused", "nothing listens at this host and port. Is the server running?"),
    ("no such file or directory", "nothing listens at this socket. Is the server running?"),
    ("timeout expired", "the server did not answer in time. Check host, port and firewall"),
    ("connection timeout", "the server did not answer in time. Check host, port and firewall"),
    ("too many c", "the server has no connection left for this user. Try again later, or raise its limit"),
    ("no schema has been selected", "no schema of the search_path exists, or may be used. Create it, or check the URL"),
    ("does not exist", "the database, schema or role does not exist. Create it, or check the URL"),
    ("permission denied for schema", "this user lacks the rights. Grant it CREATE and USAGE on the schema"),
    ("permission denied", "this user lacks the rights on Meibo's tables. Connect as the one that made them"),
    ("must be owner", "this user lacks the rights on Meibo's tables. Connect as the one that made them"),
    (
        "read-only transaction",
        "the server is a standby, or lets this user read alone. Connect to the one that is written",
    ),
    ("statement timeout", "the server's statement_timeout ended a statement. Raise it for this user, and run again"),
    ("lock timeout", "another session holds a lock on the tables and did not finish. Try again when it has"),
    ("no space left on device", "the server's disk is full. Make room and run again"),
    *(
        (symptom, "the connection to the server was lost. Run again when it is there")
        for symptom in (
            "server closed the connection",
            "connection is lost",
            "terminating connection",
            "connection already closed",
            "is shutting down",
            "is starting up",
            "recovery mode",
        )
    ),
)
# Names of tables and columns in the words of SQLite and of PostgreSQL.
_GONE = (
    re.compile(r"no such (?P<kind>table|column): (?:main\.)?(?P<name>[\w.]+)"),
    re.compile(r"table (?P<table>\w+) has no (?P<kind>column) named (?P<name>\w+)"),
    re.compile(r'(?P<kind>column) "?(?P<name>[\w.]+)"?(?: of relation "(?P<table>\w+)")? does not exist'),
    re.compile(r'(?P<kind>relation) "(?P<name>[\w.]+)" does not exist'),
)
_VALUE = re.compile(r"[:\"'].*", re.DOTALL)


def meaning_of(said: str) -> str | None:
    """Return what a text of a driver means for the person who reads it; None for one that is not known."""
    gone = next(filter(None, (words.search(said) for words in _GONE)), None)
    if gone is not None:
        return _what_is_gone(**gone.groupdict())
    return next((meaning for symptom, meaning in _HINTS if symptom in said.lower()), None)


def reason_of(error: DBAPIError) -> str:
    """Return what a driver error means for the person who reads it, without values of rows."""
    meaning = meaning_of(str(error.orig))
    if meaning is not None:
        return meaning
    diag = getattr(error.orig, "diag", None)
    primary = getattr(diag, "message_primary", None)
    detail = primary or (str(error.orig).splitlines() or [""])[0]
    if isinstance(error, DataError):  # it quotes the value that a column could not take
        detail = _VALUE.sub("", detail)
    return f"{type(error.orig).__name__}: {detail}"


def _what_is_gone(kind: str, name: str, table: str | None = None) -> str:
    """Return what to do about a table or column that a statement did not find."""
    named = f"{kind.replace('relation', 'table')} {table + '.' if table else ''}{name}"
    return (
        f"the {named} is not there: no run has made Meibo's tables yet, or somebody "
        "dropped it. Run `meibo nightly` first: it makes them, or names all that is missing"
    )
