"""Survivorship rules: which record gives a profile its values, and which fields survive together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from resolve.errors import ConfigError

FIELDS: tuple[str, ...] = (
    "party_type", "full_name", "family_name", "given_name", "family_name_kana", "given_name_kana", "birth_date",
    "gender", "primary_email", "primary_phone", "country_code", "postal_code", "region", "city", "street", "building",
    "organization", "department", "job_title", "corporate_number", "preferred_language",
)  # fmt: skip


class Strategy(StrEnum):
    """What makes one record a better giver than another.

    source_rank: its source comes first in the settings. most_recent: changed last (created, where no change is known).
    most_frequent: most records say the same. most_complete: most of the rule's fields filled, an initial counting as
    empty, and so does a Japanese street without a number, which is all that a postal code tells. longest: most
    characters. personal: an e-mail address or phone number of this customer alone, then one shared with another
    customer, then a role mailbox or a number without its area code. own_script: a name in kanji goes before its reading
    or romanisation.
    """

    SOURCE_RANK = "source_rank"
    MOST_RECENT = "most_recent"
    MOST_FREQUENT = "most_frequent"
    MOST_COMPLETE = "most_complete"
    LONGEST = "longest"
    PERSONAL = "personal"
    OWN_SCRIPT = "own_script"


@dataclass(frozen=True, slots=True)
class SurvivorshipRule:
    """Fields that one record gives together, and by what it is chosen.

    fields: columns of golden_profile that decide and survive together. prefer: strategies, the strongest first; what is
    still equal goes to the smallest contact_id. companions: columns that come along from the same record without having
    a say. A gap is filled only from a record that agrees on every field both have, and shares at least one; of an
    address the most exact one that is known: street, else city, else region.

    Raises ConfigError with every mistake: an unknown field or strategy, no field, no strategy, a field named twice.
    """

    fields: tuple[str, ...]
    prefer: tuple[str, ...]
    companions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check the rule."""
        named = [*self.fields, *self.companions]
        mistakes = [f"unknown field {name!r}" for name in named if name not in FIELDS]
        mistakes += [f"field {name!r} is named twice" for name in sorted({n for n in named if named.count(n) > 1})]
        mistakes += [f"unknown strategy {name!r}" for name in self.prefer if name not in list(Strategy)]
        mistakes += ["no fields"] * (not self.fields) + ["no strategies under prefer"] * (not self.prefer)
        if mistakes:
            raise ConfigError([f"survivorship rule {', '.join(self.fields) or '?'}: {one}" for one in mistakes])

    @property
    def columns(self) -> tuple[str, ...]:
        """The fields and their companions."""
        return self.fields + self.companions

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any]) -> "SurvivorshipRule":
        """Read a rule from plain data: fields, prefer and companions, each a list of names. Raises ConfigError."""
        unknown = sorted(set(entry) - {"fields", "prefer", "companions"})
        if unknown:
            raise ConfigError([f"survivorship rule: unknown key {name!r}" for name in unknown])
        return cls(*(tuple(entry.get(name, ())) for name in ("fields", "prefer", "companions")))

    def to_dict(self) -> dict[str, list[str]]:
        """Return the rule as plain data that `from_dict` reads back."""
        plain = {"fields": list(self.fields), "prefer": list(self.prefer)}
        return plain | ({"companions": list(self.companions)} if self.companions else {})


_STABLE = ("most_frequent", "source_rank", "most_recent")  # a person has one, so the records vote
_FRESH = ("most_recent", "source_rank")  # it changes over a life, so the newest record knows
_REACH = ("personal", "most_frequent", "most_recent", "source_rank")

DEFAULT_RULES: tuple[SurvivorshipRule, ...] = (
    SurvivorshipRule(("party_type",), _STABLE),
    SurvivorshipRule(
        ("full_name", "family_name", "given_name"),
        ("most_complete", "own_script", *_STABLE),
        ("family_name_kana", "given_name_kana"),
    ),
    SurvivorshipRule(("birth_date",), ("longest", *_STABLE)),
    SurvivorshipRule(("gender",), _STABLE),
    SurvivorshipRule(("primary_email",), _REACH),
    SurvivorshipRule(("primary_phone",), _REACH),
    SurvivorshipRule(
        ("region", "city", "street"), ("most_complete", *_FRESH), ("country_code", "postal_code", "building")
    ),
    SurvivorshipRule(
        ("organization",), ("most_complete", *_FRESH), ("department", "job_title", "corporate_number")
    ),  # a newer record that knows a title alone has nothing to say on who the employer is
    SurvivorshipRule(("preferred_language",), _FRESH),
)


def complete_rules(rules: Sequence[SurvivorshipRule]) -> tuple[SurvivorshipRule, ...]:
    """Return the rules and the default ones for fields that none names; ConfigError when two name one field."""
    named = [name for rule in rules for name in rule.columns]
    twice = sorted({name for name in named if named.count(name) > 1})
    if twice:
        raise ConfigError([f"survivorship: field {name!r} is in two rules" for name in twice])
    added = []
    for rule in DEFAULT_RULES:
        fields = tuple(name for name in rule.fields if name not in named)
        companions = tuple(name for name in rule.companions if name not in named)
        if fields or companions:
            added.append(replace(rule, fields=fields or companions, companions=companions if fields else ()))
    return (*rules, *added)
