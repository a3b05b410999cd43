"""The real clock, for sources that have to wait for a server."""

import time
from datetime import UTC, datetime

from connectors.sources.clock import Clock

CLOCK = Clock(now=lambda: datetime.now(UTC), sleep=time.sleep, monotonic=time.monotonic)
