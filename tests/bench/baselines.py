"""What simpler methods reach on the same contacts: exact keys, and recordlinkage as its manual shows it."""

import numpy as np
import pandas as pd


def exact_keys(contacts: pd.DataFrame) -> pd.Series:
    """Return clusters of contacts that share a mailbox, or a number and the whole name, as many a CRM matches."""
    keys = []
    mails = contacts["email_keys"].str.split().explode().dropna()
    keys.append("e:" + mails)
    phones = contacts["phone_keys"].str.split().explode().dropna()
    keys.append(("p:" + phones + ":" + contacts["name_key"].reindex(phones.index).astype(object)).dropna())
    return _closed(contacts, pd.concat(keys))


def plain_recordlinkage(contacts: pd.DataFrame) -> pd.Series:
    """Return clusters by recordlinkage: blocks on name parts and mail, Jaro-Winkler and equality, its ECM without labels."""
    import recordlinkage

    frame = contacts.set_index("contact_id")
    frame = frame[["family_key", "given_key", "email_keys", "phone_keys", "postal_key", "birth_key"]]
    frame = frame.assign(mail=frame["email_keys"].str.split().str[0], number=frame["phone_keys"].str.split().str[0])
    index = recordlinkage.Index()
    for name in ("family_key", "mail", "number", "birth_key"):
        index.block(name)
    pairs = index.index(frame)
    if not len(pairs):  # none of its fields is there
        return pd.Series(np.arange(len(contacts)), index=pd.Index(contacts["contact_id"]))
    compare = recordlinkage.Compare()
    for name in ("family_key", "given_key"):
        compare.string(name, name, method="jarowinkler", threshold=0.9, label=name)
    for name in ("mail", "number", "postal_key", "birth_key"):
        compare.exact(name, name, label=name)
    features = compare.compute(pairs, frame)
    found = recordlinkage.ECMClassifier(binarize=None).fit_predict(features)
    left, right = found.get_level_values(0), found.get_level_values(1)
    marks = pd.concat([pd.Series(np.arange(len(found)).astype(str), index=side) for side in (left, right)])
    position = pd.Series(contacts.index, index=contacts["contact_id"])
    return _closed(contacts, pd.Series(marks.to_numpy(), index=position.reindex(marks.index).to_numpy()))


def _closed(contacts: pd.DataFrame, keys: pd.Series) -> pd.Series:
    """Return connected components of contacts that share a key; `keys` is indexed by row label."""
    import scipy.sparse
    from scipy.sparse.csgraph import connected_components

    row = contacts.index.get_indexer(keys.index)
    code = pd.factorize(keys)[0]
    graph = scipy.sparse.coo_array(
        (np.ones(len(row)), (row, code + len(contacts))), shape=(len(contacts) + len(row),) * 2
    )
    labels = connected_components(graph, directed=False)[1][: len(contacts)]
    return pd.Series(labels, index=pd.Index(contacts["contact_id"]))
