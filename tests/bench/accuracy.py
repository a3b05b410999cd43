"""How right the clusters are, without labels and without settings: `python tests/bench/accuracy.py [SET ...] [--errors]`.

Sets: see labelled.SETS. Each runs through the product's own path, trained on itself without its labels. The table shows
precision, recall and F1 by pairs and by records (B-cubed) after clustering, with what blocking lost; the best stop is
what a stop picked with labels would have gained; households and colleagues are pairs of those
classes a record. `--errors` adds where false merges and missed pairs come from.
"""

import argparse
import json
from pathlib import Path

import pandas as pd
from counting import count_pairs, count_records, pairs_within
from faults import explain_faults
from labelled import SETS, LabelledSet
from path import Outcome, are_candidates, best_stop, run_path
from tables import as_table


def measure(labelled: LabelledSet, outcome: Outcome) -> dict[str, object]:
    """Return the figures of one set by name."""
    truth = labelled.truth.reindex(labelled.counted)
    found = outcome.clusters.reindex(labelled.counted)
    pairs, records = count_pairs(found, truth), count_records(found, truth)
    wanted = pairs_within(truth)
    blocked = are_candidates(outcome, wanted)
    best, at = best_stop(outcome, truth)
    return {
        "set": labelled.name, "records": len(labelled.records), "true pairs": len(wanted),
        "P": pairs.precision, "R": pairs.recall, "F1": pairs.f1, "B3 P": records.precision, "B3 R": records.recall,
        "B3 F1": records.f1, "blocked": blocked.mean() if len(wanted) else 1.0,
        "pairs/record": outcome.candidates / max(len(labelled.records), 1), "best F1": best.f1, "at": at,
        "households": outcome.model.link.sizes.household, "colleagues": outcome.model.link.sizes.colleague,
        "seconds": sum(outcome.seconds.values()),
    }  # fmt: skip


def main() -> None:
    """Measure the named sets, or all, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", choices=[*SETS, []], help="default: all")
    parser.add_argument("--errors", action="store_true", help="say where false merges and missed pairs come from")
    parser.add_argument("--no-train", action="store_true", help="use the shipped model as it is")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    given = parser.parse_args()
    rows = []
    for name in given.sets or SETS:
        try:
            labelled = SETS[name]()
        except FileNotFoundError as missing:
            print(f"{name}: left out, no file {missing.filename}")
            continue
        outcome = run_path(labelled, train=not given.no_train)
        rows.append(measure(labelled, outcome))
        print(as_table(rows[-1:]), flush=True)
        print({stage: round(s, 2) for stage, s in outcome.seconds.items()}, flush=True)
        if given.errors:
            print(explain_faults(labelled, outcome), flush=True)
    if rows:
        print(as_table(rows))
    if given.json:
        given.json.write_text(json.dumps(rows, indent=1), "utf-8")


if __name__ == "__main__":
    pd.set_option("display.width", 200)
    main()
