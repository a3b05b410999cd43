"""How time and memory grow with the number of records: our engine on the plain set, one process a size."""

import sys
import tempfile
from pathlib import Path

from generator.plain import plain_blocks
from generator.write import write_blocks
from speed import time_run

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)


def grow(largest: int) -> list[dict[str, object]]:
    """Return one row a size up to `largest`: seconds, CPU seconds, peak memory, edges."""
    rows: list[dict[str, object]] = []
    for size in (size for size in SIZES if size <= largest):
        with tempfile.TemporaryDirectory() as name:
            data, out = Path(name) / "plain.parquet", Path(name) / "clusters.parquet"
            write_blocks(({"plain": block} for block in plain_blocks(size, seed=2)), Path(name), "parquet")
            run = time_run(sys.executable, "speed_ours.py", [str(data), str(out), "tight"])
        rows.append({
            "records": size, "in-process s": run["work"], "process s": run["process"], "CPU s": run["cpu"],
            "µs/record": 1e6 * run["work"] / size, "peak GB": run["peak_gb"], "edges": int(run["edges"]),
        })  # fmt: skip
        print(rows[-1], flush=True)
    return rows
