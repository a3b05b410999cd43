"""Debug logs of the HTTP library without queries, which hold credentials of a login and values of rows."""

import logging
import re

_LOGGERS = ("urllib3.connectionpool", "urllib3.util.retry")
_QUERY = re.compile(r"\?[^\s'\")]*")


class _NoQuery(logging.Filter):
    """Puts `?…` for the query of every address in a record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record; never drop it."""
        text = record.getMessage()
        if "?" in text:
            record.msg, record.args = _QUERY.sub("?…", text), ()
        return True


_NO_QUERY = _NoQuery()


def hide_queries() -> None:
    """Keep queries out of the library's logs, whatever level and handlers the process has; again is the same."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_NO_QUERY)
