"""The fingerprint of everything a run's result depends on: equal fingerprints, nothing to do."""

import hashlib

import numpy as np
import pandas as pd

SAMPLE = 1_000  # rows that tell whether a column is of ids


def hash_inputs(frames: dict[str, pd.DataFrame], facts: dict[str, str]) -> str:
    """Return a hash (hex) of frames by name and of facts such as the model's version.

    Rows count by content, not by order; times, numbers and missing values count as they are.
    """
    digest = hashlib.blake2b(digest_size=16)
    for name, fact in sorted(facts.items()):
        digest.update(f"{name}={fact}\n".encode())
    for name, frame in sorted(frames.items()):
        ordered = pd.DataFrame({column: _coded(frame[column]) for column in sorted(frame.columns)}, copy=False)
        rows = pd.util.hash_pandas_object(ordered, index=False, categorize=False).to_numpy()
        digest.update(f"{name}:{len(frame)}:{','.join(ordered.columns)}\n".encode())
        digest.update(np.sort(rows).tobytes())
    return digest.hexdigest()


def _coded(column: pd.Series) -> pd.Series:
    """Return a text column with each distinct value once, which hashes alike; ids as they are, the codes cost more."""
    if column.dtype != object or (column.iloc[:SAMPLE].is_unique and column.notna().all()):
        return column
    codes, values = pd.factorize(column)
    # pandas-stubs know no Index as categories
    return pd.Series(pd.Categorical.from_codes(codes, values), index=column.index)  # type: ignore[arg-type]
