"""What views say differently in SQLite and in PostgreSQL."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """Expressions on times in the words of one dialect: `sqlite` or `postgresql`."""

    dialect: str

    def seconds(self, start: str, end: str) -> str:
        """Return the seconds from one time to another, to the millisecond."""
        if self.dialect == "sqlite":
            return f"ROUND((JULIANDAY({end}) - JULIANDAY({start})) * 86400.0, 3)"
        return f"CAST(EXTRACT(EPOCH FROM ({end} - {start})) AS DOUBLE PRECISION)"

    def day(self, time: str) -> str:
        """Return the day of a time in UTC as an ISO date."""
        if self.dialect == "sqlite":
            return f"SUBSTR({time}, 1, 10)"
        return f"TO_CHAR({time} AT TIME ZONE 'UTC', 'YYYY-MM-DD')"

    def real(self, number: str) -> str:
        """Return a number as a floating-point one."""
        return f"CAST({number} AS DOUBLE PRECISION)"
