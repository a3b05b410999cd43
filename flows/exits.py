"""The exit codes of the command line, and what each means (errors carry their own: see `resolve.errors`)."""

OK = 0
FAILED = 1  # a run or a gate failed; the published tables are as before
USAGE = 2  # a wrong option, setting or mapping
PENDING = 3  # changes are pending; only with --detailed-exitcode
PARTIAL = 4  # finished without some source
LOCKED = 75  # another run holds the warehouse; try again later
INTERRUPTED = 130  # stopped from the keyboard
TERMINATED = 143  # stopped by SIGTERM
