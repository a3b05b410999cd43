"""Our blocking and comparisons behind the interfaces of recordlinkage, so that its objects and ours can be mixed.

    index = recordlinkage.Index(); index.add(BlockingIndex(rules))        pairs of our blocking rules
    compare = recordlinkage.Compare(); compare.add(LevelFeature(...))     levels of one of our comparisons

These are for people who work with recordlinkage; the engine itself never builds a frame of all pairs.
"""

import numpy as np
import pandas as pd
from recordlinkage.base import BaseCompareFeature, BaseIndexAlgorithm

from resolve.link.block import build_blocks
from resolve.link.compare_values import compare_texts
from resolve.link.encode import Encoded, encode_texts
from resolve.link.rules import LinkRules


class BlockingIndex(BaseIndexAlgorithm):  # type: ignore[misc]  # recordlinkage has no types
    """Candidate pairs of blocking rules as a recordlinkage index algorithm.

    Frames are CONTACTS indexed by contact_id. As in recordlinkage, pairs of one frame come as (later row, earlier row).
    """

    def __init__(self, rules: LinkRules) -> None:
        super().__init__()
        self.rules = rules

    def _link_index(self, df_a: pd.DataFrame, df_b: pd.DataFrame) -> pd.MultiIndex:
        """Return the pairs between two frames."""
        left, right = self._pairs(pd.concat([df_a, df_b]))
        side = np.concatenate([np.zeros(len(df_a), dtype=bool), np.ones(len(df_b), dtype=bool)])
        between = side[left] != side[right]
        first, second = np.minimum(left, right)[between], np.maximum(left, right)[between]
        return _labels((df_a.index, df_b.index), (first, second - len(df_a)))

    def _dedup_index(self, df_a: pd.DataFrame) -> pd.MultiIndex:
        """Return the pairs within one frame."""
        left, right = self._pairs(df_a)
        return _labels((df_a.index, df_a.index), (np.maximum(left, right), np.minimum(left, right)))

    def _pairs(self, frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Return pairs as row numbers of the frame."""
        contacts = frame.reset_index(drop=True)
        order = np.argsort(contacts["contact_id"].to_numpy(dtype=object), kind="stable")
        found = [(p.left, p.right) for p in build_blocks(Encoded(contacts), self.rules).chunks()]
        if not found:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
        return order[np.concatenate([p[0] for p in found])], order[np.concatenate([p[1] for p in found])]


def _labels(indexes: tuple[pd.Index, pd.Index], rows: tuple[np.ndarray, np.ndarray]) -> pd.MultiIndex:
    """Return row numbers as a two-level index of labels."""
    names = [index.name for index in indexes]
    labels = [index.take(codes) for index, codes in zip(indexes, rows, strict=True)]
    return pd.MultiIndex.from_arrays(labels, names=names)


class LevelFeature(BaseCompareFeature):  # type: ignore[misc]  # recordlinkage has no types
    """The level on which two text columns agree, as a recordlinkage feature: 1 equal, 2, …, NaN missing.

    `kind` and `thresholds` as in `resolve.link.compare_values.compare_texts`. Unlike recordlinkage's own features a
    missing value is not a disagreement.
    """

    name = "level"

    def __init__(self, column: str, kind: str, thresholds: tuple[float, ...], label: str | None = None) -> None:
        super().__init__(column, column, label=label or column)
        self.kind = kind
        self.thresholds = thresholds

    def _compute_vectorized(self, s_left: pd.Series, s_right: pd.Series) -> pd.Series:
        """Return the levels of aligned values."""
        import pyarrow as pa

        size = len(s_left)
        column = encode_texts(pa.array([*s_left, *s_right], type=pa.string(), from_pandas=True))
        rows = np.arange(size, dtype=np.int64)
        levels = compare_texts(column, (rows, rows + size), self.kind, self.thresholds)
        return pd.Series(np.where(levels == 0, np.nan, levels.astype(np.float64)), index=s_left.index)
