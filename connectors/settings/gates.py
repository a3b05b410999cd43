"""The budgets of a run: how much may change in one night before someone has to look."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, NonNegativeInt


def _read_off(value: Any) -> Any:
    """Return None for `off`, which YAML reads as false; anything else as it is."""
    return None if value is False or value == "off" else value


Share = Annotated[Annotated[float, Field(ge=0, le=1, strict=True)] | None, BeforeValidator(_read_off)]
Times = Annotated[Annotated[float, Field(ge=1, strict=True)] | None, BeforeValidator(_read_off)]


ALL = "all"  # stands for every gate where gates are accepted by name


class GateSettings(BaseModel):
    """Checks before publishing, each with its budget; `off` switches one off.

    Shares are 0..1, of the records, profiles or rows of the last published run; `largest_profile` and `row_growth` are
    times. No gate trips on `floor` records, profiles or rows, or fewer: in a small warehouse one is a large share.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    floor: NonNegativeInt = 20
    rekeyed_records: Share = 0.05  # known records that go to another golden ID
    merged_profiles: Share = 0.02  # profiles that end in another one
    split_profiles: Share = 0.02  # profiles that lose a part to another ID
    retired_profiles: Share = 0.05  # profiles that lose their last record
    largest_profile: Times = 2.0  # records of the largest profile, against the largest before
    row_drop: Share = 0.2  # living rows of a stream, against the median of its last runs
    row_growth: Times = 3.0
    quarantine_rise: Share = 0.1  # share of a stream's rows in quarantine, now less before
    lost_columns: Share = 0.5  # share of the rows read that lack a mapped column; stops its stream, not the run


GATES = tuple(name for name in GateSettings.model_fields if name != "floor")
