"""Measure and write docs/benchmarks.md: `python tests/bench/run.py [PART ...] [--quick] [--records N] [--rounds K]`.

Parts: accuracy, speed, growth, standardise, start, pulls, nights, histories; all where none is named. Sections of other parts stay as they were.
Accuracy on labelled sets without labels or settings, beside exact keys and recordlinkage as its manual shows it; speed
beside Splink on seven plain fields (see speed.py for how to name its environment); growth with the number of records;
speed of standardising; how soon a command answers; what full runs and nights of small changes cost; whether nights of
changes end where full runs do, over `--histories N` random histories.
"""

import argparse
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from accuracy import measure
from baselines import exact_keys, plain_recordlinkage
from calibration import DRAWS, check_draws
from counting import count_pairs, count_records
from growth import grow
from histories import run_histories
from labelled import ROOT, SETS, LabelledSet
from nightly_cost import cost
from page import Rows, Section, stamp, write_page
from path import Outcome, run_path
from pull_speed import ACTIVITIES, CONTACTS, measure_pulls
from speed import add_ratios, compare_sides, splink_versions
from standardise_speed import RECORDS, measure_standardising
from start_speed import measure_start
from tables import as_table

TARGET = ROOT / "docs" / "benchmarks.md"
QUICK = ("febrl3", "fake_1000", "ours_1k")


def simpler(labelled: LabelledSet, outcome: Outcome) -> Rows:
    """Return the figures of simpler methods on the same standardised contacts."""
    rows: Rows = []
    truth = labelled.truth.reindex(labelled.counted)
    for method, cluster in (("exact keys", exact_keys), ("recordlinkage, ECM", plain_recordlinkage)):
        found = cluster(outcome.contacts).reindex(labelled.counted)
        pairs, records = count_pairs(found, truth), count_records(found, truth)
        rows.append(
            {
                "set": labelled.name,
                "method": method,
                "P": pairs.precision,
                "R": pairs.recall,
                "F1": pairs.f1,
                "B3 F1": records.f1,
            }
        )
    return rows


def accuracy(names: tuple[str, ...]) -> tuple[Rows, Rows]:
    """Return the figures of the product and of simpler methods, set by set; a set that is not there is left out."""
    ours: Rows = []
    others: Rows = []
    for name in names:
        try:
            labelled = SETS[name]()
        except FileNotFoundError:
            print(f"{name}: left out, its file is not there", flush=True)
            continue
        outcome = run_path(labelled)
        ours.append(measure(labelled, outcome))
        others += simpler(labelled, outcome)
        print(as_table(ours[-1:]), flush=True)
    return ours, others


def measure_accuracy(given: argparse.Namespace) -> list[Section]:
    """Measure the labelled sets."""
    ours, others = accuracy(QUICK if given.quick else tuple(SETS))
    stops, bits = check_draws(("1000:90001:mixed:2",) if given.quick else DRAWS)
    return [(ACCURACY, _ACCURACY, ours), (SIMPLER, _SIMPLER, others), (STOPS, _STOPS, stops), (BITS, _BITS, bits)]


def measure_speed(given: argparse.Namespace) -> list[Section]:
    """Measure both engines in turn."""
    rows = add_ratios(compare_sides(given.records, given.rounds, given.data))
    rounds = "one round" if given.rounds == 1 else f"medians of {given.rounds} rounds"
    words = ", ".join(filter(None, (f"{given.records:,} records", splink_versions(), rounds)))
    return [(SPEED, f"{words}. {_SPEED}", rows)]


def measure_growth(given: argparse.Namespace) -> list[Section]:
    """Measure one size after the other."""
    return [(GROWTH, _GROWTH, grow(given.largest, given.data))]


def measure_standardise(given: argparse.Namespace) -> list[Section]:
    """Measure standardising."""
    most = 0 if given.quick else given.records
    runs, shares = measure_standardising(20_000 if given.quick else RECORDS, most)
    return [(STANDARDISE, _STANDARDISE, runs), (SHARES, _SHARES, shares)]


def measure_starting(given: argparse.Namespace) -> list[Section]:
    """Measure how long commands take to say something."""
    return [(START, _START, measure_start(3 if given.quick else 11))]


def measure_pulling(given: argparse.Namespace) -> list[Section]:
    """Measure first loads of whole systems."""
    pulls = measure_pulls(1_000, 3_000) if given.quick else measure_pulls(CONTACTS, ACTIVITIES)
    return [(PULLS, _PULLS, pulls)]


