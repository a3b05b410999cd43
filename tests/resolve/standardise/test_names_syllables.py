"""Korean and Chinese names in letters: surname first or last, syllables apart, with a hyphen or together."""

import pandas as pd
import pytest

from resolve.model import MatchModel
from resolve.quality.cases import run_cases
from resolve.schema import conform
from resolve.schema.frames import SOURCE_RECORDS
from resolve.standardise.contact import standardise_contacts
from resolve.standardise.names import NameParts, standardise_name
from resolve.standardise.names_syllables import split_syllables

WRITINGS = [
    (("kim", "minjun"), ["Kim Min-jun", "Minjun Kim", "KIM Minjun", "Kim Min Jun", "Min Jun Kim", "Kim, Min-Jun"]),
    (("wang", "xiaoming"), ["Wang Xiaoming", "Xiao-Ming Wang", "Xiaoming WANG", "Wang Xiao Ming", "Wang, Xiaoming"]),
    (("wong", "siuming"), ["Wong Siu Ming", "Siu Ming Wong", "Wong Siu-ming", "WONG Siu Ming"]),
]


@pytest.mark.parametrize(("keys", "text"), [(keys, text) for keys, texts in WRITINGS for text in texts])
def test_every_way_to_write_a_name_of_syllables_gives_the_same_keys(keys: tuple[str, str], text: str) -> None:
    """The surname is found at either end; the second syllable is no middle name."""
    name = standardise_name(NameParts(full_name=text))
    assert (name.family_key, name.given_key, name.middle_key) == (*keys, None)


@pytest.mark.parametrize(
    ("given", "family"), [("Min-jun", "Kim"), ("Min Jun", "Kim"), ("Kim", "Min-jun"), ("Minjun", "KIM")]
)
def test_names_in_columns_are_read_alike(given: str, family: str) -> None:
    """Also where somebody entered the surname as the given name; a whole table says the same as one record."""
    name = standardise_name(NameParts(given_name=given, family_name=family))
    assert (name.family_key, name.given_key) == ("kim", "minjun")
    records = pd.DataFrame(
        {"source": ["a"], "source_id": ["1"], "given_name": [given], "family_name": [family]}, dtype=object
    )
    contact = standardise_contacts(conform(records, SOURCE_RECORDS), default_countries="KR").iloc[0]
    assert [contact[c] for c in ("family_key", "given_key", "given_variants")] == ["kim", "minjun", name.given_variants]


@pytest.mark.parametrize(
    ("text", "family", "given"),
    [
        ("Kim Basinger", "basinger", "kim"),
        ("Kim Wilson", "wilson", "kim"),
        ("Kim Sasaki", "sasaki", "kim"),
        ("Lee Hanna", "hanna", "lee"),
        ("Lee Pace", "pace", "lee"),
        ("Mary Ann Lee", "lee", "mary"),
        ("Sean Lee", "lee", "sean"),
        ("Sasaki Mina", "sasaki", "mina"),
    ],
)
def test_other_names_with_such_a_word_stay_as_they_were(text: str, family: str, given: str) -> None:
    """What is not syllables as a whole, or a name elsewhere, is not turned round."""
    name = standardise_name(NameParts(full_name=text))
    assert (name.family_key, name.given_key) == (family, given)


def test_a_name_is_cut_into_the_fewest_syllables_of_one_romanisation() -> None:
    """Xiao-ming, not xi-ao-ming; what is left over makes it no name."""
    assert split_syllables("wang", "xiaoming") == ("xiao", "ming")
    assert split_syllables("kim", "minjun") == ("min", "jun")
    assert split_syllables("kim", "xiaoming") == ()
    assert split_syllables("kim", "wilson") == ()
    assert split_syllables("kim", "") == ()


@pytest.mark.parametrize(
    ("left", "right", "verdict"),
    [
        ("Kim Min-jun", "Minjun Kim", "same"),
        ("Wong Siu Ming", "Siu-ming Wong", "same"),
        ("Park Ji Sung", "Jisung Park", "same"),
        ("Kim Min Ho", "Min-ho Kim", "same"),
        ("Cheung Wing Fung", "Cheung Wing-fung", "same"),  # surnames at both ends: the whole name meets
        ("Kim Min-jun", "Kim Min-seo", "different"),
        ("Min-jun Kim", "Min-jung Kim", "different"),
        ("Wang Xiaoming", "Wang Xiaohong", "different"),
        ("Kim Min-jun", "Kim Min-joon", "review"),
        ("Park Ji-young", "Park Jiyeong", "review"),
        ("Min-jun Kim", "Minjum Kim", "review"),
    ],
)
def test_another_syllable_is_another_person_and_another_spelling_may_be_the_same(
    left: str, right: str, verdict: str
) -> None:
    """One letter tells two people apart where both names are known; a slip makes no known name."""
    cases = pd.DataFrame([{"id": "1", "kind": "person", "left": left, "right": right, "expect": verdict, "why": ""}])
    assert run_cases(cases, MatchModel.shipped())["verdict"].tolist() == [verdict]
