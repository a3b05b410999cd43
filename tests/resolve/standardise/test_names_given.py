"""The list of common given names: what is on it, which spellings are one name, and what names make of it."""

import subprocess
import sys
import tomllib
from importlib.resources import files
from itertools import combinations
from pathlib import Path

import pytest

from resolve.standardise.names import NameParts, standardise_name
from resolve.standardise.names_given import is_listed_given, spelling_of


def variants(name: str) -> set[str]:
    """The variants of the given name of a person."""
    return set((standardise_name(NameParts(full_name=name)).given_variants or "").split())


def listed() -> list[str]:
    """The names of the file, in its order."""
    lines = files("resolve.standardise").joinpath("given_names.txt").read_text("ascii").splitlines()
    return [name for line in lines if not line.startswith("#") for name in line.split()]


def test_the_list_is_sorted_folded_and_travels_with_the_package():
    """Each name once, as keys are written, and the file is among what pyproject.toml packs."""
    names = listed()
    assert names == sorted(set(names))
    assert all(name.isalpha() and name.islower() and len(name) > 1 for name in names)
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text("utf-8"))
    assert "*.txt" in project["tool"]["setuptools"]["package-data"]["*"]


@pytest.mark.parametrize("name", ["Johanna", "Marieke", "Jana", "Chiara", "Søren", "Jürgen", "Agnieszka", "Zoltán"])
def test_common_names_are_known(name):
    """A common given name is known, with its accents too."""
    assert "known=yes" in variants(f"{name} Weiss")


def test_a_slip_is_no_known_name():
    """What is nobody's name may be a slip of the pen."""
    assert not is_listed_given("jhanna")
    assert "known=yes" not in variants("Jhanna Weiss")


@pytest.mark.parametrize(
    "spellings",
    [
        ("stefan", "stephan", "stefan"), ("matthias", "mathias", "matias"), ("erik", "eric", "erich"), ("lucie", "lucy"), ("katja", "catia"),
        ("philipp", "philip", "filip"), ("hannah", "hanna", "hana"), ("maja", "maya"), ("sofie", "sophie"), ("wiktor", "victor"),
    ],
)  # fmt: skip
def test_spellings_of_one_name_share_a_form(spellings):
    """However its sounds are written, a name has one form."""
    assert len({spelling_of(name) for name in spellings}) == 1


@pytest.mark.parametrize(
    "names",
    [
        ("marie", "maria", "mary"),
        ("jan", "jana"),
        ("daniel", "daniela"),
        ("anna", "hanna", "johanna"),
        ("simon", "simone"),
        ("raj", "ray"),
    ],
)
def test_different_names_share_none(names):
    """A letter that makes another name is kept."""
    for one, other in combinations(names, 2):
        assert spelling_of(one) != spelling_of(other)


def test_spellings_of_known_names_meet_as_alternates():
    """Stephan carries `alt=stefan`; a name that is not known keeps its spelling."""
    assert "alt=stefan" in variants("Stephan Weiss")
    assert not any(form.startswith("alt=") for form in variants("Stephann Weiss"))


def test_help_does_not_read_the_list():
    """`meibo --help` loads no names."""
    code = "import sys, flows.cli; print('resolve.standardise.names_given' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
