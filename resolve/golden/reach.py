"""The main e-mail address and phone number of each record, and whether they reach one customer alone."""

from collections.abc import Collection

import numpy as np
import pandas as pd

from resolve.golden.lists import first_values
from resolve.sets import distinct

PERSONAL, SHARED, ROLE = 0, 1, 2


def main_emails(contacts: pd.DataFrame) -> pd.DataFrame:
    """Return value (address), key (normalised) and is_role per contact: the first address that is no role mailbox's."""
    return _main(contacts["emails"], contacts["email_keys"], contacts["role_emails"])


def main_phones(contacts: pd.DataFrame) -> pd.DataFrame:
    """Return value, key and is_role (never) per contact: the first number in E.164, else the first without a key."""
    main = _main(contacts["phones"], contacts["phone_keys"], pd.Series(None, index=contacts.index, dtype=object))
    return main.assign(value=main["key"].where(main["key"].notna(), main["value"]))


def reach_of(main: pd.DataFrame, profile: np.ndarray, elsewhere: Collection[str] = ()) -> np.ndarray:
    """Return 0 for values that only one profile has, 1 for those that several share, 2 for role mailboxes.

    A number without a key, which nobody can dial for want of its area code, stands behind with the role mailboxes.
    `elsewhere`: keys that profiles beyond these have as well.
    """
    code, values = pd.factorize(main["key"])
    used = code >= 0
    pair = distinct(code[used] * np.int64(max(profile.max(initial=0), 0) + 1) + profile[used])
    owners = np.bincount(pair // (max(profile.max(initial=0), 0) + 1), minlength=len(values))
    if len(elsewhere):
        owners = owners + pd.Index(values).isin(list(elsewhere))
    reach = np.full(len(profile), PERSONAL, dtype=np.int64)
    reach[used] = np.where(owners[code[used]] > 1, SHARED, PERSONAL)
    reach[main["is_role"].to_numpy() | ~used] = ROLE
    return reach


def _main(values: pd.Series, keys: pd.Series, roles: pd.Series) -> pd.DataFrame:
    """Return the main value of each cell: the first, or the first that is no role where values and keys run in step."""
    value, key = first_values(values), first_values(keys)
    is_role = np.zeros(len(value), dtype=bool)
    columns = [column.to_numpy(dtype=object) for column in (values, keys, roles)]
    for at in np.flatnonzero(roles.notna().to_numpy()):
        names, known, role = (str(column[at] or "").split() for column in columns)
        is_role[at] = key[at] in role
        own = next((n for n, one in enumerate(known) if one not in role), None)
        if own is not None and len(names) == len(known):
            value[at], key[at], is_role[at] = names[own], known[own], False
    return pd.DataFrame({"value": value, "key": key, "is_role": is_role}, index=values.index)
