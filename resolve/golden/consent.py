"""Consent of a customer from the consents of its records: a merge never widens permission."""

import numpy as np
import pandas as pd

CHANNELS = ("email_consent", "phone_consent")
UNKNOWN, GRANTED, DENIED = 0, 1, 2
_NAMES = np.array(["unknown", "granted", "denied"], dtype=object)


def settle_consent(members: pd.DataFrame, profile: np.ndarray) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return email_consent and phone_consent per profile, and lineage rows where records contradict each other.

    Any denial denies; else any grant grants; else unknown. A record that is newer does not count as a newer choice: its
    time says that something changed, not that the customer consented. To return after a denial, the denying source has
    to say so itself.

    `members`: contacts sorted by `profile` (codes from 0, rising). Lineage: profile, field, row (of the first record
    that denies), rule, candidate_count.
    """
    count = int(profile[-1]) + 1 if len(profile) else 0
    settled, lineage = {}, []
    for channel in CHANNELS:
        said = np.select([members[channel] == "denied", members[channel] == "granted"], [DENIED, GRANTED], UNKNOWN)
        strictest = np.zeros(count, dtype=np.int64)
        np.maximum.at(strictest, profile, said)
        settled[channel] = _NAMES[strictest]
        granted = np.zeros(count, dtype=bool)
        granted[profile[said == GRANTED]] = True
        denying = np.flatnonzero(said == DENIED)
        denying = denying[np.flatnonzero(np.diff(profile[denying], prepend=-1))]
        denying = denying[granted[profile[denying]]]
        columns = {"profile": profile[denying], "field": channel, "row": denying, "rule": "most_restrictive"}
        lineage.append(pd.DataFrame(columns | {"candidate_count": 2}))
    return pd.DataFrame(settled), pd.concat(lineage, ignore_index=True)
