"""Legal forms of companies, compiled from companies.tsv."""

import re
from collections.abc import Iterator
from importlib.resources import files
from typing import NamedTuple


class Forms(NamedTuple):
    """A pattern whose group `form` is a written form, and the code of each written form."""

    pattern: re.Pattern[str]
    codes: dict[str, str]

    def search(self, text: str) -> re.Match[str] | None:
        """Return the first written form in a cleaned text, or None."""
        return self.pattern.search(text)


def _rows(kind: str) -> Iterator[tuple[str, str]]:
    """Yield (written form, code) of one kind."""
    for line in files("resolve.standardise").joinpath("companies.tsv").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            code, here, forms = line.split("\t")
            if here == kind:
                yield from ((form, code) for form in forms.split(" "))


def _compile(kind: str, template: str) -> Forms:
    """Return the forms of a kind, the longest written form first, in a pattern template."""
    codes = dict(_rows(kind))
    longest = "|".join(map(re.escape, sorted(codes, key=len, reverse=True)))
    return Forms(re.compile(template.replace("FORM", f"(?P<form>{longest})")), codes)


LONG = _compile("long", r"FORM")
BRACKET = _compile("bracket", r"\(\s*FORM\s*\)")
# A bank writes the form in kana: カ)マルヤマ, マルヤマ(カ, マルヤマ(カ)オオサカ.
BANK = _compile("bank", r"(?:^\(?|(?<=.)\()FORM(?:\)|$)")
WEST = dict(_rows("west"))
WEST_LONGEST = 4


def _slips(forms: dict[str, str]) -> dict[str, str]:
    """Return long written forms with one letter left out or two neighbours swapped: corporatin, incoprorated."""
    slips = {}
    for form, code in forms.items():
        if len(form) >= 7 and form.isalpha():
            for i in range(1, len(form)):
                slips[form[:i] + form[i + 1 :]] = code
                slips[form[: i - 1] + form[i] + form[i - 1] + form[i + 1 :]] = code
    return {slip: code for slip, code in slips.items() if slip not in forms}


WEST_SLIPS = _slips(WEST)
