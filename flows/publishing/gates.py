"""Gates before publishing: what a run would change, against the budgets of the settings.

Everything is judged on the run's identity events, the profiles it would write, and its ledger; never on whole tables.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from connectors.settings.gates import ALL, GATES, GateSettings
from connectors.warehouse.runs import largest_profile, last_counts, load_ledgers, published_runs
from flows.run import Run
from resolve.errors import GateError, counted

HISTORY = 7  # published runs whose ledgers say how many rows a stream usually has
EVENTS = {"merged_profiles": "merged away", "split_profiles": "split", "retired_profiles": "retired"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One gate, of the whole run or of one stream (`subject`), and how it stands.

    `value` and `limit` are shares or times as in the settings; `count` is how many records, profiles or rows.
    status: passed, tripped or accepted.
    """

    gate: str
    subject: str
    status: str
    value: float
    limit: float
    count: int
    text: str


@dataclass(frozen=True, slots=True)
class Before:
    """What the last published run left: counts by name, records of the largest profile, ledgers, newest run first."""

    counts: dict[str, int]
    largest: int
    runs: list[str]
    ledgers: pd.DataFrame


@dataclass(frozen=True, slots=True)
class Night:
    """What this run would publish: identity_event rows, golden_profile rows that it writes or looked at, run_ledger."""

    events: pd.DataFrame
    profiles: pd.DataFrame
    ledger: pd.DataFrame


def check_gates(conn: Connection, run: Run, night: Night) -> None:
    """Note how every gate stands in `run.notes`; raise GateError when one is over budget and nobody accepted it.

    A first run has no history and passes. In a dry run nothing is raised: the findings tell.
    """
    before = load_before(conn)
    findings = judge_gates(run.settings.gates, before, night, run.accept) if before else []
    run.notes["gates"] = [asdict(finding) for finding in findings]
    tripped = [finding for finding in findings if finding.status == "tripped"]
    if tripped and not run.dry_run:
        raise GateError([*(finding.text for finding in tripped), how_to_accept(tripped)])


def how_to_accept(tripped: list[Finding]) -> str:
    """Return what to do about tripped gates."""
    names = " ".join(f"--accept-gate {name}" for name in dict.fromkeys(finding.gate for finding in tripped))
    return (
        "nothing was published. Look with `meibo nightly --dry-run`; if it is as it should be, publish it with "
        f"`meibo nightly {names}` (or --accept-gates), or widen the budget under `gates` in meibo.yaml"
    )


def load_before(conn: Connection) -> Before | None:
    """Return what the last published run left, None before the first."""
    runs = published_runs(conn, HISTORY)
    if not runs:
        return None
    return Before(last_counts(conn), largest_profile(conn), runs, load_ledgers(conn, runs))


def judge_gates(
    settings: GateSettings, before: Before, night: Night, accept: frozenset[str] = frozenset()
) -> list[Finding]:
    """Return how every gate stands that is not off and has something to compare with, in the order of the settings."""
    found = [*_identities(before, night), *_largest(before, night), *_streams(before, night)]
    judged = [_judge(settings, accept, row) for row in found if getattr(settings, row[0]) is not None]
    return sorted(judged, key=lambda finding: (GATES.index(finding.gate), finding.subject))


Measured = tuple[str, str, float, int, str]  # gate, subject, value, count, text


def _judge(settings: GateSettings, accept: frozenset[str], measured: Measured) -> Finding:
    """Return one measurement with its verdict."""
    gate, subject, value, count, text = measured
    limit = float(getattr(settings, gate))
    is_over = value > limit and count > settings.floor
    status = ("accepted" if accept & {gate, ALL} else "tripped") if is_over else "passed"
    budget = f"{limit:g} times" if gate in ("largest_profile", "row_growth") else f"{limit:.1%}"
    where = f"{gate} ({subject})" if subject else gate
    return Finding(gate, subject, status, round(value, 6), limit, count, f"{where}: {text}; the budget is {budget}")


