"""What is new since the last published run: the only input of an incremental run."""

from dataclasses import dataclass, field

import pandas as pd

from resolve.schema import empty, frames

FIRST = "nothing is published yet"  # the reason of a first run


def _ids(*columns: str) -> pd.DataFrame:
    """Return a frame of text columns without rows."""
    return pd.DataFrame({column: [] for column in columns}, dtype=object)


@dataclass(frozen=True, slots=True)
class Delta:
    """The difference between what the sources say now and what the last published run saw.

    contacts: CONTACTS that are new, or whose standardised content differs from the table `contact`.
    gone: contact_id, reason (deleted, merged, quarantined, erased, vanished) of stored contacts that no source row
    gives any more; a contact never stands in both.
    touchpoints: TOUCHPOINTS that are new or differ from the table `touchpoint`, merged records replaced by survivors.
    touchpoints_gone: touchpoint_id of stored touchpoints that no source row gives any more.
    aliases: contact_id, merged_into of records whose survivor is new or another one; contacts and touchpoints that
    change by it stand in the frames above.
    due: touchpoint_id of stored touchpoints that were planned when the last published run began, and are no more.
    judgements: contact_id_l, contact_id_r (the smaller left) of pairs judged since the last published run.
    full: nothing is known, or so much differs that everything has to be resolved; the frames above then hold all
    there is. reason: why it is full; empty otherwise.
    """

    contacts: pd.DataFrame = field(default_factory=lambda: empty(frames.CONTACTS))
    gone: pd.DataFrame = field(default_factory=lambda: _ids("contact_id", "reason"))
    touchpoints: pd.DataFrame = field(default_factory=lambda: empty(frames.TOUCHPOINTS))
    touchpoints_gone: pd.DataFrame = field(default_factory=lambda: _ids("touchpoint_id"))
    aliases: pd.DataFrame = field(default_factory=lambda: _ids("contact_id", "merged_into"))
    judgements: pd.DataFrame = field(default_factory=lambda: _ids("contact_id_l", "contact_id_r"))
    due: pd.DataFrame = field(default_factory=lambda: _ids("touchpoint_id"))
    full: bool = False
    reason: str = ""

    def __len__(self) -> int:
        """Return how many contacts, touchpoints and judgements differ, or are due."""
        frames_ = (self.contacts, self.gone, self.touchpoints, self.touchpoints_gone, self.judgements, self.due)
        return sum(map(len, frames_))
