"""The table of judgements as people leave it: whether rows of it are gone or other than before, and what they say."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import sqlalchemy as sa

from connectors.warehouse.bulk import stored
from connectors.warehouse.cells import read_times
from connectors.warehouse.landed import load_marks
from connectors.warehouse.tables import TABLES
from resolve.schema import conform, frames

_JUDGEMENT, _SYNC = TABLES["judgement"], TABLES["sync_state"]
_SIDES = ["contact_id_l", "contact_id_r"]


@dataclass(frozen=True, slots=True)
class Standing:
    """The judgements up to some number: the largest number, how many there are, and a hash (hex) of what they say."""

    last: int
    count: int
    digest: str


def judgements_upto(conn: sa.Connection, last: int | None = None) -> Standing:
    """Return how judgements stand up to number `last`, or all of them."""
    names = ("judgement_id", "contact_id_l", "contact_id_r", "judgement")
    query = sa.select(*(_JUDGEMENT.c[name] for name in names)).order_by(_JUDGEMENT.c.judgement_id)
    rows = conn.execute(query if last is None else query.where(_JUDGEMENT.c.judgement_id <= last)).all()
    digest = hashlib.blake2b(digest_size=16)
    for row in rows:
        digest.update("\x1f".join(map(str, row)).encode() + b"\x1e")
    return Standing(rows[-1][0] if rows else 0, len(rows), digest.hexdigest())


def newest_of(judgements: pd.DataFrame) -> pd.DataFrame:
    """Return JUDGEMENTS: of each pair, whichever contact was written left, the row with the largest judgement_id.

    judgements: all rows of the table `judgement` on the pairs that it names.
    """
    rows = judgements.sort_values("judgement_id", ignore_index=True)
    swapped = rows["contact_id_l"] > rows["contact_id_r"]
    rows.loc[swapped, _SIDES] = rows.loc[swapped, _SIDES[::-1]].to_numpy()
    newest = rows.drop_duplicates(_SIDES, keep="last", ignore_index=True)
    return conform(newest.drop(columns="judgement_id"), frames.JUDGEMENTS)


def what_they_say(conn: sa.Connection) -> pd.DataFrame:
    """Return judgement_id, is_pair (of two records), judgement, judged_at (NaT: cannot be read) of every judgement."""
    is_pair = _JUDGEMENT.c.contact_id_l != _JUDGEMENT.c.contact_id_r
    columns = (_JUDGEMENT.c.judgement_id, is_pair, _JUDGEMENT.c.judgement, stored(_JUDGEMENT.c.judged_at))
    rows = conn.execute(sa.select(*columns).order_by(_JUDGEMENT.c.judgement_id)).all()
    numbers, pairs, words, times = zip(*rows, strict=True) if rows else ((), (), (), ())
    said = {"judgement_id": numbers, "is_pair": np.array(pairs, dtype=bool), "judgement": words}
    return pd.DataFrame(said | {"judged_at": read_times(times)})


def about_nobody(conn: sa.Connection, streams: Iterable[tuple[str, str]]) -> list[int]:
    """Return the judgement_ids, rising, that name a record of which no row was ever landed.

    streams: (source, stream) of the settings; streams that were read before count too, and rows that are deleted: a
    judgement outlives its records. Costs look-ups by an index, of the ids that judgements name.
    """
    columns = (_JUDGEMENT.c[name] for name in ("judgement_id", *_SIDES))
    rows = conn.execute(sa.select(*columns).order_by(_JUDGEMENT.c.judgement_id)).all()
    named = {row[0]: {_split(row[1]), _split(row[2])} for row in rows}
    unseen: defaultdict[str, set[str]] = defaultdict(set)
    for source, source_id in {record for records in named.values() for record in records}:
        unseen[source].add(source_id)
    read = conn.execute(sa.select(_SYNC.c.source, _SYNC.c.stream)).all() if named else ()
    for source, stream in sorted({*streams, *((row[0], row[1]) for row in read)}):
        if unseen.get(source):
            unseen[source] -= load_marks(conn, source, stream, sorted(unseen[source])).keys()
    return [n for n, records in named.items() if any(source_id in unseen[source] for source, source_id in records)]


def _split(contact_id: object) -> tuple[str, str]:
    """Return source and source_id of what a person wrote; the second is empty, as no record's is, without a colon."""
    source, _, source_id = str(contact_id).partition(":")
    return source, source_id
