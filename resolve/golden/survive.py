"""Records to golden profiles: the best value of every field, by rule, with where it came from."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from resolve.golden.ballot import Ballot, Choice
from resolve.golden.consent import CHANNELS, CHOSEN, settle_consent
from resolve.golden.kept_denials import as_sayings
from resolve.golden.order import find_rows, rank_texts, sort_order, take_rows
from resolve.golden.reach import main_emails, main_phones, reach_of
from resolve.golden.readings import lend_readings
from resolve.golden.spoken import as_spoken
from resolve.golden.survivorship import DEFAULT_RULES, FIELDS, Strategy, SurvivorshipRule, complete_rules
from resolve.sets import distinct

__all__ = ["DEFAULT_RULES", "Strategy", "Survival", "SurvivorshipRule", "survive_profiles"]

_TEXT = [name for name in FIELDS if not name.startswith("primary_")]
_NEEDED = [
    *("contact_id", "source", "source_id", "created_at", "updated_at", "emails", "email_keys", "role_emails", "phones"),
    *("phone_keys", "family_readings", "given_readings", *CHANNELS, *CHOSEN, *_TEXT),
]
NOWHERE: Mapping[str, Collection[str]] = {}
_NAMES = ("full_name", "family_name", "given_name")
_LINEAGE = ["golden_id", "field", "source", "source_id", "rule", "candidate_count"]


@dataclass(frozen=True, slots=True)
class Survival:
    """The profiles and where their values came from.

    profiles: golden_profile (key golden_id, sorted) without contact measures, household, status and run columns.
    lineage: golden_lineage (golden_id, field) without run_id, for fields with more than one candidate value.
    primaries: golden_id, type (email, phone), value: the key of the main address and number, as identifiers list it.
    """

    profiles: pd.DataFrame
    lineage: pd.DataFrame
    primaries: pd.DataFrame


def survive_profiles(
    contacts: pd.DataFrame,
    links: pd.DataFrame,
    rules: Sequence[SurvivorshipRule],
    source_ranks: Mapping[str, int],
    elsewhere: Mapping[str, Collection[str]] = NOWHERE,
    kept: pd.DataFrame | None = None,
) -> Survival:
    """Return the golden profile of every golden_id of the links.

    Args:
        contacts: CONTACTS.
        links: contact_id, golden_id; match_probability (0..1) where known, its minimum is the profile's confidence.
        rules: survivorship rules; fields that none names follow DEFAULT_RULES.
        source_ranks: rank of each source, smaller is preferred; sources not named come last, by name.
        elsewhere: keys of main values (email, phone) that customers beyond these have as well.
        kept: kept_denial of the contacts; none when missing.

    Consent is settled by `settle_consent`, names are shown as `as_spoken` says, of parts where there is no full name.
    Raises ConfigError when two rules name one field.
    """
    ballot, members, golden = _collect(contacts, links, source_ranks, elsewhere)
    profiles = _describe(members, ballot, golden)
    lineage: list[pd.DataFrame] = []
    givers: dict[str, np.ndarray] = {}
    for rule in complete_rules(rules):
        codes = {name: ballot.codes(name) for name in rule.columns}
        choice = ballot.choose(rule, codes)
        lend_readings(choice, rule.columns, members, ballot.profile)
        for at, name in enumerate(rule.columns):
            givers[name] = choice.giver[at]
            lineage.append(_lineage(ballot, rule, choice, name, codes[name]))
    for name in FIELDS:
        profiles[name] = _take(ballot.values[name], givers[name])
    _speak(profiles)
    consent, restricted = _settle(members, ballot.profile, kept)
    profiles = pd.concat([profiles, consent], axis=1)
    chosen = _with_givers(pd.concat(lineage, ignore_index=True), members)
    rows = _in_words(pd.concat([chosen, restricted], ignore_index=True), golden)
    return Survival(profiles, rows, _primaries(ballot, golden, givers))


def _settle(members: pd.DataFrame, profile: np.ndarray, kept: pd.DataFrame | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the consents of each profile and their lineage, with denials of records that are gone."""
    if kept is None or kept.empty:
        consent, lineage = settle_consent(members, profile)
        return consent, _with_givers(lineage, members)
    said, holder = as_sayings(kept, members)
    whole = pd.concat([members[list(said.columns)], said], ignore_index=True)
    outlived = np.arange(len(whole)) >= len(members)
    profile = np.append(profile, profile[holder.to_numpy()])
    order = np.argsort(profile, kind="stable")
    whole = take_rows(whole, order)
    consent, lineage = settle_consent(whole, profile[order], outlived[order])
    return consent, _with_givers(lineage, whole)


