"""The report of a run as a page that stands alone: one file, no script, nothing loaded from elsewhere."""

from collections.abc import Sequence
from html import escape
from importlib import resources
from pathlib import Path
from string import Template
from typing import Any

from sqlalchemy import Connection

from connectors.warehouse.dialects import masked
from connectors.warehouse.shapes import largest_profiles, size_profiles, weigh_pairs
from flows.files import replacing
from flows.reports import sections as parts
from flows.reports.summary import warnings

TONES = {
    "succeeded": "good",
    "unchanged": "calm",
    "partial": "warn",
    "failed": "bad",
    "cut off": "bad",
    "running": "calm",
}


def write_page(conn: Connection, run: dict[str, Any], target: Path) -> None:
    """Write the page of a run (see `flows.reports.runs.read_run`); the file is replaced at once. Raises ConfigError."""
    shapes = {"weights": weigh_pairs(conn), "sizes": size_profiles(conn), "largest": largest_profiles(conn)}
    text = render_page(run, shapes, masked(conn.engine))
    with replacing(target) as beside:
        beside.write_text(text, encoding="utf-8", newline="\n")


def render_page(run: dict[str, Any], shapes: dict[str, Any], warehouse: str) -> str:
    """Return the page: the run as it was reported, and the shape of what the warehouse holds now."""
    report = run["report"] or {}
    is_changed = run["status"] != "unchanged"
    cards = [
        parts.figures(report) if "profiles" in report else "",
        "" if is_changed else parts.unchanged(),
        parts.sources(report, run["ledger"]) if report.get("sources") else "",
        parts.gates(report["gates"]) if is_changed and (report.get("gates") or "profiles" in report) else "",
        parts.funnel(report) if is_changed and "counts" in report else "",
        parts.weights(shapes["weights"]),
        parts.sizes(shapes["sizes"]),
        parts.largest(shapes["largest"]),
        parts.samples(report) if is_changed and "profiles" in report else "",
        parts.stages(report["seconds"]) if report.get("seconds") else "",
    ]
    top = _head(run) + _alert(run, report) + _notice(report)
    body = top + f'<div class="grid">{"".join(cards)}</div>' + _foot(run, warehouse)
    template = Template((resources.files("flows.reports") / "page.html").read_text("utf-8"))
    return template.substitute(title=f"Meibo run {escape(run['run_id'])}", body=body)


def _head(run: dict[str, Any]) -> str:
    """Return the headline: which run, when, how it ended."""
    tone = TONES.get(run["status"], "calm")
    took = "" if run["seconds"] is None else f" · {run['seconds']:,.1f} s"
    return (
        f'<header><p class="brand">Meibo 名簿 · {escape(run["kind"])} run</p>'
        f'<h1>{run["started_at"]:%-d %B %Y, %H:%M} UTC<span class="pill {tone}">{escape(run["status"])}</span></h1>'
        f'<p class="meta"><code>{escape(run["run_id"])}</code>{took}</p></header>'
    )


def _alert(run: dict[str, Any], report: dict[str, Any]) -> str:
    """Return what went wrong, if anything did."""
    messages = report.get("messages") or report.get("failures") or ([run["message"]] if run["message"] else [])
    if not messages:
        return ""
    failed = run["status"] in ("failed", "cut off")
    title = "The run failed; the published tables are as before" if failed else "Finished without some source"
    return _list("alert", title, messages)


def _notice(report: dict[str, Any]) -> str:
    """Return what the run warned of, if it did."""
    found = warnings(report)
    return _list("notice", "Worth a look", found) if found else ""


def _list(kind: str, title: str, messages: Sequence[object]) -> str:
    """Return messages below each other, in a section of a kind."""
    listed = "".join(f"<li>{_with_code(str(message))}</li>" for message in messages)
    return f'<section class="{kind}"><h2>{title}</h2><ul>{listed}</ul></section>'


def _with_code(message: str) -> str:
    """Return a message in which what stands between backticks is set as code."""
    pieces = escape(message).split("`")
    return "".join(f"<code>{piece}</code>" if place % 2 else piece for place, piece in enumerate(pieces))


def _foot(run: dict[str, Any], warehouse: str) -> str:
    """Return model, version and warehouse."""
    model = f"Model {escape(run['model_version'])}. " if run["model_version"] else ""
    return (
        f"<footer>{model}Meibo {escape(str(run['meibo_version']))}. Warehouse {escape(warehouse)}. "
        "Weights, sizes and largest profiles are those of the warehouse when this page was written.</footer>"
    )
