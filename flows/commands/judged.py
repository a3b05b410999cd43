"""What people said of a pair, and which other judgement of theirs it contradicts: for `meibo explain`."""

from typing import Any

import pandas as pd
from sqlalchemy import Connection, or_

from connectors.warehouse.store import load_table
from connectors.warehouse.tables import TABLES
from flows import console
from resolve.golden.judge import Authority, Verdict

_JUDGEMENT, _EDGE, _LINK = (TABLES[name].c for name in ("judgement", "match_edge", "profile_link"))


def describe_judgements(conn: Connection, pair: tuple[str, str]) -> list[dict[str, Any]]:
    """Return the judgements of a pair, whichever record was written first, the one that counts last."""
    ways = [
        (_JUDGEMENT.contact_id_l == one) & (_JUDGEMENT.contact_id_r == other) for one, other in (pair, reversed(pair))
    ]
    rows = load_table(conn, "judgement", where=or_(*ways)).drop(columns=["contact_id_l", "contact_id_r"])
    return console.plain_rows(rows)


def find_contradicting(conn: Connection, golden_ids: tuple[str | None, str | None]) -> list[list[str]]:
    """Return the pairs of records of two customers of which people said that they are not one person."""
    owners = load_table(conn, "profile_link", where=_LINK.golden_id.in_([g for g in golden_ids if g]))
    owner = pd.Series(owners["golden_id"].to_numpy(), index=owners["source"] + ":" + owners["source_id"])
    said = (_EDGE.verdict == Verdict.REJECT) & (_EDGE.decided_by == Authority.PERSON)
    edges = load_table(conn, "match_edge", ["contact_id_l", "contact_id_r"], where=said)
    left, right = edges["contact_id_l"].map(owner), edges["contact_id_r"].map(owner)
    across = edges[left.notna() & right.notna() & (left != right)]
    return [[str(one), str(other)] for one, other in across.itertuples(index=False, name=None)]


def tell_judgement(judgement: dict[str, Any]) -> str:
    """Return a judgement in words."""
    by = f" by {judgement['judged_by']}" if "judged_by" in judgement else ""
    at = f" on {judgement['judged_at']:%Y-%m-%d}" if "judged_at" in judgement else ""
    note = f": {judgement['note']}" if "note" in judgement else ""
    return f"judged {judgement['judgement']}{by}{at} (judgement_id {judgement['judgement_id']}){note}"
