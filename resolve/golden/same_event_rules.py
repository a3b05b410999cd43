"""Rules by which a contact that two systems logged counts once; model.yaml names them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from resolve.errors import ConfigError

EQUAL = ("amount", "currency", "metric", "score")


@dataclass(frozen=True, slots=True)
class SameEventRule:
    """How two rows of one kind are recognised as one event.

    types, channels: what the kind is made of; no channels means any. seconds: how far apart the two may be when their
    subjects, or their lengths, speak for one event. alone: how far apart when nothing but the time does; 0 is never.
    alike: from which similarity, 0..1, two subjects speak for one event. equal: columns that both must have, with one
    value. ends: one of the two may have noted when it ended. Raises ConfigError with every mistake.
    """

    name: str
    types: tuple[str, ...]
    channels: tuple[str, ...] = ()
    seconds: float = 120.0
    alone: float = 0.0
    alike: float = 0.5
    equal: tuple[str, ...] = ()
    ends: bool = False

    def __post_init__(self) -> None:
        """Check the rule."""
        mistakes = [] if self.types else ["no types"]
        mistakes += [f"equal: {name!r} is none of {', '.join(EQUAL)}" for name in self.equal if name not in EQUAL]
        mistakes += [] if 0 <= self.alone <= self.seconds else ["0 <= alone <= seconds does not hold"]
        mistakes += [] if 0 <= self.alike <= 1 else ["alike is not between 0 and 1"]
        if mistakes:
            raise ConfigError([f"same_event rule {self.name}: {one}" for one in mistakes])

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any]) -> "SameEventRule":
        """Read a rule from plain data; raises ConfigError."""
        known = {f.name for f in fields(cls)}
        mistakes = [f"same_event rule: unknown key {name!r}" for name in sorted(set(entry) - known)]
        mistakes += [f"same_event rule: {name} is missing" for name in ("name", "types") if name not in entry]
        lists = {n: entry[n] for n in ("types", "channels", "equal") if n in entry}
        mistakes += [f"same_event rule: {n} is no list" for n, value in lists.items() if not isinstance(value, list)]
        numbers = {n: entry[n] for n in ("seconds", "alone", "alike") if n in entry}
        mistakes += [f"same_event rule: {n} is no number" for n, v in numbers.items() if not isinstance(v, int | float)]
        if mistakes:
            raise ConfigError(mistakes)
        return cls(**{**entry, **{n: tuple(map(str, v)) for n, v in lists.items()}})

    def to_dict(self) -> dict[str, Any]:
        """Return the rule as plain data that `from_dict` reads back, without what is at its default."""
        defaults = {f.name: f.default for f in fields(self)}
        plain = {name: value for name, value in asdict(self).items() if value != defaults[name]}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in plain.items()}


DEFAULT_SAME_EVENTS: tuple[SameEventRule, ...] = (
    SameEventRule("call", ("call",), ("phone",), 120, 60, ends=True),
    SameEventRule("mail", ("message", "email_sent"), ("email",), 600, alike=0.9),
    SameEventRule("chat", ("message",), ("chat", "line", "sms", "social"), 60, alike=0.9),
    SameEventRule("meeting", ("meeting", "visit"), seconds=900, alone=300),
    SameEventRule("order", ("order",), seconds=1800, alone=1800, equal=("amount", "currency")),
    SameEventRule("answer", ("survey_response",), seconds=600, alone=600, equal=("metric", "score")),
    SameEventRule("form", ("form_submitted",), seconds=300, alike=0.9),
)
