"""What the last published run saw, and whether the next one may go on from there."""

import json
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, field
from importlib.metadata import version

import pandas as pd
from sqlalchemy import Connection

from connectors.warehouse.judgements import Standing, about_nobody, judgements_upto, what_they_say
from connectors.warehouse.landed import count_landed, last_seq
from connectors.warehouse.runs import had_other_settings, last_ended_well, newest_ledger
from connectors.warehouse.store import load_active_model, load_table
from connectors.warehouse.tables import TABLES
from flows.models import known_model
from flows.run import Run
from resolve.errors import WarehouseError, counted
from resolve.golden.judge import Judgement

_STRANGERS = "table judgement: rows that name a record which was never read are not followed"
_ALONE = "table judgement: rows that name one record twice say nothing"
_JUDGEMENT = TABLES["judgement"]


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where a full run becomes as quick as one of differences; of a million contacts it does at 7 changed in a hundred.

    contacts: a warehouse of fewer. changed: share of its contacts that changed. landed: share of all rows, those of
    events included.
    """

    contacts: int = 20_000
    changed: float = 0.07
    landed: float = 0.5


BOUNDS = Bounds()


@dataclass(frozen=True, slots=True)
class Watermark:
    """How far the published tables reflect what only ever grows: the landing, and the judgements of people.

    seq: number of the last raw row. judgement: the last judgement_id. judgements: how many there were up to it. judged:
    a hash of what these said; empty in warehouses from before it was kept. filled: the tables that have rows by it.
    """

    seq: int
    judgement: int
    judgements: int
    judged: str = ""
    filled: tuple[str, ...] = field(default=(), compare=False)

    def to_json(self) -> str:
        """Return the text that run_manifest keeps."""
        return json.dumps(asdict(self))

    def misses(self, now: Standing) -> bool:
        """Return whether judgements that these tables follow are gone, or say something else."""
        return now.count != self.judgements or (self.judged not in ("", now.digest))


@dataclass(frozen=True, slots=True)
class Basis:
    """The last published run: its watermark, and the run_ledger as it left it (of that run or of one before it)."""

    run_id: str
    watermark: Watermark
    ledger: pd.DataFrame
    config_hash: str | None
    meibo_version: str | None
    model_version: str | None

    def rows(self, streams: Collection[tuple[str, str]] | None = None) -> int:
        """Return how many living rows there are in all streams, or in some (source, stream)."""
        names = zip(self.ledger["source"], self.ledger["stream"], strict=True)
        mine = [streams is None or name in streams for name in names]
        return int(self.ledger.loc[mine, ["linked_count", "single_count"]].to_numpy().sum())


def read_watermark(conn: Connection) -> Watermark:
    """Return how far landing and judgements are now."""
    now = judgements_upto(conn)
    return Watermark(last_seq(conn), now.last, now.count, now.digest)


def find_basis(conn: Connection) -> Basis | None:
    """Return the last published run; None before the first, and after an upgrade from tables without watermarks."""
    row = last_ended_well(conn)
    if row is None or row.watermark is None:
        return None
    mark = Watermark(**json.loads(row.watermark))
    return Basis(row.run_id, mark, newest_ledger(conn), row.config_hash, row.meibo_version, row.model_version)


def why_full(run: Run, conn: Connection, basis: Basis, bounds: Bounds = BOUNDS) -> str:
    """Return why everything has to be resolved again; empty when the difference to the basis is enough."""
    followed = judgements_upto(conn, basis.watermark.judgement)
    reasons = {
        "the settings changed": basis.config_hash != run.settings.config_hash,
        "runs with other settings failed meanwhile": had_other_settings(conn, basis.run_id),
        "Meibo changed": basis.meibo_version != version("meibo"),
        "the model changed": basis.model_version != planned_model(run, conn),
        "judgements were taken back": basis.watermark.misses(followed),
    }
    for reason, holds in reasons.items():
        if holds:
            return reason
    return "" if read_watermark(conn) == basis.watermark else _too_much(run, conn, basis, bounds)


def _too_much(run: Run, conn: Connection, basis: Basis, bounds: Bounds) -> str:
    """Return why a difference is so large, beside what there is, that a full run is as quick; empty otherwise."""
    contacts = {
        (name, stream)
        for name, source in run.settings.sources.items()
        for stream, rules in source.streams.items()
        if (rules.role or stream) == "contacts"
    }
    known = basis.rows(contacts)
    if known < bounds.contacts:
        return f"there are fewer than {bounds.contacts:,} contacts"
    landed = count_landed(conn, basis.watermark.seq)
    changed = sum(count for stream, count in landed.items() if stream in contacts)
    if changed > bounds.changed * known:
        return f"{counted(changed, 'contact')} changed, more than {bounds.changed:.0%} of all"
    total = sum(landed.values())
    return f"{counted(total, 'row')} changed" if total > bounds.landed * basis.rows() else ""


def planned_model(run: Run, conn: Connection) -> str | None:
    """Return the version of the model that the next run takes; None when it is going to fit one."""
    known = known_model(run.settings.model, load_active_model(conn))
    return None if known is None else known.version


def check_judgements(run: Run, conn: Connection) -> None:
    """Raise WarehouseError that names the judgements which cannot be followed, as people may write what they like.

    Those that name a record which was never read, as they may be ahead of it, or one record twice are noted: there is
    nothing to follow.
    """
    said = what_they_say(conn)
    faults = {
        f"judgement is none of {', '.join(Judgement)}": ~said["judgement"].isin(list(Judgement)),
        "judged_at is no time, such as 2026-11-02 03:04:05Z": said["judged_at"].isna(),
    }
    told = [
        f"{fault} (judgement_id {_few(said.loc[rows, 'judgement_id'])})" for fault, rows in faults.items() if rows.any()
    ]
    if told:
        raise WarehouseError(f"table judgement: {'; '.join(told)}. Correct these rows, or delete them")
    streams = [(name, stream) for name, source in run.settings.sources.items() for stream in source.streams]
    noted = {_STRANGERS: about_nobody(conn, streams), _ALONE: said.loc[~said["is_pair"], "judgement_id"].tolist()}
    run.notes["warnings"] = [f"{what} (judgement_id {_few(numbers)})" for what, numbers in noted.items() if numbers]


def _few(judgement_ids: Iterable[object]) -> str:
    """Return the numbers of some judgements, the first ten of them."""
    numbers = [str(number) for number in judgement_ids]
    return ", ".join(numbers[:10]) + (f" and {len(numbers) - 10} more" if len(numbers) > 10 else "")


def load_judged(conn: Connection, basis: Basis) -> pd.DataFrame:
    """Return the pairs (contact_id_l, contact_id_r, the smaller left) that were judged since the basis."""
    pairs = ["contact_id_l", "contact_id_r"]
    newer = _JUDGEMENT.c.judgement_id > basis.watermark.judgement
    judged = load_table(conn, "judgement", pairs, where=newer).drop_duplicates(ignore_index=True)
    swapped = judged["contact_id_l"] > judged["contact_id_r"]
    judged.loc[swapped, pairs] = judged.loc[swapped, pairs[::-1]].to_numpy()
    return judged.drop_duplicates(ignore_index=True)
