"""The commented meibo.yaml that `meibo init` writes."""

from importlib import resources


def init_text() -> str:
    """Return a meibo.yaml to start from: three sources with presets, the rest explained and left at its default."""
    return (resources.files("connectors") / "settings_template.yaml").read_text(encoding="utf-8")
