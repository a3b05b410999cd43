"""Names of profiles: order and capitals of what is shown."""

import pytest

from resolve.golden.spoken import as_spoken


@pytest.mark.parametrize(
    ("full", "family", "given", "shown"),
    [
        ("SMITH, JOHN", "SMITH", "JOHN", "John Smith"),
        ("john smith", "smith", "john", "John Smith"),
        ("Smith John", "Smith", "John", "John Smith"),
        ("SMITH John", "SMITH", "John", "John Smith"),
        ("SMITH, John Paul, Jr.", "SMITH", "John", "John Paul Smith, Jr."),
        (None, "SMITH", "john", "John Smith"),
        ("John A. smith", "smith", "John", "John A. Smith"),
        ("JOHN SMITH III", "SMITH", "JOHN", "John Smith III"),
        ("MARIA DE LA CRUZ", "DE LA CRUZ", "MARIA", "Maria de la Cruz"),
        ("VAN DER BERG, JAN", "VAN DER BERG", "JAN", "Jan van der Berg"),
        ("O'BRIEN, ANNE-MARIE", "O'BRIEN", "ANNE-MARIE", "Anne-Marie O'Brien"),
        ("McDONALD, RONALD", "McDONALD", "RONALD", "Ronald McDonald"),
        ("KEVIN NG", "NG", "KEVIN", "Kevin Ng"),
        ("JP SMITH", "SMITH", "JP", "JP Smith"),
        ("JÜRGEN GROß", "GROß", "JÜRGEN", "Jürgen Groß"),
        ("İPEK YILMAZ", "YILMAZ", "İPEK", "İpek Yilmaz"),
        ("Ludwig van Beethoven", "van Beethoven", "Ludwig", "Ludwig van Beethoven"),
        ("John Smith MD", "Smith", "John", "John Smith MD"),
        ("madonna", None, "madonna", "Madonna"),
        ("ACME LTD", None, None, "ACME LTD"),
        ("山田 太郎", "山田", "太郎", "山田 太郎"),
        (None, "山田", "太郎", "山田 太郎"),
        (None, "ヤマダ", "タロウ", "ヤマダ タロウ"),
    ],
)
def test_names_are_shown_as_they_are_spoken(full, family, given, shown):
    """Given name first in letters, family name first in Japanese scripts; shown again, nothing changes."""
    names = as_spoken(full, family, given)
    assert names[0] == shown
    assert as_spoken(*names) == names


def test_parts_are_shown_like_the_whole():
    """A salutation takes the given name, and it is not shouted."""
    assert as_spoken("SMITH, JOHN", "SMITH", "JOHN") == ("John Smith", "Smith", "John")
    assert as_spoken(None, None, None) == (None, None, None)
