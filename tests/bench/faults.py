"""Where errors come from: false merges and missed pairs, grouped by what the comparison of the two records said."""

from collections import Counter

import pandas as pd
from counting import pairs_within
from labelled import LabelledSet
from path import Outcome, are_candidates

from resolve.link.engine import score_listed

_SHOWN = (
    "full_name",
    "family_name_kana",
    "given_name_kana",
    "emails",
    "phones",
    "organization",
    "birth_date",
    "street",
)


def explain_faults(labelled: LabelledSet, outcome: Outcome, top: int = 12) -> str:
    """Return a report: the largest classes of false and missed pairs by pattern, each with examples and noise tags."""
    truth = labelled.truth.reindex(labelled.counted)
    found = outcome.clusters.reindex(labelled.counted)
    claimed, wanted = _marked(pairs_within(found)), _marked(pairs_within(truth))
    false = claimed[~claimed["key"].isin(wanted["key"])]
    missed = wanted[~wanted["key"].isin(claimed["key"])].reset_index(drop=True)
    never = ~are_candidates(outcome, missed) if len(missed) else missed["key"].isna()
    parts = [
        _section("FALSE MERGES", false, labelled, outcome, top),
        _section("MISSED, NEVER CANDIDATES", missed[never], labelled, outcome, top),
        _section("MISSED, SCORED TOO LOW OR SPLIT", missed[~never], labelled, outcome, top),
    ]
    return "\n".join(parts)


def _marked(pairs: pd.DataFrame) -> pd.DataFrame:
    """Return pairs with one key each."""
    return pairs.assign(key=pairs["contact_id_l"] + "|" + pairs["contact_id_r"])


def _section(title: str, pairs: pd.DataFrame, labelled: LabelledSet, outcome: Outcome, top: int) -> str:
    """Return the patterns of some pairs, the most frequent first, with two examples each."""
    lines = [f"\n== {title}: {len(pairs):,} pairs"]
    if pairs.empty:
        return lines[0]
    scored = score_listed(outcome.contacts, pairs[["contact_id_l", "contact_id_r"]], outcome.model.link)
    contacts = outcome.contacts.set_index("contact_id")
    groups = scored.groupby("pattern")
    for pattern in groups.size().sort_values(ascending=False).index[:top]:
        group = groups.get_group(pattern)
        weight = group["match_weight"]
        lines.append(
            f"\n{len(group):>6}  {pattern}  bits {weight.min():.1f} .. {weight.median():.1f} .. {weight.max():.1f}"
        )
        if labelled.noise is not None:
            lines.append(f"        noise: {_tags(labelled.noise, group)}")
        for pair in group.head(2).itertuples():
            lines += [f"        {_shown(contacts.loc[key], key)}" for key in (pair.contact_id_l, pair.contact_id_r)]
    return "\n".join(lines)


def _tags(noise: pd.Series, group: pd.DataFrame) -> dict[str, int]:
    """Return the commonest noise tags of the records of some pairs."""
    both = pd.concat([group["contact_id_l"], group["contact_id_r"]])
    return dict(Counter(tag for tags in noise.reindex(both) for tag in tags.split("|") if tag).most_common(6))


def _shown(contact: pd.Series, key: str) -> str:
    """Return the fields of a contact that decide."""
    return f"{key}: " + " / ".join(
        str(contact[name]).replace("\n", " ") if contact[name] is not None else "-" for name in _SHOWN
    )
