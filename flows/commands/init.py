"""`meibo init`: a commented meibo.yaml and model.yaml to start from."""

from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from connectors.settings.template import init_systems, init_text, init_variables
from connectors.settings.types import suggest
from flows import console, exits
from resolve.errors import ConfigError

FILES = ("meibo.yaml", "model.yaml")


def init_project(folder: Path, systems: Sequence[str] = (), *, as_json: bool) -> int:
    """Write the files to `folder` and say what to do next; raise ConfigError when one of them is there already.

    `systems`: what the sources are, such as salesforce or sansan; a name that has no block raises ConfigError.
    """
    known = init_systems()
    unknown = [
        f"--source {name}: there is no such system{suggest(name, known)}; systems: {', '.join(known)}"
        for name in systems
        if name not in known
    ]
    if unknown:
        raise ConfigError(unknown)
    there = [str(folder / name) for name in FILES if (folder / name).exists()]
    if there:
        raise ConfigError(
            f"{' and '.join(there)}: there already, and not overwritten; name another folder: meibo init DIR"
        )
    texts = {"meibo.yaml": init_text(systems), "model.yaml": model_text()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise ConfigError(
            f"{folder}: cannot be written ({error.strerror}); name another folder: meibo init DIR"
        ) from error
    written = [str(folder / name) for name in FILES]
    if as_json:
        console.print_json({"written": written, "exit_code": exits.OK})
        return exits.OK
    _tell(folder, written, systems)
    return exits.OK


def _tell(folder: Path, written: Sequence[str], systems: Sequence[str]) -> None:
    """Say what was written, which variables it reads, and what to do next."""
    for name in written:
        console.say(f"wrote {name}")
    variables = init_variables(systems)
    if variables:
        console.say(f"set in the environment: {', '.join(variables)}")
    if not systems:
        console.say(f"blocks to start from, by --source in another folder: {', '.join(init_systems())}")
    enter = () if folder == Path() else ((f"cd {folder}", ""),)
    console.print_next((*enter, ("edit meibo.yaml", "name your sources"), ("meibo check", "are they all reachable?")))


def model_text() -> str:
    """Return the model that comes with Meibo, comments included."""
    return (resources.files("resolve") / "model.yaml").read_text("utf-8")
