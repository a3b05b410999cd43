"""Is a weight what it says, and is the default stop the right one? `python tests/bench/calibration.py [DRAW ...]`.

A draw of our own generator is PEOPLE:SEED[:LOCALE[:NOISE]], as in 3000:7:mixed:2; without any, four that nobody has
tuned to. The tables show, for each draw, F1 at the default stop beside the best one, with what the model expected; and
the share of true pairs against the predicted probability, by bits.
"""

import argparse
from collections.abc import Sequence

import pandas as pd
from counting import count_pairs, count_records, pairs_within
from labelled import LabelledSet, our_draw
from page import Rows
from path import Outcome, best_stop, run_path
from tables import as_table

from resolve.quality.calibration import calibrate

DRAWS = ("3700:90001:mixed:2", "9000:90002:mixed:1", "4500:90003:ja:2", "6200:90004:en:1")


def judged_pairs(labelled: LabelledSet, outcome: Outcome) -> pd.DataFrame:
    """Return the scored pairs of counted contacts with `same`: whether they are one entity."""
    pairs = outcome.scored
    counted = pairs["contact_id_l"].isin(labelled.counted) & pairs["contact_id_r"].isin(labelled.counted)
    pairs = pairs[counted]
    left = pairs["contact_id_l"].map(labelled.truth).to_numpy()
    return pairs.assign(same=left == pairs["contact_id_r"].map(labelled.truth).to_numpy())


def by_bits(pairs: pd.DataFrame) -> list[dict[str, object]]:
    """Return one row a range of bits: pairs, mean predicted probability, share that is true."""
    bins = calibrate(pairs["match_weight"].to_numpy(), pairs["same"].to_numpy())
    return [
        {"bits": f"{'' if b.low is None else b.low} .. {'' if b.high is None else b.high}", "pairs": b.pairs,
         "predicted": b.predicted, "true share": b.true}
        for b in bins
    ]  # fmt: skip


def by_stop(labelled: LabelledSet, outcome: Outcome) -> dict[str, object]:
    """Return the figures at the default stop beside those at the best one, and what the model expected."""
    truth = labelled.truth.reindex(labelled.counted)
    found = outcome.clusters.reindex(labelled.counted)
    now, (best, at) = count_pairs(found, truth), best_stop(outcome, truth)
    return {
        "set": labelled.name, "records": len(labelled.records), "P": now.precision, "R": now.recall, "F1": now.f1,
        "B3 F1": count_records(found, truth).f1, "best F1": best.f1, "at": at,
        "lost": best.f1 - now.f1, "expected P": outcome.report["expected_precision"],
        "expected pairs": round(outcome.model.link.sizes.match * len(outcome.contacts)), "true pairs": len(pairs_within(truth)),
    }  # fmt: skip


def by_pattern(pairs: pd.DataFrame, top: int = 25) -> list[dict[str, object]]:
    """Return the patterns on which prediction and truth part most, by number of pairs judged wrongly on balance."""
    rows: list[dict[str, object]] = []
    for pattern, group in pairs.groupby("pattern"):
        predicted, true = float(group["match_probability"].sum()), int(group["same"].sum())
        rows.append({"pattern": pattern, "pairs": len(group), "expected": round(predicted, 1), "are true": true,
                     "bits": float(group["match_weight"].median()), "off": true - predicted})  # fmt: skip
    return sorted(rows, key=lambda row: -abs(float(str(row["off"]))))[:top]


def check_draws(draws: Sequence[str]) -> tuple[Rows, Rows]:
    """Return the figures of each draw at its stops, and its weights against the truth."""
    stops: Rows = []
    bits: Rows = []
    for text in draws:
        labelled = read_draw(text)
        outcome = run_path(labelled)
        stops.append(by_stop(labelled, outcome))
        bits += [{"set": labelled.name, **row} for row in by_bits(judged_pairs(labelled, outcome))]
        print(as_table(stops[-1:]), flush=True)
    return stops, bits


def read_draw(text: str) -> LabelledSet:
    """Return the draw that PEOPLE:SEED[:LOCALE[:NOISE]] names."""
    given = text.split(":")
    people, seed, locale, noise = given + ["1", "mixed", "1"][len(given) - 1 :]
    return our_draw(int(people), int(seed), locale, float(noise))


def main() -> None:
    """Measure the draws and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("draws", nargs="*", help="PEOPLE:SEED[:LOCALE[:NOISE]]")
    stops, bits = check_draws(parser.parse_args().draws or DRAWS)
    print(f"\n{as_table(bits)}\n\n{as_table(stops)}")


if __name__ == "__main__":
    main()
