"""Labelled pairs: from people's judgements, from a list of pairs, or from entities, and what to learn from them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from resolve.link.arrays import Bools, Ints, hash_text, mix
from resolve.link.block import Blocks, Pairs
from resolve.link.encode import Encoded

MOST_PAIRS = 100_000  # labelled pairs to learn from; of more, an even share by hash
HELD_BACK = 0.3  # share of the contacts whose pairs are kept to report on


@dataclass(frozen=True, slots=True)
class Labelled:
    """Pairs of encoded contacts (rows, left < right), whether each is one person, and which are held back."""

    left: Ints
    right: Ints
    same: Bools
    held_back: Bools

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self.left)

    @property
    def pairs(self) -> Pairs:
        """The pairs as candidates of no rule."""
        return Pairs(self.left, self.right, np.full(len(self.left), -1, dtype=np.int64))


def from_pairs(contacts: Encoded, labels: pd.DataFrame) -> tuple[Labelled, int]:
    """Return labelled pairs from contact_id_l, contact_id_r, same (boolean), and how many name an unknown contact.

    A pair that is labelled twice counts once; where its labels differ it is not the same.
    """
    index = pd.Index(contacts.ids)
    a = index.get_indexer(pd.Index(labels["contact_id_l"]))
    b = index.get_indexer(pd.Index(labels["contact_id_r"]))
    known = (a >= 0) & (b >= 0) & (a != b)
    frame = pd.DataFrame({"left": np.minimum(a, b), "right": np.maximum(a, b), "same": labels["same"].to_numpy(bool)})
    pairs = frame[known].groupby(["left", "right"], as_index=False)["same"].all()
    left, right = (pairs[side].to_numpy(np.int64) for side in ("left", "right"))
    return _with_split(contacts, left, right, pairs["same"].to_numpy(bool)), int((~known).sum())


def from_entities(contacts: Encoded, blocks: Blocks, entity: pd.Series) -> Labelled:
    """Return the candidate pairs between labelled contacts; `entity` by contact_id, the rest is not labelled.

    At most about MOST_PAIRS: candidates of other relations than one person are what a model must learn to refuse.
    """
    code = np.full(len(contacts), -1, dtype=np.int64)
    at = pd.Index(contacts.ids).get_indexer(entity.index)
    code[at[at >= 0]] = pd.factorize(entity)[0][at >= 0]
    found: list[tuple[Ints, Ints]] = [(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))]
    for pairs in blocks.chunks():
        keep = (code[pairs.left] >= 0) & (code[pairs.right] >= 0)
        found.append((pairs.left[keep], pairs.right[keep]))
    left, right = (np.concatenate(side) for side in zip(*found, strict=True))
    if len(left) > MOST_PAIRS:
        spread = mix((left * len(contacts) + right).view(np.uint64))
        chosen = np.sort(np.argpartition(spread, MOST_PAIRS)[:MOST_PAIRS])
        left, right = left[chosen], right[chosen]
    return _with_split(contacts, left, right, code[left] == code[right])


def _with_split(contacts: Encoded, left: Ints, right: Ints, same: Bools) -> Labelled:
    """Hold back the pairs whose left contact hashes so: the split knows neither row order nor size."""
    ids = pa.array(contacts.ids[left], type=pa.string())
    held = mix(hash_text(ids)[0]) % np.uint64(1000) < np.uint64(1000 * HELD_BACK)
    return Labelled(left, right, same, held)