def _identities(before: Before, night: Night) -> list[Measured]:
    """Return shares of records and profiles that came under another ID."""
    contacts, profiles = before.counts.get("contacts", 0), before.counts.get("profiles", 0)
    rekeyed = count_rekeyed(night.events)
    found: list[Measured] = []
    if contacts:
        share = rekeyed / contacts
        found.append(("rekeyed_records", "", share, rekeyed, _of(rekeyed, contacts, "records get another golden ID")))
    living = set(night.profiles["golden_id"])
    for gate, words in EVENTS.items() if profiles else ():
        kind = gate.partition("_")[0]
        ids = set(night.events.loc[night.events["type"] == kind, "golden_id"])
        count = len(ids - living) if kind == "merged" else len(ids)
        found.append((gate, "", count / profiles, count, _of(count, profiles, f"profiles are {words}")))
    return found


def count_rekeyed(events: pd.DataFrame) -> int:
    """Return how many records leave one golden ID and join another: they are `-` in one event and `+` in another."""
    records = events["records"].dropna().str.split("\n").explode()
    left = set(records[records.str.startswith("-")].str[1:])
    return len(left & set(records[records.str.startswith("+")].str[1:])) if left else 0


def _largest(before: Before, night: Night) -> list[Measured]:
    """Return how many times the records of the largest profile grow."""
    if not before.largest or night.profiles.empty:
        return []
    now = int(night.profiles["record_count"].max())
    text = f"the largest profile has {counted(now, 'record')}, before it was {before.largest:,}"
    return [("largest_profile", "", now / before.largest, now, text)]


def _streams(before: Before, night: Night) -> list[Measured]:
    """Return rows and quarantine of each stream against its own history; a stream without any is left out.

    One that the last run had and this one does not read has lost all its rows.
    """
    past = before.ledgers.assign(living=_living(before.ledgers))
    newest = past[past["run_id"] == before.runs[0]].set_index(["source", "stream"])
    usual = past[past["living"] > 0].groupby(["source", "stream"])["living"].median()
    found: list[Measured] = []
    for row in night.ledger.assign(living=_living(night.ledger)).to_dict("records"):
        key, subject, now = (row["source"], row["stream"]), f"{row['source']}.{row['stream']}", int(row["living"])
        if key not in usual.index:
            continue
        typical = int(usual[key])
        text = f"{counted(now, 'row')}, usually {typical:,}"
        found.append(("row_drop", subject, max(typical - now, 0) / typical, max(typical - now, 0), text))
        found.append(("row_growth", subject, now / typical, max(now - typical, 0), text))
        if key in newest.index:
            found.append(_quarantine(subject, newest.loc[key].to_dict(), row))
    read = set(zip(night.ledger["source"], night.ledger["stream"], strict=True))
    for source, stream in [key for key in newest.index if key not in read]:
        rows = int(newest.loc[(source, stream), "living"])
        leave = counted(rows, "row leaves", "rows leave")
        text = f"it is no longer in the settings, and all its {leave} the published tables"
        found.append(("row_drop", f"{source}.{stream}", 1.0, rows, text))
    return found


def _quarantine(subject: str, old: Mapping[Any, int], new: Mapping[Any, int]) -> Measured:
    """Return by how much the share of a stream's rows in quarantine rose."""
    shares = [row["quarantined_count"] / max(row["row_count"], 1) for row in (old, new)]
    rose = max(int(new["quarantined_count"] - old["quarantined_count"]), 0)
    held = counted(int(new["quarantined_count"]), "row is", "rows are")
    text = f"{held} in quarantine, {shares[1]:.1%} of all, before {shares[0]:.1%}"
    return "quarantine_rise", subject, max(shares[1] - shares[0], 0.0), rose, text


def _living(ledger: pd.DataFrame) -> pd.Series:
    """Return how many rows of each stream its source still has."""
    return ledger["row_count"] - ledger["deleted_count"] - ledger["erased_count"]


def _of(count: int, total: int, text: str) -> str:
    """Return `120 of 3,000 …, 4.0%`."""
    return f"{count:,} of {total:,} {text}, {count / total:.1%}"
