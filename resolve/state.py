"""What the warehouse knew before a run, as far as a run has to know it."""

from dataclasses import dataclass, field

import pandas as pd

from resolve.schema import OPERATIONS, empty, frames


def no_denials() -> pd.DataFrame:
    """Return kept_denial, without run_id, of a warehouse that keeps none."""
    return empty(OPERATIONS["kept_denial"]).drop(columns="run_id")


@dataclass(frozen=True, slots=True)
class State:
    """What the warehouse knew before the run.

    links: contact_id, golden_id, previous_golden_id, linked_at, and gone (why a contact left), the last three optional.
    registry: golden_registry. history: touchpoint_id, golden_id_at_event.
    judgements: JUDGEMENTS. aliases: contact_id, merged_into (contact_ids of records that their source merged away).
    kept: kept_denial. left: of CONTACTS that left, as they last were, those that deny; ids and consents do.
    """

    links: pd.DataFrame
    registry: pd.DataFrame
    history: pd.DataFrame
    judgements: pd.DataFrame
    aliases: pd.DataFrame
    kept: pd.DataFrame = field(default_factory=no_denials)
    left: pd.DataFrame = field(default_factory=lambda: empty(frames.CONTACTS))

    @classmethod
    def nothing(cls) -> "State":
        """Return the state of an empty warehouse."""
        return cls(
            links=pd.DataFrame({"contact_id": [], "golden_id": []}, dtype=object),
            registry=empty(OPERATIONS["golden_registry"]).drop(columns="run_id"),
            history=pd.DataFrame({"touchpoint_id": [], "golden_id_at_event": []}, dtype=object),
            judgements=empty(frames.JUDGEMENTS),
            aliases=pd.DataFrame({"contact_id": [], "merged_into": []}, dtype=object),
        )
