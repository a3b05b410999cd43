"""Defaults of the process environment that have to stand before Prefect is imported.

A fresh machine needs no settings: values already in the environment win over every default here.
"""

import os

PREFECT_DEFAULTS = {
    # The server's own usage report also races its first migration: off, as on any machine without a network.
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    # The temporary server needs 10 to 20 seconds on two cores; Prefect gives up after 20.
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
    # Errors are explained once, by the command line; a traceback from the engine would be the second time.
    "PREFECT_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_SERVER_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
}


def set_prefect_defaults(debug: bool = False) -> None:
    """Set every default that the environment does not set itself; `debug` lets Prefect log as it likes."""
    for name, value in PREFECT_DEFAULTS.items():
        if not (debug and name.endswith("LEVEL")):
            os.environ.setdefault(name, value)
