"""The profiles whose values a change can move: decided customers, those with an edited record, who shared a main value.

Most edits of a record are no evidence of who somebody is: its customer stays, and only gets its values again.

Whether a mailbox is a customer's alone decides which one is shown. So when the customers decided again begin or cease
to share a main value with one other customer, that customer's values are chosen again as well.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from resolve.golden.identify import Identification
from resolve.increment.closure import load_customers
from resolve.increment.entries import MAIN, main_values
from resolve.increment.relink import Relinker
from resolve.increment.settle import Settled
from resolve.increment.stored import Change, Stored, contacts_now
from resolve.link.arrays import Hashes
from resolve.schema.rows import join_rows
from resolve.sets import among, distinct, on_one_side


@dataclass(frozen=True, slots=True)
class Survivors:
    """Contacts whose customers get their values again.

    contacts: CONTACTS. links: contact_id, golden_id, link_type, match_probability of now. former: contact_id,
    golden_id before. elsewhere: main values, by kind, that customers beyond these have as well. freed: rows of
    kept_denial whose records are there again.
    """

    contacts: pd.DataFrame
    links: pd.DataFrame
    former: pd.DataFrame
    elsewhere: dict[str, set[str]]
    freed: pd.DataFrame


def find_survivors_of(
    change: Change, stored: Stored, linker: Relinker, settled: Settled, identity: Identification
) -> Survivors:
    """Return everyone whose customer's values may change."""
    before = _bodies_before(linker, settled)
    mains = [main_values(before), main_values(settled.contacts)]
    keys: list[Hashes] = [distinct(main["key"].to_numpy(np.uint64)) for main in mains]
    begun_or_ceased = on_one_side(keys[0], keys[1])
    freed = _freed_denials(change, stored)
    restated = _restated(change, stored, settled, freed["contact_id"])
    ring = join_rows([_others(stored, linker, settled, begun_or_ceased), restated])
    ring = ring.drop_duplicates("contact_id", ignore_index=True)
    outside = contacts_now(change, stored, pd.Index(ring["contact_id"], dtype=object))
    contacts = join_rows([settled.contacts, outside])
    contacts = contacts.sort_values("contact_id", ignore_index=True)
    mine = identity.links[["contact_id", "golden_id"]].merge(
        settled.clusters[["contact_id", "link_type", "match_probability"]], on="contact_id"
    )
    columns = list(mine.columns)
    links = join_rows([mine, ring[columns]])
    former = join_rows([settled.closure.links, ring])[["contact_id", "golden_id"]]
    return Survivors(contacts, links, former, _elsewhere(linker, contacts), freed)


def _freed_denials(change: Change, stored: Stored) -> pd.DataFrame:
    """Return the rows of kept_denial whose records the change gives."""
    found = stored.rows("kept_denial", "source_id", change.contacts["source_id"].unique())
    back = (found["source"] + ":" + found["source_id"]).isin(change.contacts["contact_id"])
    return found[back].reset_index(drop=True)


def _restated(change: Change, stored: Stored, settled: Settled, freed: pd.Series) -> pd.DataFrame:
    """Return the links of customers outside who have a contact that says something else, yet nothing that links.

    `freed`: contacts that kept a denial of a record that is there again; so have theirs.
    """
    ids = pd.Index([*change.contacts["contact_id"], *freed], dtype=object).unique()
    return load_customers(stored, ids.difference(settled.closure.ids))


def _bodies_before(linker: Relinker, settled: Settled) -> pd.DataFrame:
    """Return CONTACTS as they were, of the contacts that are decided again."""
    same = settled.contacts[~settled.contacts["contact_id"].isin(linker.changed)]
    return join_rows([linker.before, same])


def _others(stored: Stored, linker: Relinker, settled: Settled, keys: Hashes) -> pd.DataFrame:
    """Return the links of customers outside who alone have one of the main values.

    None of those decided again has such a value both before and after, so all that are listed and unchanged are others.
    Under the same hash there may be contacts that have another value.
    """
    linker.book.look_up(keys)
    _, member = linker.book.who(keys)
    listed = stored.contacts("contact_hash", distinct(member).tolist())
    listed = listed[~listed["contact_id"].isin(linker.changed)].reset_index(drop=True)
    mains = main_values(listed)
    found: Hashes = mains["key"].to_numpy(np.uint64)
    mains = mains[among(found, keys)]
    ids = listed["contact_id"].iloc[mains["contact"]]
    held = stored.rows("profile_link", "contact_id", ids.unique())
    golden = pd.Series(held["golden_id"].to_numpy(), index=pd.Index(held["contact_id"]))
    owners = pd.DataFrame({"key": mains["key"].to_numpy(), "golden_id": ids.map(golden).to_numpy(dtype=object)})
    owners = owners.drop_duplicates()
    owners = owners[owners["golden_id"].notna() & ~owners["golden_id"].isin(settled.closure.links["golden_id"])]
    alone = owners[~owners.duplicated("key", keep=False)]
    return stored.rows("profile_link", "golden_id", alone["golden_id"].unique())


def _elsewhere(linker: Relinker, contacts: pd.DataFrame) -> dict[str, set[str]]:
    """Return the main values of contacts that others have, too: those listed for more unchanged ones than are here."""
    mains = main_values(contacts)
    keys = mains["key"].to_numpy(np.uint64)
    unchanged = ~contacts["contact_id"].isin(linker.changed).to_numpy()[mains["contact"].to_numpy()]
    values: Hashes = distinct(keys)
    linker.book.look_up(values)
    at, _ = linker.book.who(values)
    place = np.searchsorted(values, keys)
    there, here = (np.bincount(rows, minlength=len(values)) for rows in (at, place[unchanged]))
    shared = mains[(there > here)[place]]
    return {kind: set(shared.loc[shared["kind"] == kind, "value"]) for kind in MAIN}
