"""A matching policy under test: pairs of values or records with the verdict that a steward expects.

Each case runs through the product's own path: source record, contact, comparisons, weight. A whole record is judged by
its weight against the thresholds, a single value by what the levels that it reaches say (`says:` of the model).
"""

import re
from dataclasses import dataclass

import pandas as pd

from resolve.errors import ConfigError
from resolve.link.compare_names import STATES, SWAPPED
from resolve.link.parts import State
from resolve.link.rules import Comparison
from resolve.link.says_text import WORDS
from resolve.model import MatchModel
from resolve.quality.explain import GROUPS, PRIOR, Bar, Explanation, explain_pair
from resolve.schema import empty, frames
from resolve.standardise.contact import standardise_contacts

COLUMNS = ("id", "kind", "left", "right", "expect", "why")
RECORD_FIELDS = {
    "name": "full_name",
    "kana": "full_name_kana",
    "addr": "address",
    "tel": "phone",
    "email": "email",
    "dob": "birth_date",
    "company": "organization",
    "corpno": "corporate_number",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """What a case of one kind compares: the source field of a single value, and the comparisons that decide."""

    field: str
    kinds: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()

    def decides(self, comparison: Comparison) -> bool:
        """Return whether a comparison speaks about this kind of value."""
        return comparison.kind in self.kinds or comparison.columns[:1] in [(c,) for c in self.columns]


KINDS = {
    "person": Kind("full_name", ("name",), ("middle_key", "suffix_key")),
    "company": Kind("organization", ("organisation",)),
    "address": Kind("address", ("address",)),
    "phone": Kind("phone", ("phone",)),
    "email": Kind("email", ("email",)),
    "date": Kind("birth_date", columns=("birth_key",)),
    "postal": Kind("postal_code", ("address",)),
}
_FIELD = re.compile(rf"\s*({'|'.join(RECORD_FIELDS)})\s*=(.*)", re.DOTALL)


def run_cases(cases: pd.DataFrame, model: MatchModel, *, country: str = "JP") -> pd.DataFrame:
    """Return the cases with `verdict` (same, different, review), `match_weight` (bits) and `because`.

    `cases`: text columns COLUMNS, key id. A cell is one value of the case's kind, or a whole record,
    `name=…; tel=…` (RECORD_FIELDS). `country` reads what does not show its own. `because` names the deciding levels of
    a value, or the bars of a record, bits, the strongest first. Raises ConfigError with every row that is no case.
    """
    check_cases(cases)
    contacts = standardise_contacts(case_records(cases), default_countries=country)
    found = []
    for number, (kind, left) in enumerate(zip(cases["kind"], cases["left"], strict=True)):
        pair = contacts.iloc[2 * number : 2 * number + 2]
        explained = explain_pair(pair, model, meeting=False)
        if split_record(left) is None:
            found.append((*judge_value(explained, pair, KINDS[kind], model), explained.match_weight))
        else:
            found.append((*judge_record(explained, model), explained.match_weight))
    verdicts = pd.DataFrame(found, columns=["verdict", "because", "match_weight"], index=cases.index)
    return cases.assign(verdict=verdicts["verdict"], match_weight=verdicts["match_weight"], because=verdicts["because"])


def check_cases(cases: pd.DataFrame) -> None:
    """Raise ConfigError naming every missing column and every row that is no case; rows count from 1."""
    missing = [column for column in COLUMNS if column not in cases.columns]
    if missing:
        raise ConfigError(f"the table lacks the columns {', '.join(missing)}; it needs {', '.join(COLUMNS)}")
    mistakes: list[str] = []
    seen: set[str] = set()
    columns = (cases[column] for column in COLUMNS[:-1])
    for number, (name, *cells) in enumerate(zip(*columns, strict=True), start=1):
        where = f"row {number} (id {name})" if name else f"row {number}"
        mistakes += [f"{where}: {mistake}" for mistake in _mistakes(*cells)]
        if not name or name in seen:
            mistakes.append(f"{where}: {'the id is there twice' if name else 'the id is missing'}")
        seen.add(name)
    if not len(cases):
        mistakes.append("the table holds no case")
    if mistakes:
        raise ConfigError(mistakes)


def _mistakes(kind: str | None, left: str | None, right: str | None, expect: str | None) -> list[str]:
    """Return what is wrong with one case."""
    found = []
    if kind not in KINDS:
        found.append(f"kind {kind!r} is none of {', '.join(KINDS)}")
    if expect not in WORDS:
        found.append(f"expect {expect!r} is none of {', '.join(WORDS)}")
    if not left or not right:
        found.append("left and right both need a value")
    elif (split_record(left) is None) != (split_record(right) is None):
        found.append("one side is a whole record and the other a single value")
    return found


def split_record(cell: str) -> dict[str, str] | None:
    """Return the source fields of a whole record, `name=…; tel=…`, or None for a single value."""
    found: dict[str, str] = {}
    for part in cell.split(";"):
        match = _FIELD.fullmatch(part)
        if match is None:
            return None
        found[RECORD_FIELDS[match[1]]] = match[2].strip()
    return found


def case_records(cases: pd.DataFrame) -> pd.DataFrame:
    """Return SOURCE_RECORDS, two for each case (sources left and right), in the order of the cases."""
    columns = empty(frames.SOURCE_RECORDS).columns
    rows = []
    for name, kind, *cells in zip(*(cases[column] for column in COLUMNS[:4]), strict=True):
        for side, cell in zip(("left", "right"), cells, strict=True):
            fields = split_record(cell) or {KINDS[kind].field: cell}
            rows.append({**dict.fromkeys(columns), "source": side, "source_id": name, **fields})
    return pd.DataFrame(rows, columns=columns, dtype=object)


def judge_record(explained: Explanation, model: MatchModel) -> tuple[str, str]:
    """Return (verdict, bars) of two whole records by their weight and the model's thresholds."""
    limits, weight = model.thresholds, explained.match_weight
    verdict = "same" if weight >= limits.link else "different" if weight < limits.review_low else "review"
    bars = [bar for bar in explained.bars if bar.level or bar.name in (PRIOR, GROUPS)]
    shown = sorted((b for b in bars if b.level != "missing" and abs(b.bits) >= 0.05), key=lambda b: -abs(b.bits))
    return verdict, ", ".join(f"{bar.name}{': ' + bar.level if bar.level else ''} {bar.bits:+.1f}" for bar in shown)


def judge_value(explained: Explanation, pair: pd.DataFrame, kind: Kind, model: MatchModel) -> tuple[str, str]:
    """Return (verdict, levels) of two single values: the worst that the levels say; review without any evidence."""
    said: list[tuple[str, Bar]] = []
    bars = {bar.name: bar for bar in explained.bars}
    for comparison in model.link.comparisons:
        bar = bars[comparison.name]
        if not kind.decides(comparison) or bar.level == "missing":
            continue
        level = comparison.levels.index(bar.level) + 1
        if comparison.kind == "name":
            level = _without_common_gaps(level, pair)
        said.append((comparison.says(level), bar))
    if not said:
        return "review", "no evidence: nothing on one side that can be compared"
    verdict = max((word for word, _ in said), key=WORDS.index)
    return verdict, ", ".join(f"{bar.name}: {bar.level}" for word, bar in said if word == verdict)


def _without_common_gaps(level: int, pair: pd.DataFrame) -> int:
    """Return a name level in which a part that neither side has counts as equal: what both say is all there is."""
    if level >= SWAPPED:
        return level
    states = [level // STATES, level % STATES]
    for place, column in enumerate(("family_key", "given_key")):
        if states[place] == State.MISSING and pair[column].isna().all():
            states[place] = State.EQUAL
    return states[0] * STATES + states[1]
