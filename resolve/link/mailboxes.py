"""Local parts of mailboxes that say what they are: those of a family (yamada.family@, smith-home@)."""

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resolve.link.arrays import Bools

FAMILY_WORDS = frozenset(("family", "families", "household", "home", "kazoku", "ie", "ke"))
_RUN_ON = ("family", "kazoku")  # also at the end of a word: smithfamily
_ANY = f"{'|'.join(_RUN_ON)}|(^|[^a-z])({'|'.join(sorted(FAMILY_WORDS))})([^a-z]|$)"  # what all of them have


def is_family_mailbox(local: str) -> bool:
    """Return whether a local part names a household: a family word beside a name of two letters or more."""
    words = [word for word in re.split("[^a-z]+", local) if word]
    for word in words:
        if word in FAMILY_WORDS:
            return any(len(other) > 1 and other not in FAMILY_WORDS for other in words)
        if any(word.endswith(end) and len(word) > len(end) + 2 for end in _RUN_ON):
            return True
    return False


def family_mailboxes(values: pa.Array) -> Bools:
    """Return which of some mailboxes (keys in lower case) belong to a household."""
    local = pc.replace_substring_regex(values, r"@.*$", "")
    found = np.asarray(pc.match_substring_regex(local, _ANY).to_numpy(zero_copy_only=False), dtype=bool)
    found[found] = [is_family_mailbox(text) for text in local.filter(pa.array(found)).to_pylist()]
    return found
