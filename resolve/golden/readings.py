"""Readings for a name in kanji, lent by a record that has the same name in kana only."""

import numpy as np
import pandas as pd

from resolve.golden.ballot import Choice

KANA = ("family_name_kana", "given_name_kana")


def lend_readings(choice: Choice, columns: tuple[str, ...], members: pd.DataFrame, profile: np.ndarray) -> None:
    """Give the chosen name the kana of the best record whose name may be read alike; changes `choice.giver`.

    Only where the chosen name has no reading at all. Two names may be read alike when the family names, and the given
    names, have a romaji reading in common; a part that one of them lacks says nothing, but one part has to agree.

    `columns`: the columns of the rule, among them KANA and a name. `members`: contacts sorted by `profile`.
    """
    kana = [columns.index(name) for name in KANA if name in columns]
    name = next((at for at, column in enumerate(columns) if column not in KANA), None)
    if not kana or name is None:
        return
    has_kana = members[list(KANA)].notna().any(axis=1).to_numpy()
    bare = (choice.giver[kana] < 0).all(axis=0) & (choice.giver[name] >= 0)
    lenders = choice.rows[has_kana[choice.rows] & bare[profile[choice.rows]]]
    readings = [members[column].to_numpy(dtype=object) for column in ("family_readings", "given_readings")]
    cells = [members[columns[at]].notna().to_numpy() for at in kana]
    for lender in lenders.tolist():  # the best first
        code = profile[lender]
        chosen = choice.giver[name, code]
        if bare[code] and _read_alike(readings, int(chosen), lender):
            bare[code] = False
            for at, filled in zip(kana, cells, strict=True):
                choice.giver[at, code] = lender if filled[lender] else -1


def _read_alike(readings: list[np.ndarray], one: int, other: int) -> bool:
    """Return whether every part of two names that both have shares a reading, and there is such a part."""
    pairs = [(column[one], column[other]) for column in readings if column[one] and column[other]]
    return bool(pairs) and all(set(left.split()) & set(right.split()) for left, right in pairs)
