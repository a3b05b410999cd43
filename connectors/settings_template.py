"""The commented meibo.yaml that `meibo init` writes."""

import re
import textwrap
from collections.abc import Sequence
from importlib import resources

import yaml

_VARIABLE = re.compile(r"\$\{([A-Z_]+)")
_BEGIN, _END = "sources:\n", "\n# model:"


def init_text(systems: Sequence[str] = ()) -> str:
    """Return a meibo.yaml to start from, with a block for each of `systems` (see `init_systems`).

    Without any: three sources of files and tables with presets, the rest explained and left at its default.
    """
    text = (resources.files("connectors") / "settings_template.yaml").read_text(encoding="utf-8")
    if not systems:
        return text
    head, begin, rest = text.partition(_BEGIN)
    _, end, tail = rest.partition(_END)
    blocks = [textwrap.indent(_blocks()[system], "  ") for system in dict.fromkeys(systems)]
    return head + begin + "\n" + "\n".join(blocks) + end + tail


def init_systems() -> tuple[str, ...]:
    """Return the systems that `init_text` has a block for."""
    return tuple(_blocks())


def init_variables(systems: Sequence[str]) -> list[str]:
    """Return the environment variables that the blocks of these systems read."""
    return sorted({name for system in systems for name in _VARIABLE.findall(_blocks()[system])})


def _blocks() -> dict[str, str]:
    """Return the blocks by system."""
    text = (resources.files("connectors") / "settings_blocks.yaml").read_text(encoding="utf-8")
    blocks: dict[str, str] = yaml.safe_load(text)
    return blocks
