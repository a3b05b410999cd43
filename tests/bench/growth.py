"""How time and memory grow with the number of records: our engine on the plain set, one process a size."""

import sys
import tempfile
from pathlib import Path

from generator.plain_file import plain_file
from speed import time_run

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)


def grow(largest: int, folder: Path | None = None) -> list[dict[str, object]]:
    """Return one row a size up to `largest`: seconds, CPU seconds, peak memory, edges. Sets are kept in a folder."""
    rows: list[dict[str, object]] = []
    for size in (size for size in SIZES if size <= largest):
        with tempfile.TemporaryDirectory() as name:
            data, out = plain_file(folder or Path(name), size, seed=2), Path(name) / "clusters.parquet"
            run = time_run(sys.executable, "speed_ours.py", [str(data), str(out), "tight"])
        rows.append({
            "records": size, "in-process s": run["work"], "process s": run["process"], "CPU s": run["cpu"],
            "µs/record": 1e6 * run["work"] / size, "peak GB": run["peak_gb"], "edges": int(run["edges"]),
        })  # fmt: skip
        print(rows[-1], flush=True)
    return rows