def measure_nights(given: argparse.Namespace) -> list[Section]:
    """Measure full runs and nights of small changes, on both warehouses."""
    return [(NIGHTS, _NIGHTS, cost((30_000,) if given.quick else (given.records // 10, given.records)))]


def measure_histories(given: argparse.Namespace) -> list[Section]:
    """Run random histories; what differs is printed with its seed."""
    rows, _ = run_histories(given.histories, os.cpu_count() or 1)
    return [(HISTORIES, _HISTORIES, rows)]


PARTS = {
    "accuracy": measure_accuracy,
    "speed": measure_speed,
    "growth": measure_growth,
    "standardise": measure_standardise,
    "start": measure_starting,
    "pulls": measure_pulling,
    "nights": measure_nights,
    "histories": measure_histories,
}


def main() -> None:
    """Measure the named parts, or all; write after each, so that a later failure loses nothing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="default: all")
    parser.add_argument("--quick", action="store_true", help="small sets, 50,000 records, one round")
    parser.add_argument("--records", type=int, default=1_000_000, help="records of the speed comparison")
    parser.add_argument("--rounds", type=int, default=3, help="alternated rounds of the speed comparison")
    parser.add_argument(
        "--largest", type=int, default=1_000_000, help="largest set of the growth table, up to 10,000,000"
    )
    parser.add_argument("--histories", type=int, default=2_000, help="random histories of the equivalence table")
    parser.add_argument("--data", type=Path, help="folder that keeps the plain sets of speed and growth")
    parser.add_argument("--page", type=Path, default=TARGET, help="where to write")
    given = parser.parse_args()
    if given.quick:
        given.records, given.rounds, given.largest = 50_000, 1, 100_000
        given.histories = min(given.histories, 100)
    for part in given.parts or PARTS:
        line = stamp(ROOT)
        write_page(given.page, PARTS[part](given), line, TITLES)
        print(f"{part} written: {given.page}", flush=True)


ACCURACY, SIMPLER = "Accuracy, no labels, no settings", "Simpler methods on the same standardised contacts"
STOPS, BITS = "The default stop on draws that nobody tuned to", "Weights and true shares on these draws"
SPEED, GROWTH = "Speed beside Splink", "Growth"
STANDARDISE, SHARES = "Standardising full Japanese contacts", "Where the time of standardising goes"
START, PULLS, NIGHTS = "How soon a command answers", "Pulling whole systems", "Full runs and nights of changes"
HISTORIES = "Nights of changes beside full runs: random histories"
TITLES = (ACCURACY, SIMPLER, STOPS, BITS, SPEED, GROWTH, STANDARDISE, SHARES, START, PULLS, NIGHTS, HISTORIES)
_ACCURACY = """Pairwise precision, recall and F1 of the clusters, blocking losses counted, and B-cubed (B3). "ours" are draws of
the generator in `tests/bench/generator`. `blocked`: share of true pairs that blocking finds. `best F1` is what a stop picked
with labels would reach, `at` its bits (plain: with one bar for all merges); the product's own stop is 0. Households,
colleagues: pairs of these classes a record. Seconds are CPU seconds of one core."""
_STOPS = """`python tests/bench/calibration.py`. Stops beside the default are picked with labels; `lost` is what the default gives
away, F1. Expected P and pairs are what training says without labels."""
_BITS = """Pairs by match weight: the mean probability that the model gives them, and the share that is one person."""
_SIMPLER = """Exact keys: the same mailbox, or the same number and whole name, closed over chains. recordlinkage: blocks on family
name, mailbox, number and birth date, Jaro-Winkler on names, equality on the rest, its ECM classifier, closed over chains."""
_SPEED = """Seven ASCII fields, the same rules, levels and threshold (`tests/bench/speed_rules.py`), alternated.
In-process: read, train, link, cluster, without imports. Process: everything. Edges: pairs at probability .9 and over.
Load: of the machine when a run ended. Where only one engine is listed, the other was not installed."""
_GROWTH = """Our engine on the seven fields with the tight rules, one process a row. Rules on two fields, and on a mailbox or number,
bring up more pairs a record as a register grows, where names and birth dates repeat: hence somewhat more than linear."""
_STANDARDISE = """Name, reading, birth date, company, e-mail, phone and address in every record (`tests/bench/generator/full.py`), a fresh
process a row. contacts/s/core: CPU seconds, tables of names and places included, packages imported. contacts/s: wall seconds."""
_SHARES = """One process; CPU time inside the functions of a field, tables once."""
_START = """Medians, a fresh process each, in turn; files in the system's cache. Seconds by the clock."""
_PULLS = """First loads from local servers that speak as the vendors do and refuse what is over their stated rates (none was).
rows/s: of one core, the connector alone, HTTP included; landed: with landing in an SQLite file. Simulated minutes are what
the rates cost against a real system, answers that come at once. Peak MB: of the reading process, of which about 160 are
imports."""
_NIGHTS = """Three sources as CSV files, 0.82 events a contact, to published tables; then nights of further files: 60 % of the changed
contacts get another mailbox, number or name, 30 % are new, 10 % deleted, and as large a share of the events changes. `other
fields`: each contact has another time of change, and one in five another job, language or consent, which is no evidence of who
somebody is, and 1 % get back what they had before the first night. Two workers, a process a run. Seconds:
by the clock, after imports; share: of the full run's. server: CPU seconds of PostgreSQL itself, which rests between two runs
(VACUUM, ANALYZE: its own settings do both by the next night). `of smaller`: beside as many changes in the smaller warehouse.
Stages in seconds by the clock."""
_HISTORIES = """`python tests/bench/histories.py`. Inserts, edits, deletes, restores, source merges, judgements and events, three nights a
history. After each night every published table, the identity events and the blocking index of a run that resolved the change
alone are held against those of a full run. Differences: warehouses in which anything was not equal."""


if __name__ == "__main__":
    main()
