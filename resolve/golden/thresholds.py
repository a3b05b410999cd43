"""Match weights at which the verdict on a pair changes."""

from dataclasses import dataclass

from resolve.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Match weights, bits, at which the verdict changes.

    link: LINK from here, and clusters merge from here. review_low: REVIEW from here, REJECT below. review_high: links
    below it are shown to people as well. unmet: what a pair counts that blocking never brought together. lone: how much
    lower the bar is for two single contacts that have no better partner (`resolve.golden.components`).
    """

    link: float = 0.0
    review_low: float = -3.0
    review_high: float = 1.0
    unmet: float = -2.0
    lone: float = 1.5

    @property
    def lowest(self) -> float:
        """The lowest weight, bits, of a pair that two contacts may be joined by."""
        return self.link - self.lone

    def __post_init__(self) -> None:
        """Refuse thresholds out of order: ConfigError."""
        if not self.review_low <= self.link <= self.review_high:
            raise ConfigError("thresholds: review_low <= link <= review_high does not hold")
        if self.lone < 0:
            raise ConfigError("thresholds: lone must not be below 0")
        if self.unmet >= self.lowest:
            raise ConfigError("thresholds: unmet must be below link - lone, or strangers would be linked")
