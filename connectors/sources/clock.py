"""The clock that readers of web APIs are given: only flows know the real one, tests simulate it."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """`now`: the time, in UTC; `sleep`: waits seconds; `monotonic`: seconds that never go back."""

    now: Callable[[], datetime]
    sleep: Callable[[float], None]
    monotonic: Callable[[], float]


class RateLimit:
    """At most `calls` in any `seconds`: a vendor's own limit, kept so that it need not be enforced against us."""

    def __init__(self, calls: int, seconds: float) -> None:
        self._seconds = seconds
        self._last: deque[float] = deque(maxlen=calls)

    def wait(self, clock: Clock) -> None:
        """Wait until one more call is within the limit, and count it."""
        if len(self._last) == self._last.maxlen:
            free_at = self._last[0] + self._seconds
            pause = free_at - clock.monotonic()
            if pause > 0:
                clock.sleep(pause)
        self._last.append(clock.monotonic())