def _with_givers(rows: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    """Return rows of lineage with source and source_id of the records that their `row` is."""
    giver = rows["row"].to_numpy(dtype=np.int64)
    return rows.assign(**{name: members[name].to_numpy()[giver] for name in ("source", "source_id")})


def _in_words(rows: pd.DataFrame, golden: np.ndarray) -> pd.DataFrame:
    """Return golden_lineage of rows of profile, field, source, source_id, rule, candidate_count; sorted by its key."""
    rows = take_rows(rows, np.lexsort((rank_texts(rows["field"])[0], rows["profile"].to_numpy())))
    rows = rows.assign(golden_id=golden[rows["profile"].to_numpy(dtype=np.int64)])
    return rows[_LINEAGE].astype({"candidate_count": "Int64"})


def _collect(
    contacts: pd.DataFrame,
    links: pd.DataFrame,
    source_ranks: Mapping[str, int],
    elsewhere: Mapping[str, Collection[str]],
) -> tuple[Ballot, pd.DataFrame, np.ndarray]:
    """Return the ballot, the contacts in its order with their match_probability, and the golden IDs, sorted."""
    at = find_rows(links["contact_id"], contacts["contact_id"])
    linked = np.flatnonzero(at >= 0)
    linked = linked[sort_order(contacts["contact_id"].to_numpy()[linked])]
    code, golden = rank_texts(links["golden_id"].to_numpy()[at[linked]])
    order = np.argsort(code, kind="stable")
    members = contacts[_NEEDED].iloc[linked[order]].reset_index(drop=True)
    probability = links["match_probability"] if "match_probability" in links else pd.Series(1.0, index=links.index)
    members["match_probability"] = probability.to_numpy(dtype=float)[at[linked[order]]]
    emails, phones = main_emails(members), main_phones(members)
    values = members[["source", "created_at", "updated_at", *_TEXT]].assign(
        primary_email=emails["value"], primary_phone=phones["value"], email_key=emails["key"], phone_key=phones["key"]
    )
    profile = code[order]
    names = sorted(set(members["source"]), key=lambda name: (source_ranks.get(name, len(source_ranks) + 10**6), name))
    source_rank = members["source"].map({name: n for n, name in enumerate(names)}).to_numpy(dtype=np.int64)
    mains = {"email": emails, "phone": phones}
    reach = {f"primary_{kind}": reach_of(main, profile, elsewhere.get(kind, ())) for kind, main in mains.items()}
    return Ballot(values, profile, reach, source_rank), members, golden


def _describe(members: pd.DataFrame, ballot: Ballot, golden: np.ndarray) -> pd.DataFrame:
    """Return what all records of a profile say together: counts, sources, times, confidence."""
    starts = np.flatnonzero(np.diff(ballot.profile, prepend=-1))
    code, names = rank_texts(members["source"])
    width = np.int64(len(names) + 1)
    pairs = distinct(ballot.profile * width + code)  # by profile, then by the name of the source
    first = np.searchsorted(pairs, np.arange(ballot.count + 1) * width)
    parts = names[pairs % width].tolist()
    created = members["created_at"]
    changed = members["updated_at"].fillna(created)
    frame = {
        "golden_id": golden,
        "record_count": np.diff(np.append(starts, len(members))),
        "source_count": np.diff(first),
        "sources": [",".join(parts[a:b]) for a, b in zip(first[:-1].tolist(), first[1:].tolist(), strict=True)],
        "first_seen_at": created.groupby(ballot.profile).min().reset_index(drop=True),
        "last_seen_at": changed.groupby(ballot.profile).max().reset_index(drop=True),
        "match_confidence": np.minimum.reduceat(members["match_probability"].to_numpy(), starts) if len(starts) else [],
    }
    return pd.DataFrame(frame).astype({"record_count": "Int64", "source_count": "Int64", "sources": object})


def _take(values: pd.Series, giver: np.ndarray) -> np.ndarray:
    """Return the values of the givers, None where there is none."""
    taken = np.full(len(giver), None, dtype=object)
    taken[giver >= 0] = values.to_numpy(dtype=object)[giver[giver >= 0]]
    return taken


def _speak(profiles: pd.DataFrame) -> None:
    """Set the names as they are spoken; a whole one is made of parts where the giver has no other."""
    names = [profiles[name].to_numpy(dtype=object) for name in _NAMES]
    shown = [as_spoken(*record) for record in zip(*names, strict=True)]
    for name, values in zip(_NAMES, zip(*shown, strict=True) if shown else ((),) * len(_NAMES), strict=True):
        profiles[name] = pd.Series(values, index=profiles.index, dtype=object)


def _lineage(ballot: Ballot, rule: SurvivorshipRule, choice: Choice, name: str, code: np.ndarray) -> pd.DataFrame:
    """Return profile, field, row, rule, candidate_count where a field had more than one value to choose from."""
    at = rule.columns.index(name)
    rows = choice.rows[code[choice.rows] >= 0]
    pairs = distinct(ballot.profile[rows] * (code.max(initial=0) + 1) + code[rows])
    candidates = np.bincount(pairs // (code.max(initial=0) + 1), minlength=ballot.count)
    profile = np.flatnonzero((candidates > 1) & (choice.giver[at] >= 0))
    giver = choice.giver[at, profile]
    decided = _deciding(ballot, choice, code, at)[profile]
    labels = np.array([*rule.prefer, "contact_id", "agreeing_record"], dtype=object)
    return pd.DataFrame(
        {
            "profile": profile,
            "field": name,
            "row": giver,
            "rule": labels[decided],
            "candidate_count": candidates[profile],
        }
    )


def _deciding(ballot: Ballot, choice: Choice, code: np.ndarray, at: int) -> np.ndarray:
    """Return per profile the number of the strategy by which the giver beat the best record with another value."""
    rows, keys = choice.rows, choice.keys
    giver = choice.giver[at, ballot.profile[rows]]
    rival = np.flatnonzero((code[rows] >= 0) & (giver >= 0) & (code[rows] != code[giver]))
    rival = rival[np.flatnonzero(np.diff(ballot.profile[rows[rival]], prepend=-1))]
    first = np.flatnonzero(np.diff(ballot.profile[rows], prepend=-1))
    best = first[np.searchsorted(first, rival, side="right") - 1]
    decided = np.full(ballot.count, len(keys), dtype=np.int64)
    unlike = np.array([key[rival] != key[best] for key in keys])
    profile = ballot.profile[rows[rival]]
    decided[profile] = np.where(unlike.any(axis=0), unlike.argmax(axis=0), len(keys)) if len(rival) else len(keys)
    filled = rows[best] != choice.giver[at, profile]
    decided[profile[filled]] = len(keys) + 1
    return decided


def _primaries(ballot: Ballot, golden: np.ndarray, givers: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Return golden_id, type, value of the main address and number, as keys."""
    parts = []
    for kind in ("email", "phone"):
        giver = givers[f"primary_{kind}"]
        parts.append(
            pd.DataFrame({"golden_id": golden, "type": kind, "value": _take(ballot.values[f"{kind}_key"], giver)})
        )
    both = pd.concat(parts, ignore_index=True)
    return both[both["value"].notna()].reset_index(drop=True)
