"""What a run is told by whoever starts it: one model, which Prefect shows as a form and checks before a run begins."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from connectors.settings.gates import ALL, GATES
from connectors.settings.types import suggest
from flows.options import CPUS


def check_gate(name: str) -> str:
    """Return the name of a gate, or `all`; raises ValueError that lists the names."""
    if name not in (*GATES, ALL):
        hint = suggest(name, GATES)
        raise ValueError(f"there is no gate {name}{hint}; gates: {', '.join(GATES)}, or {ALL}")
    return name


class RunParameters(BaseModel):
    """What every run is told."""

    model_config = ConfigDict(extra="forbid")
    config: Annotated[Path, Field(description="The project's settings, meibo.yaml.")] = Path("meibo.yaml")
    dry_run: Annotated[bool, Field(description="Show what would change; write nothing.")] = False
    workers: Annotated[int, Field(ge=1, description="Processes for the heavy stages.")] = CPUS
    quiet: Annotated[bool, Field(description="Show no progress on the screen.")] = False
    accept_gates: Annotated[
        list[Annotated[str, AfterValidator(check_gate)]],
        Field(description="Gates that may be over budget this once, by name; `all` for every one."),
    ] = []
