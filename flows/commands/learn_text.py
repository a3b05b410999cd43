"""What `meibo train` prints: the new model, its blocking rules, its stop, and what labels say of it."""

from typing import Any

from flows import console
from resolve.errors import counted

RULES_SHOWN = 12


def print_training(facts: dict[str, Any]) -> None:
    """Print the facts of a training."""
    out = console.out()
    out.print(f"model {facts['model']}, fitted to {counted(facts['trained_on'], 'contact')}")
    sizes = facts["class_sizes"] or {}
    if sizes:
        out.print("pairs of " + ", ".join(f"{_CLASSES[name]}: about {size:,.0f}" for name, size in sizes.items()))
    expected = f"precision {facts['expected_precision']:.3f}, recall {facts['expected_recall']:.3f}"
    out.print(f"expected {expected} of the pairs inside customers, judged by the model itself")
    for warning in facts["warnings"]:
        out.print(f"warning: {warning}", markup=False)
    for column, why in (facts["left_out"] or {}).items():
        out.print(f"column {column.removeprefix('x_')} is not compared: {why}", markup=False)
    _print_stop(facts)
    _print_rules(facts)
    if "labels" in facts:
        _print_labels(facts)
    out.print(f"golden profiles: {_changes(facts['would_change'])}")
    if facts["dry_run"]:
        out.print("dry run: the stored model stays")
    else:
        console.print_next((("meibo nightly --dry-run", "every change in detail"), ("meibo nightly", "publish them")))


_CLASSES = {"match": "one person", "household": "one household", "colleague": "one office"}


def _changes(counts: dict[str, int]) -> str:
    """Return what would change, in words."""
    return ", ".join(f"{count:,} {kind}" for kind, count in counts.items()) or "the same records in each as now"


def _print_stop(facts: dict[str, Any]) -> None:
    """Print the stop that would do better by the model's own estimate, if there is one."""
    stop = facts["proposed_stop"]
    if stop is not None:
        better = next(s for s in facts["stops"] if s["stop"] == stop)
        console.out().print(
            f"thresholds: `link: {stop:g}` is expected to do better: precision {better['precision']:.3f}, "
            f"recall {better['recall']:.3f}"
        )


def _print_rules(facts: dict[str, Any]) -> None:
    """Print the blocking rules that find most links alone, and which rules would do."""
    rules = sorted(facts["rules"], key=lambda rule: (-rule["only"], -rule["links"], rule["rule"]))
    rows = [(r["rule"], f"{r['pairs']:,}", f"{r['links']:,}", f"{r['only']:,}") for r in rules if r["pairs"]]
    console.print_table(("blocking rule", "pairs", "links", "only it finds"), rows[:RULES_SHOWN])
    if len(rows) > RULES_SHOWN:
        rest = f"{len(rows) - RULES_SHOWN} more rules with pairs"
        console.out().print(f"{rest}; --json lists them, and those without")
    proposed = facts["proposed_blocking"]
    if proposed and len(proposed) < len(facts["rules"]):
        names = ", ".join(rule["name"] for rule in proposed)
        file = facts["model_file"]
        shipped = "no `model:` is set: the rules are those of Meibo"
        where = f"{file} names no blocking rules of its own" if file else shipped
        console.out().print(
            f"{where}. {len(proposed)} of the {len(facts['rules'])} shipped and found ones find every link: {names}",
            markup=False,
        )


def _print_labels(facts: dict[str, Any]) -> None:
    """Print the calibration, and how the model that learnt the labels compares."""
    labels, out = facts["labels"], console.out()
    out.print(f"{counted(labels['pairs'], 'labelled pair')}, {labels['same']:,} of them one person")
    if labels["unknown"]:
        out.print(
            f"{counted(labels['unknown'], 'labelled pair names', 'labelled pairs name')} "
            "a record that is not among the contacts"
        )
    rows = [
        (
            _range(b["low"], b["high"]),
            f"{b['pairs']:,}",
            f"{b['predicted']:.2f}",
            f"{b['true']:.2f}" + ("  off" if b["is_off"] else ""),
        )
        for b in labels["calibration"]
    ]
    console.print_table(("bits", "pairs", "predicted", "true share"), rows)
    if not labels["held_back"]:
        out.print(tell_too_few(labels["pairs"], labels["same"]))
        return
    judged = [
        (
            j["name"],
            f"{j['precision']:.3f}",
            f"{j['recall']:.3f}",
            f"{j['f1']:.3f}",
            "" if j["log_loss"] is None else f"{j['log_loss']:.3f}",
        )
        for j in labels["held_back"]
    ]
    console.print_table(("on labels held back", "precision", "recall", "F1", "log loss"), judged)
    better = "the model with the labels does better" if labels["is_better_with_labels"] else "labels bring nothing"
    used = "and is used" if facts["uses_labels"] else "--use-labels would make it the active one"
    out.print(f"{better}; {used}. Golden profiles with it: {_changes(facts['would_change_with_labels'])}")


def tell_too_few(pairs: int, same: int) -> str:
    """Return in words how many labels there are and how many it takes to learn from them."""
    from resolve.quality.labels import HELD_BACK
    from resolve.quality.supervised import FEWEST

    return (
        f"too few labels to learn from: {FEWEST} of each answer must be among the {HELD_BACK:.0%} of them that are "
        f"held back, so about {FEWEST / HELD_BACK:.0f} of each are needed; there are {same:,} of one person, "
        f"{pairs - same:,} that are not"
    )


def _range(low: float | None, high: float | None) -> str:
    """Return a range of bits in words."""
    if low is None:
        return f"below {high:g}"
    return f"{low:g} and more" if high is None else f"{low:g} to {high:g}"
