"""The fingerprint of everything a run's result depends on: equal fingerprints, nothing to do."""

import hashlib

import pandas as pd


def hash_inputs(frames: dict[str, pd.DataFrame], facts: dict[str, str]) -> str:
    """Return a hash (hex) of frames by name and of facts such as the model's version.

    Rows count by content, not by order; times, numbers and missing values count as they are.
    """
    digest = hashlib.blake2b(digest_size=16)
    for name, fact in sorted(facts.items()):
        digest.update(f"{name}={fact}\n".encode())
    for name, frame in sorted(frames.items()):
        ordered = frame[sorted(frame.columns)]
        rows = pd.util.hash_pandas_object(ordered, index=False).sort_values()
        digest.update(f"{name}:{len(frame)}:{','.join(ordered.columns)}\n".encode())
        digest.update(rows.to_numpy().tobytes())
    return digest.hexdigest()
