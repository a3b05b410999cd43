"""The commented meibo.yaml that `meibo init` writes."""

import re
import textwrap
from collections.abc import Sequence
from functools import cache
from importlib import resources

_VARIABLE = re.compile(r"\$\{([A-Z_]+)")
_BEGIN, _END = "sources:\n", "\n# model:"
_FIRST = ("salesforce", "hubspot", "zendesk")


def init_text(systems: Sequence[str] = ()) -> str:
    """Return a meibo.yaml to start from, with a block for each of `systems` (see `init_systems`).

    Without any: three sources of files and tables with presets, the rest explained and left at its default.
    """
    text = (resources.files("connectors.settings") / "template.yaml").read_text(encoding="utf-8")
    if not systems:
        return text
    head, begin, rest = text.partition(_BEGIN)
    _, end, tail = rest.partition(_END)
    blocks = [textwrap.indent(_blocks()[system], "  ") for system in dict.fromkeys(systems)]
    return head + begin + "\n" + "\n".join(blocks) + end + tail


def init_systems() -> tuple[str, ...]:
    """Return the systems that `init_text` has a block for: the three vendors, then the others by name."""
    return (*_FIRST, *sorted(set(_blocks()) - set(_FIRST)))


def init_variables(systems: Sequence[str]) -> list[str]:
    """Return the environment variables that the blocks of these systems read."""
    return sorted({name for system in systems for name in _VARIABLE.findall(_blocks()[system])})


@cache
def _blocks() -> dict[str, str]:
    """Return the packaged blocks, text of meibo.yaml under `sources:`, by system."""
    folder = resources.files("connectors.settings") / "blocks"
    found = [file for file in folder.iterdir() if file.name.endswith(".yaml")]
    return {file.name.removesuffix(".yaml"): file.read_text(encoding="utf-8") for file in found}
