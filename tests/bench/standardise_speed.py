"""Speed of standardising full Japanese contacts: `python tests/bench/standardise_speed.py [--records N] [--memory N]`.

Each run is a fresh process. Its seconds are CPU seconds of the main process from the first call on, tables of names and
places included; they are also shown apart. The share of a field is the time inside the functions of that field.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from speed_rules import peak_gb

if TYPE_CHECKING:
    import pandas as pd
    from speed import Run

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

RECORDS = 100_000
_FIELDS = {
    "address_row": "address",
    "email_row": "e-mail",
    "phone_row": "phone",
    "date_row": "birth date",
    "corporate_row": "company",
    "company_row": "company",
    "start_names": "name",
    "clean_cell": "company",
    "see_countries": "country",
    "hash_records": "content hash",
    "encode": "distinct values",
}


def measure_standardising(records: int, memory: int = 0) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Return the table of runs (one process, two, and `memory` contacts where asked) and the table of shares."""
    from speed import (
        time_run,
    )  # worker processes import this module: what they do not need is imported where it is used

    rows: list[dict[str, object]] = []
    shares: list[dict[str, object]] = []
    for asked, workers in ((records, 1), (records, 2), (memory, 2)):
        if not asked:
            continue
        with tempfile.TemporaryDirectory() as name:
            data = Path(name) / "full.parquet"
            draw_records(asked).to_parquet(data)
            run = time_run(sys.executable, Path(__file__).name, ["--run", str(data), "--workers", str(workers)])
        rows.append(_row(run, workers))
        shares = shares or [
            {"field": field.removeprefix("in "), "µs/contact": seconds / run["contacts"] * 1e6, "share": seconds / run["cold"]}
            for field, seconds in run.items()
            if field.startswith("in ")
        ]  # fmt: skip
        print(rows[-1], flush=True)
    return rows, shares


def draw_records(records: int) -> "pd.DataFrame":
    """Return about `records` full Japanese contacts (SOURCE_RECORDS)."""
    import pandas as pd
    from generator.full import full_contacts

    return pd.concat([pd.DataFrame(block) for block in full_contacts(records)], ignore_index=True)


def _row(run: "Run", workers: int) -> dict[str, object]:
    """Return one line of the table of runs."""
    return {
        "contacts": int(run["contacts"]), "workers": workers, "tables s": run["tables"], "seconds": run["wall"],
        "CPU s": run["cpu"], "contacts/s/core": int(run["contacts"] / run["cold"]) if workers == 1 else "",
        "contacts/s": int(run["contacts"] / run["wall"]), "peak GB": run["peak_gb"], "input GB": run["input_gb"],
    }  # fmt: skip


class _Stopwatch:
    """Adds up the CPU seconds of functions by the field they serve."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def watch(self, module: Any, name: str) -> None:
        """Time the calls of a module's function, and those of a function that it gives back.

        The field is told by its first argument or by its own name.
        """
        function: Callable[..., Any] = getattr(module, name)

        def timed(*args: Any, **kwargs: Any) -> Any:
            field = _FIELDS.get(name) or _FIELDS.get(getattr(args[0], "__name__", ""), "flags and times")
            result = self._call(field, lambda: function(*args, **kwargs))
            return (lambda: self._call(field, result)) if callable(result) else result

        setattr(module, name, timed)

    def _call(self, field: str, function: Callable[[], Any]) -> Any:
        """Return what a function returns and add its time to a field."""
        began = time.process_time()
        result = function()
        self.seconds[field] = self.seconds.get(field, 0.0) + time.process_time() - began
        return result


def run_once(data: Path, workers: int) -> None:
    """Standardise a file and print the figures as JSON."""
    import pandas as pd

    from resolve.standardise import contact

    records = pd.read_parquet(data)
    held = peak_gb()
    began, wall = time.process_time(), time.perf_counter()
    contact.standardise_contacts(records.head(200))  # reads the tables of names and places
    tables = time.process_time() - began
    watch = _Stopwatch()
    for name in ("start_distinct", "start_names", "map_codes", "see_countries", "hash_records", "encode", "read_times"):
        watch.watch(contact, name)
    contact.standardise_contacts(records, workers=workers)
    cold = time.process_time() - began
    spent = watch.seconds | {"tables": tables}
    spent["rest"] = cold - sum(spent.values())
    print(json.dumps({
        "contacts": len(records), "tables": tables, "cold": cold, "wall": time.perf_counter() - wall, "peak_gb": peak_gb(),
        "input_gb": held, **{f"in {field}": seconds for field, seconds in spent.items()},
    }))  # fmt: skip


def main() -> None:
    """Measure and print, or be one of the processes."""
    from tables import as_table

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=RECORDS)
    parser.add_argument("--memory", type=int, default=0, help="contacts of a third run, whose peak memory counts")
    parser.add_argument("--run", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--workers", type=int, default=1, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.run:
        run_once(given.run, given.workers)
        return
    for table in measure_standardising(given.records, given.memory):
        print(as_table(table))


if __name__ == "__main__":
    main()
