"""What levels say (`says:` of a comparison in model.yaml) as plain data, and back."""

from collections.abc import Mapping
from typing import Any

from resolve.link.compare_names import LEVEL_NAMES
from resolve.link.rules import Comparison

WORDS = ("same", "review", "different")  # the later one wins where two name parts disagree
_STATE_MARK = "/"


def read_says(
    data: Mapping[str, Any], names: tuple[str, ...], where: str, mistakes: list[str]
) -> tuple[str | None, ...]:
    """Return the policy's word for each level, None where it has none; () without any. Mistakes are added to the list.

    The data are `{same: [levels], review: [levels], different: [levels]}`. The comparison of names also takes states of
    one name part (`variant`, `missing`): a pair of names says the worse of what its two parts say.
    """
    given = data.get("says")
    if given is None:
        return ()
    if not isinstance(given, Mapping) or any(not isinstance(levels, list) for levels in given.values()):
        mistakes.append(f"{where}: says needs lists of levels, as in same: [equal]")
        return ()
    mistakes += [f"{where}: says: {word!r} is none of {', '.join(WORDS)}" for word in given if word not in WORDS]
    word_of = {str(level): word for word in WORDS for level in given.get(word, ())}
    listed = [str(level) for levels in given.values() for level in levels]
    known = (
        {*names, *(state for name in LEVEL_NAMES for state in name.split(_STATE_MARK))} if _are_names(names) else names
    )
    mistakes += [f"{where}: says: unknown level {level!r}" for level in dict.fromkeys(listed) if level not in known]
    mistakes += [
        f"{where}: says: level {n!r} is there twice" for n in sorted({n for n in listed if listed.count(n) > 1})
    ]
    return tuple(word_of.get(name, _joint(name, word_of) if _are_names(names) else None) for name in names)


def _are_names(names: tuple[str, ...]) -> bool:
    """Return whether these are the levels of the whole-name comparison."""
    return names == LEVEL_NAMES


def _joint(name: str, word_of: Mapping[str, str]) -> str | None:
    """Return the worse word of the two states of a name level, None where a state has none."""
    words = [word_of.get(state) for state in name.split(_STATE_MARK)]
    known = [word for word in words if word is not None]
    return max(known, key=WORDS.index) if len(known) == len(words) else None


def write_says(comparison: Comparison) -> dict[str, list[str]]:
    """Return what `read_says` reads back; empty where the comparison leaves it to the probabilities."""
    pairs = list(zip(comparison.levels, comparison.said, strict=True)) if comparison.said else []
    words = {word: [level for level, said in pairs if said == word] for word in WORDS}
    return {word: levels for word, levels in words.items() if levels}
