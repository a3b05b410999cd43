"""One run of our engine on the plain set: `python speed_ours.py DATA.parquet OUT.parquet tight|loose`.

Prints the same JSON object as speed_splink.py. The fields go through the comparisons for columns of any kind, with the same
levels, rules and threshold; training and clusters are the product's own.
"""

import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from speed_rules import FIELDS, LINK, RULES, peak_gb

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

if TYPE_CHECKING:
    from resolve.link.encode import Encoded
    from resolve.model import MatchModel

WORKERS = os.cpu_count() or 1
MANY_VALUES = ("phone", "email")  # nearly one a person: a dictionary in the file would save nothing


def plain_model(mode: str) -> "MatchModel":
    """Return a model of the seven fields and the rules of a mode, with cautious starting values."""
    from resolve.golden.thresholds import Thresholds
    from resolve.link.rules import BlockingRule, Comparison, LinkRules
    from resolve.link.rules_text import levels_of
    from resolve.model import MatchModel

    compared = []
    for name, (kind, cuts, frequency) in FIELDS.items():
        levels = levels_of(kind, tuple(float(cut) for cut in cuts))
        between = len(levels) - 2
        match = (0.85, *(0.1 / between,) * between, 0.05) if between else (0.95, 0.05)
        other = (0.001, *(0.004,) * between, 0.999 - 0.004 * between)
        thresholds = tuple(float(cut) for cut in cuts)
        columns = (f"x_{name}",)
        compared.append(
            Comparison(
                name, kind, columns, levels, match, other, other, other, frequency=frequency, thresholds=thresholds
            )
        )
    blocking = tuple(BlockingRule(" ".join(rule), tuple(f"x_{name}" for name in rule), 10_000) for rule in RULES[mode])
    return MatchModel(LinkRules(blocking, tuple(compared), floor=0.0), Thresholds(), ())


def read_contacts(path: str) -> "Encoded":
    """Return the contacts of a Parquet file as dictionaries, those of the file kept; columns are read side by side."""
    import pyarrow as pa
    import pyarrow.parquet

    from resolve.link.encode import Encoded
    from resolve.link.workers import in_turn

    def read(name: str) -> pa.ChunkedArray:
        kept = [] if name in MANY_VALUES or name == "unique_id" else [name]
        file = pyarrow.parquet.ParquetFile(path, memory_map=True, read_dictionary=kept)
        column = file.read(columns=[name], use_threads=False).column(0)
        return column.dictionary_encode() if name in MANY_VALUES else column

    names = ["unique_id", *FIELDS]
    dear_first = sorted(names, key=lambda name: name not in MANY_VALUES)
    columns = dict(zip(dear_first, in_turn(read, dear_first, WORKERS), strict=True))
    table = pa.table([columns.pop(name) for name in names], ["contact_id", *(f"x_{name}" for name in FIELDS)])
    contacts = Encoded(table)
    del table
    contacts.encode((f"x_{name}" for name in FIELDS), workers=WORKERS)
    return contacts


def main() -> None:
    """Read, train, link, cluster, write."""
    data, out, mode = sys.argv[1:4]
    begun = time.perf_counter()
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet

    from resolve.golden.components import Edges, cluster_rows
    from resolve.link.buffers import int_array
    from resolve.link.engine import link_contacts
    from resolve.quality.train import train_model

    imported = time.perf_counter()
    contacts = read_contacts(data)
    read = time.perf_counter()
    model, _ = train_model(contacts, plain_model(mode), seed=1, workers=WORKERS)
    trained = time.perf_counter()
    scored = link_contacts(contacts, model.link, workers=WORKERS).scored
    linked = time.perf_counter()
    stop = float(np.log2(LINK / (1 - LINK)))
    edges = Edges(scored.left, scored.right, scored.weight)
    found = cluster_rows(len(contacts), edges, stop=stop, unmet=model.thresholds.unmet)
    clusters = pa.DictionaryArray.from_arrays(int_array(found), contacts.keys)
    ended = time.perf_counter()
    pyarrow.parquet.write_table(pa.table({"unique_id": contacts.keys, "cluster_id": clusters.dictionary_decode()}), out)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({
        "imports": imported - begun, "work": ended - imported, "read": read - imported, "train": trained - read,
        "pairs": linked - trained, "cluster": ended - linked, "cpu": usage.ru_utime + usage.ru_stime,
        "peak_gb": peak_gb(), "edges": int((scored.weight >= stop).sum()),
    }))  # fmt: skip


if __name__ == "__main__":
    main()
