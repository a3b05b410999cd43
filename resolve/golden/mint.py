"""New golden IDs: a keyed hash of the founding record, so a replay mints the same and nothing can be read from it."""

import base64
import hashlib
from collections.abc import Sequence

import numpy as np
import pandas as pd

from resolve.errors import ConfigError
from resolve.golden.board import Board, take_or

_CROCKFORD = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789ABCDEFGHJKMNPQRSTVWXYZ")
_NEVER = np.iinfo(np.int64).max
_BYTES, _LETTERS = 10, 16  # 80 bits: among a million IDs a clash has odds of 4 in 10 ** 13, and is handled


def golden_ids(founders: Sequence[str], generations: Sequence[int], key: bytes) -> list[str]:
    """Return `G` and 16 characters of Crockford's base 32 for each founding contact_id and generation.

    The hash is BLAKE2b with the key (a key over 64 bytes is hashed first). Raises ConfigError when the key is empty.
    """
    if not key:
        raise ConfigError("identity.key is empty: golden IDs are minted with it, so set it once and keep it")
    secret = key if len(key) <= hashlib.blake2b.MAX_KEY_SIZE else hashlib.blake2b(key).digest()
    digests = [
        hashlib.blake2b(f"{generation}:{founder}".encode(), digest_size=_BYTES, key=secret).digest()
        for founder, generation in zip(founders, generations, strict=True)
    ]
    text = base64.b32encode(b"".join(digests)).translate(_CROCKFORD).decode("ascii")
    return ["G" + text[at : at + _LETTERS] for at in range(0, len(text), _LETTERS)]


def find_founders(board: Board, contacts: pd.DataFrame, clusters: np.ndarray) -> np.ndarray:
    """Return the contact_id of the founding record of each cluster: created first, then the smallest contact_id.

    `contacts`: contact_id, created_at; a record without a creation time comes last. `clusters`: codes, rising.
    """
    rows = np.flatnonzero(np.isin(board.cluster, clusters))
    at = pd.Index(contacts["contact_id"]).get_indexer(board.ids[rows])
    created_at = pd.to_datetime(contacts["created_at"], utc=True)
    created = np.where(created_at.isna(), _NEVER, created_at.astype("datetime64[ns, UTC]").astype("int64"))
    order = np.lexsort((rows, take_or(created, at, _NEVER), board.cluster[rows]))
    first = order[np.flatnonzero(np.diff(board.cluster[rows][order], prepend=-1))]
    founders: np.ndarray = board.ids.to_numpy()[rows[first]]
    return founders


def mint_ids(founders: np.ndarray, registry: pd.DataFrame, key: bytes) -> pd.DataFrame:
    """Return golden_id, founder, generation of new IDs; none of them was ever in the registry.

    The generation is one above the last that the founder has founded, and rises until the ID is new.
    """
    last = registry.groupby("founder")["generation"].max() if len(registry) else pd.Series(dtype="Int64")
    at = pd.Index(last.index).get_indexer(pd.Index(founders)) if len(last) else np.full(len(founders), -1)
    generation = np.zeros(len(founders), dtype=np.int64)
    generation[at >= 0] = last.to_numpy(dtype=np.int64)[at[at >= 0]] + 1
    minted = np.array(golden_ids(founders.tolist(), generation.tolist(), key), dtype=object)
    while True:
        series = pd.Series(minted)
        clash = (series.isin(registry["golden_id"]) | series.duplicated()).to_numpy()
        if not clash.any():
            break
        generation[clash] += 1
        minted[clash] = golden_ids(founders[clash].tolist(), generation[clash].tolist(), key)
    return pd.DataFrame({"golden_id": minted, "founder": founders, "generation": generation})
