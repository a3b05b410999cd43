"""MatchModel: every rule and parameter of matching as data; its version is a hash of its content.

The shipped policy is model.yaml beside this module. Training returns a new model; a model is never changed in place.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

import yaml

from resolve.errors import ConfigError
from resolve.golden.same_event_rules import DEFAULT_SAME_EVENTS, SameEventRule
from resolve.golden.segments import Segments, read_segments, write_segments
from resolve.golden.survivorship import SurvivorshipRule
from resolve.golden.thresholds import Thresholds
from resolve.link.rules import LinkRules
from resolve.link.rules_text import read_rules, write_rules
from resolve.link.upgrade_text import upgrade_comparisons

Rule = TypeVar("Rule")

# The C reader, where there is one, takes a tenth of the time for the same result; both know plain data only.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_POLICY = ("thresholds", "survivorship", "same_event", "segments")  # what nothing is learnt for
_SECTIONS = (
    "blocking",
    "comparisons",
    "classes",
    "floor",
    "frozen",
    "thresholds",
    "survivorship",
    "same_event",
    "segments",
    "seed",
    "trained_on",
)


@dataclass(frozen=True)
class MatchModel:
    """Rules of linking, thresholds (bits), survivorship, events told twice, segments; what it was trained on.

    Example: `MatchModel.shipped().thresholds.link == 0.0`.
    """

    link: LinkRules
    thresholds: Thresholds
    survivorship: tuple[SurvivorshipRule, ...]
    seed: int = 0
    trained_on: Mapping[str, Any] = field(default_factory=dict)
    same_event: tuple[SameEventRule, ...] = DEFAULT_SAME_EVENTS
    segments: Segments = field(default_factory=dict)

    @staticmethod
    def shipped() -> "MatchModel":
        """Return the model that comes with the package, untrained."""
        return _shipped()

    @staticmethod
    def from_yaml(text: str) -> "MatchModel":
        """Read a model; sections that are absent are taken from the shipped one. ConfigError lists every mistake."""
        data = _parse(text)
        if not data.get("blocking"):  # whoever names no rules gets the shipped ones, and a proposal by `meibo train`
            data.pop("blocking", None)
        mistakes = [f"model: unknown section {k!r}" for k in data if k not in _SECTIONS]
        data = _shipped_data() | data
        rules = read_rules(data, mistakes)
        thresholds = _read_thresholds(data["thresholds"], mistakes)
        survivorship = _read_each("survivorship", SurvivorshipRule.from_dict, data, mistakes)
        same_event = _read_each("same_event", SameEventRule.from_dict, data, mistakes)
        segments = read_segments(data["segments"], mistakes)
        if mistakes:
            raise ConfigError(mistakes)
        seed, trained_on = int(data.get("seed", 0)), data.get("trained_on", {})
        return MatchModel(rules, thresholds, survivorship, seed, trained_on, same_event, segments)

    @staticmethod
    def upgrade(text: str) -> "tuple[MatchModel, list[str]]":
        """Read a model that an older version of Meibo wrote; return it, and what had to be changed, one sentence each.

        Levels that have gone since are dropped, new ones are as likely as shipped (see `upgrade_comparisons`), sections
        that are no more are dropped. Raises ConfigError for what cannot be put right.
        """
        data = _parse(text)
        notes = [f"section {k!r} is no more, so it was dropped" for k in data if k not in _SECTIONS]
        data = {k: v for k, v in data.items() if k in _SECTIONS}
        if data.get("comparisons"):
            data["comparisons"], changes = upgrade_comparisons(
                data["comparisons"], write_rules(_shipped().link)["comparisons"]
            )
            notes += changes
        return MatchModel.from_yaml(yaml.safe_dump(data, sort_keys=False, allow_unicode=True)), notes

    def to_yaml(self) -> str:
        """Return the whole model as text that `from_yaml` reads back to an equal version."""
        return yaml.safe_dump(self._data(), sort_keys=False, allow_unicode=True, width=120)

    @property
    def lone(self) -> float:
        """The bits of `thresholds.lone` where the weights were learnt; starting values are too rough for it: 0."""
        return self.thresholds.lone if self.trained_on else 0.0

    @property
    def version(self) -> str:
        """A short hash of everything that decides a result."""
        return hashlib.sha256(self.to_yaml().encode()).hexdigest()[:12]

    @property
    def learnt_from(self) -> str:
        """A short hash of what training starts from: rules of linking and seed, none of what it hands on as it is."""
        data = write_rules(self.link) | {"seed": self.seed}
        return hashlib.sha256(yaml.safe_dump(data, sort_keys=False, allow_unicode=True).encode()).hexdigest()[:12]

    def with_policy_of(self, other: "MatchModel") -> "MatchModel":
        """Return this model with the thresholds, survivorship, events told twice and segments of another one.

        It is this very model where they are the same: to compare the hashes of two takes as long as to write both.
        """
        policy = {name: getattr(other, name) for name in _POLICY}
        return self if all(getattr(self, name) == value for name, value in policy.items()) else replace(self, **policy)

    def _data(self) -> dict[str, Any]:
        """Return the model as plain data."""
        return {
            **write_rules(self.link),
            "thresholds": {name: getattr(self.thresholds, name) for name in self.thresholds.__slots__},
            "survivorship": [rule.to_dict() for rule in self.survivorship],
            "same_event": [rule.to_dict() for rule in self.same_event],
            "segments": write_segments(self.segments),
            "seed": self.seed,
            "trained_on": dict(self.trained_on),
        }


def _parse(text: str) -> dict[str, Any]:
    """Return the sections of a model's text; ConfigError where it is no mapping."""
    try:
        data = yaml.load(text, Loader=_LOADER) or {}  # noqa: S506 - the safe loader, in C where there is one
    except yaml.YAMLError as error:
        raise ConfigError(f"model: not valid YAML: {error}") from error
    if not isinstance(data, dict):
        raise ConfigError("model: a mapping with sections is needed")
    return data


@cache
def _shipped_data() -> dict[str, Any]:
    """Return the content of the packaged model.yaml."""
    text = files("resolve").joinpath("model.yaml").read_text(encoding="utf-8")
    data: dict[str, Any] = yaml.load(text, Loader=_LOADER)  # noqa: S506 - the safe loader, in C where there is one
    return data


@cache
def _shipped() -> MatchModel:
    """Return the shipped model, read once."""
    return MatchModel.from_yaml("")


def _read_thresholds(data: Mapping[str, Any], mistakes: list[str]) -> Thresholds:
    """Read thresholds; what is wrong is added to `mistakes`."""
    try:
        return Thresholds(**data)
    except TypeError as error:
        mistakes.append(f"thresholds: {error}")
    except ConfigError as error:
        mistakes += error.mistakes
    return Thresholds()


def _read_each(
    section: str, read: Callable[[Mapping[str, Any]], Rule], data: Mapping[str, Any], mistakes: list[str]
) -> tuple[Rule, ...]:
    """Read the rules of a section; what is wrong is added to `mistakes`."""
    rules = []
    for number, entry in enumerate(data[section]):
        try:
            rules.append(read(entry))
        except ConfigError as error:
            mistakes += [f"{section}[{number}]: {mistake}" for mistake in error.mistakes]
    return tuple(rules)
