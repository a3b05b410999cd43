"""What a run did, as plain data and as markdown: the same facts for people, programs and Prefect's artifact."""

from dataclasses import asdict
from typing import Any

import pandas as pd

from flows.intake.delta import FIRST
from flows.intake.extract import Extraction
from flows.intake.prepared import Prepared
from flows.publishing.publish import Published
from flows.reports.summary import NOTHING_CHANGED, headline, quarantined, skipped, warnings, why_everything
from flows.reports.unions import count_unions, profile_rows, tell_unions
from flows.run import Run, explain_end
from flows.unify import Unified
from resolve.errors import GateError, counted
from resolve.schema import OPERATIONS, empty

SAMPLES = 5
EVENT_TYPES = ("created", "grown", "shrunk", "merged", "split", "restored", "retired", "erased")
LINK_TYPES = ("auto", "rule", "person", "single")


def describe_run(
    run: Run, extraction: Extraction, prepared: Prepared, unified: Unified, published: Published
) -> dict[str, Any]:
    """Return the facts of a run: status, sources, profiles, links, review pairs, tables, model; no personal values.

    `full` says why a run that was not the first prepared all rows; it is empty where those were that changed.
    """
    counts = unified.counts
    return {
        **describe_start(run, extraction),
        "status": published.status,
        "full": "" if prepared.delta.reason == FIRST else prepared.delta.reason,
        "sources": _sources(extraction, prepared.quarantine),
        "pending": any(c.inserted + c.updated + c.deleted for c in published.changes.values()),
        "profiles": _profiles(unified, published),
        **(count_unions(unified.resolution.events) if unified.resolution is not None else {}),
        "links": {kind: counts.get(f"links_{kind}", 0) for kind in LINK_TYPES},
        "counts": counts,
        "review_pairs": counts.get("review_pairs", 0),
        "skipped": {"keys": counts.get("skipped_keys", 0), "pairs": counts.get("skipped_pairs", 0)},
        "touchpoints": counts.get("touchpoints", 0),
        "touchpoints_unattributed": counts.get("touchpoints_unattributed", 0),
        "samples": _samples(unified),
        "model": {
            "version": unified.chosen.version,
            "origin": unified.chosen.origin,
            "trained_on": unified.chosen.trained_on,
        },
        "tables": {name: asdict(change) for name, change in published.changes.items()},
    }


def describe_start(run: Run, extraction: Extraction) -> dict[str, Any]:
    """Return what is known of a run however it goes on: name, time, what was read, gates, seconds by stage."""
    return {
        "run_id": run.run_id,
        "kind": run.kind,
        "started_at": f"{run.at:%Y-%m-%dT%H:%M:%SZ}",
        "dry_run": run.dry_run,
        "failures": extraction.failures,
        "warnings": [*run.notes.get("begin", ()), *run.notes.get("warnings", ())],
        "gates": run.notes.get("gates", []),
        "seconds": run.progress.seconds,
    }


def describe_failure(run: Run, error: BaseException) -> dict[str, Any]:
    """Return the facts of a run that failed, and why, as `explain_end` tells it."""
    extraction = run.notes.get("extraction") or Extraction()
    rows = _sources(extraction, empty(OPERATIONS["quarantine"]))
    messages = error.tripped if isinstance(error, GateError) else [explain_end(error)]
    return {
        **describe_start(run, extraction),
        "status": "failed",
        "error": type(error).__name__,
        "messages": messages,
        "sources": [row | {"quarantined": r.refused} for row, r in zip(rows, extraction.readings, strict=True)],
    }


def _sources(extraction: Extraction, quarantine: pd.DataFrame) -> list[dict[str, Any]]:
    """Return what was read of each stream, with the open rows of its quarantine by reason."""
    sources = []
    for reading in extraction.readings:
        mine = (quarantine["source"] == reading.source) & (quarantine["stream"] == reading.stream)
        reasons = quarantine.loc[mine, "reason"].value_counts().sort_index()
        sources.append(
            {
                "source": reading.source,
                "stream": reading.stream,
                "read": reading.read,
                "new": reading.new,
                "quarantined": int(mine.sum()),
                "reasons": {str(reason): int(count) for reason, count in reasons.items()},
                "drift": reading.drift,
                "unread": reading.unread,
                "error": reading.error,
            }
        )
    return sources


def _samples(unified: Unified) -> list[dict[str, Any]]:
    """Return the first merges, splits and retirements: golden IDs and numbers of records, nothing of the records."""
    if unified.resolution is None:
        return []
    events = unified.resolution.events
    found = []
    for kind in ("merged", "split", "retired"):
        for row in events[events["type"] == kind].head(SAMPLES * 2).itertuples():
            others = str(row.other_golden_ids).split(",") if row.other_golden_ids else []
            moved = str(row.records).count("\n") + 1 if row.records else 0
            found.append({"type": kind, "golden_id": row.golden_id, "others": others, "records": moved})
    return found


def _profiles(unified: Unified, published: Published) -> dict[str, Any]:
    """Return how many profiles there are and what became of them, with some IDs of merges, splits and retirements."""
    profiles: dict[str, Any] = {"total": unified.counts.get("profiles", 0)}
    if unified.resolution is None:
        return profiles | {"unchanged": profiles["total"]}
    events = unified.resolution.events
    kinds = events["type"].value_counts()
    profiles |= {kind: int(kinds.get(kind, 0)) for kind in EVENT_TYPES if kinds.get(kind, 0)}
    change = published.changes["golden_profile"]
    # what a difference does not touch is not counted row by row
    counts = {"values_changed": change.updated, "unchanged": profiles["total"] - change.inserted - change.updated}
    profiles |= {name: count for name, count in counts.items() if count}
    samples = {
        kind: events.loc[events["type"] == kind, "golden_id"].head(SAMPLES).tolist()
        for kind in ("merged", "split", "retired")
    }
    filled = {kind: ids for kind, ids in samples.items() if ids}
    return profiles | ({"samples": filled} if filled else {})


def to_markdown(facts: dict[str, Any]) -> str:
    """Return the facts of a run as markdown."""
    lines = [
        f"# Run {facts['run_id']}: {headline(facts)}",
        "",
        "| source | stream | read | new | quarantined |",
        "|---|---|--:|--:|--:|",
    ]
    lines += [
        f"| {row['source']} | {row['stream']} | {row['read']} | {row['new']} | {quarantined(row)} |"
        for row in facts["sources"]
    ]
    lines += ["", *(f"- **{failure}**" for failure in facts["failures"]), *(f"- {text}" for text in warnings(facts))]
    if facts["status"] == "unchanged":
        return "\n".join([*lines, "", f"{NOTHING_CHANGED} {facts['profiles']['total']} golden profiles."]) + "\n"
    lines += ["", "| profiles | |", "|---|--:|", *(f"| {name} | {n} |" for name, n in profile_rows(facts))]
    lines += ["", *(f"- {text}" for text in tell_unions(facts))]
    lines += ["", "| links | |", "|---|--:|", *(f"| {kind} | {n} |" for kind, n in facts["links"].items())]
    reviews, model = counted(facts["review_pairs"], "pair"), facts["model"]
    lines += [
        "",
        f"{reviews} to review. Model {model['version']} ({model['origin']}).",
        *([f"{skipped(facts)}."] if facts["skipped"]["keys"] else []),
        *(f"{text}." for text in why_everything(facts)),
    ]
    return "\n".join(lines) + "\n"
