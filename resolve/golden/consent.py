"""Consent of a customer from the consents of its records: a merge never widens permission."""

import numpy as np
import pandas as pd

CHANNELS = ("email_consent", "phone_consent")
CHOSEN = tuple(f"{channel}_at" for channel in CHANNELS)  # columns with the times of the choices
UNKNOWN, GRANTED, DENIED = 0, 1, 2
_NAMES = np.array(["unknown", "granted", "denied"], dtype=object)
_NEVER, _ALWAYS = np.iinfo(np.int64).min, np.iinfo(np.int64).max  # _NEVER is also what NaT is as an integer


def settle_consent(
    members: pd.DataFrame, profile: np.ndarray, kept: np.ndarray | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return email_consent and phone_consent per profile, and lineage rows where records contradict each other.

    Any denial denies; else any grant grants; else unknown. A grant overrules denials only when it is a newer choice: it
    was made later than every one of them, by the times of the choices (`email_consent_at`, `phone_consent_at`); a
    denial without such a time is never overruled. When a record was changed says nothing: not that the customer chose.

    `members`: contacts sorted by `profile` (codes from 0, rising). `kept`: which of them are denials of records that
    are gone, behind the others of their profile. Lineage: profile, field, row, rule, candidate_count; the row is the
    first that denies (rule most_restrictive, or kept_denial, also where nobody contradicts it), or the newest grant
    that overrules (newer_choice).
    """
    count = int(profile[-1]) + 1 if len(profile) else 0
    outlived = np.zeros(len(members), dtype=bool) if kept is None else kept
    settled, lineage = {}, []
    for channel, chosen in zip(CHANNELS, CHOSEN, strict=True):
        said = np.select([members[channel] == "denied", members[channel] == "granted"], [DENIED, GRANTED], UNKNOWN)
        at = members[chosen].to_numpy(dtype="datetime64[ns]").astype(np.int64)
        strictest = np.zeros(count, dtype=np.int64)
        np.maximum.at(strictest, profile, said)
        granted = np.flatnonzero(said == GRANTED)
        granted = granted[np.lexsort((-granted, at[granted], profile[granted]))]
        newest = np.full(count, -1, dtype=np.int64)
        newest[profile[granted]] = granted  # the last one stays: the newest, of equals the first row
        overruled = _overruled(said, at, profile, newest)
        settled[channel] = _NAMES[np.where(overruled, GRANTED, strictest)]
        denying = np.flatnonzero(said == DENIED)
        denying = denying[np.flatnonzero(np.diff(profile[denying], prepend=-1))]
        told = _tell(denying, profile[denying], newest, overruled, outlived)
        lineage.append(told.assign(field=channel))
    return pd.DataFrame(settled), pd.concat(lineage, ignore_index=True)


def _tell(
    first: np.ndarray, profile: np.ndarray, newest: np.ndarray, overruled: np.ndarray, outlived: np.ndarray
) -> pd.DataFrame:
    """Return lineage without its field; `first`: the first row of each profile that denies."""
    contradicted, gone, wins = newest[profile] >= 0, outlived[first], overruled[profile]
    strict = np.where(gone, "kept_denial", "most_restrictive")
    rows = {
        "profile": profile,
        "row": np.where(wins, newest[profile], first),
        "rule": np.where(wins, "newer_choice", strict).astype(object),
        "candidate_count": np.where(contradicted, 2, 1),
    }
    told: pd.DataFrame = pd.DataFrame(rows)[contradicted | gone]
    return told


def _overruled(said: np.ndarray, at: np.ndarray, profile: np.ndarray, newest: np.ndarray) -> np.ndarray:
    """Return the profiles whose newest grant was chosen after every denial."""
    denied = np.full(len(newest), _NEVER, dtype=np.int64)
    denying = np.flatnonzero(said == DENIED)
    np.maximum.at(denied, profile[denying], np.where(at[denying] == _NEVER, _ALWAYS, at[denying]))
    granted = np.where(newest >= 0, at[newest] if len(at) else 0, _NEVER)
    overruled: np.ndarray = (denied > _NEVER) & (granted > denied)
    return overruled
