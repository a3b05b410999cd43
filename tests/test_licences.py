"""What Meibo installs may be used and passed on freely: no dependency is under the GPL or AGPL."""

import re
from importlib import metadata

from packaging.requirements import Requirement

STRONG_COPYLEFT = re.compile(r"\b(A?GPL|GNU (Affero )?General Public)", re.IGNORECASE)
WEAK_COPYLEFT = re.compile(r"\bLGPL|Lesser General Public", re.IGNORECASE)


def required_by(name: str, extras: frozenset[str] = frozenset()) -> set[str]:
    """Return the distributions that `name` pulls in, itself included, as they are installed."""
    found: dict[str, frozenset[str]] = {}
    waiting = [(name, extras)]
    while waiting:
        current, wanted = waiting.pop()
        key = re.sub(r"[-_.]+", "-", current).lower()
        if found.get(key, frozenset()) >= wanted and key in found:
            continue
        found[key] = found.get(key, frozenset()) | wanted
        for line in metadata.requires(current) or []:
            requirement = Requirement(line)
            environments = [{"extra": extra} for extra in (wanted or {""})]
            if requirement.marker is None or any(requirement.marker.evaluate(e) for e in environments):
                waiting.append((requirement.name, frozenset(requirement.extras)))
    return set(found)


def licence_of(name: str) -> str:
    """Return what a distribution says of its licence: expression, classifiers, and the first line of the field."""
    about = metadata.metadata(name)
    classifiers = [c for c in about.get_all("Classifier") or [] if c.startswith("License")]
    field = (about.get("License") or "").strip().splitlines()[:1]
    return " | ".join(filter(None, [about.get("License-Expression") or "", *classifiers, *field]))


def is_strong_copyleft(licence: str) -> bool:
    """Tell whether a licence text names the GPL or AGPL as the only choice; the Lesser GPL is another licence."""
    choices = [part for part in re.split(r"\||\bOR\b", licence) if part.strip()]
    stated = [c for c in choices if STRONG_COPYLEFT.search(WEAK_COPYLEFT.sub("", c))]
    return bool(stated) and len(stated) == len(choices)


def test_no_dependency_is_under_the_gpl() -> None:
    """Nothing that `pip install meibo[postgres,s3,dlt]` brings is under the GPL or AGPL."""
    names = required_by("meibo", frozenset({"postgres", "s3", "dlt"}))
    assert len(names) > 50
    assert sorted(n for n in names if is_strong_copyleft(licence_of(n))) == []


def test_the_licence_check_knows_the_gpl() -> None:
    """The check itself finds the GPL, and tells the Lesser GPL and a free choice apart."""
    assert is_strong_copyleft("License :: OSI Approved :: GNU General Public License v3 (GPLv3)")
    assert is_strong_copyleft("AGPL-3.0-only")
    assert not is_strong_copyleft("LGPL-3.0-only")
    assert not is_strong_copyleft("License :: OSI Approved :: GNU Lesser General Public License v3 (LGPLv3)")
    assert not is_strong_copyleft("MIT OR GPL-2.0-only")
