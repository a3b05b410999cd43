"""One run of our engine on the plain set: `python speed_ours.py DATA.parquet OUT.parquet tight|loose`.

Prints the same JSON object as speed_splink.py. The fields go through the comparisons for columns of any kind, with the same
levels, rules and threshold; training and clusters are the product's own.
"""

import json
import resource
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from speed_rules import FIELDS, LINK, RULES, peak_gb

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

if TYPE_CHECKING:
    from resolve.model import MatchModel


def plain_model(mode: str) -> "MatchModel":
    """Return a model of the seven fields and the rules of a mode, with cautious starting values."""
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
    shipped = MatchModel.shipped()
    return replace(shipped, link=LinkRules(blocking, tuple(compared), shipped.link.sizes, 0.0))


def main() -> None:
    """Read, train, link, cluster, write."""
    data, out, mode = sys.argv[1:4]
    begun = time.perf_counter()
    import numpy as np
    import pandas as pd
    import pyarrow.parquet

    from resolve.golden.cluster import cluster_contacts
    from resolve.golden.judge import judge_pairs
    from resolve.link.engine import link_contacts
    from resolve.quality.train import train_model
    from resolve.schema import empty
    from resolve.schema.frames import JUDGEMENTS

    imported = time.perf_counter()
    table = pyarrow.parquet.read_table(data, columns=["unique_id", *FIELDS])
    contacts = table.to_pandas().rename(columns={"unique_id": "contact_id"} | {name: f"x_{name}" for name in FIELDS})
    names = [f"{side}_{part}" for side in ("family", "given") for part in ("key", "variants", "readings", "script")]
    contacts = contacts.assign(
        **dict.fromkeys([*names, "reading_source", "name_key", "party_type", "email_keys", "phone_keys"])
    )
    read = time.perf_counter()
    model, _ = train_model(contacts, plain_model(mode), seed=1)
    trained = time.perf_counter()
    linkage = link_contacts(contacts, model.link)
    linked = time.perf_counter()
    nothing = pd.DataFrame({"contact_id_l": [], "contact_id_r": [], "rule": []}, dtype=object)
    verdicts = judge_pairs(linkage.pairs, empty(JUDGEMENTS), nothing, model.thresholds)
    stop = float(np.log2(LINK / (1 - LINK)))
    found = cluster_contacts(contacts["contact_id"].tolist(), verdicts, stop=stop, unmet=model.thresholds.unmet)
    ended = time.perf_counter()
    found[["contact_id", "cluster_id"]].rename(columns={"contact_id": "unique_id"}).to_parquet(out)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({
        "imports": imported - begun, "work": ended - imported, "read": read - imported, "train": trained - read,
        "pairs": linked - trained, "cluster": ended - linked, "cpu": usage.ru_utime + usage.ru_stime,
        "peak_gb": peak_gb(), "edges": int((linkage.pairs["match_probability"] >= LINK).sum()),
    }))  # fmt: skip


if __name__ == "__main__":
    main()
