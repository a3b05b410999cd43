"""Most cells hold one plain value, which is read by a shorter way; here both ways are held against each other."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolve.standardise.addresses_japan_numbers import split_numbers
from resolve.standardise.addresses_japan_text import write_numbers
from resolve.standardise.companies import standardise_company
from resolve.standardise.dates import standardise_date
from resolve.standardise.emails import standardise_emails
from resolve.standardise.gazetteer import places
from resolve.standardise.kana import kana_key
from resolve.standardise.kana_romaji import kana_to_romaji, romaji_key, romaji_keys
from resolve.standardise.kanji import fold_kanji, fold_long
from resolve.standardise.phones import standardise_phones

WIDE = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)} | {" ": "\u3000"})
JAPANESE = st.from_regex(r"\A0[789]0-[1-9]\d{3}-\d{4}\Z|\A0[1-9]-[2-9]\d{3}-\d{4}\Z|\A0[1-9][1-9]\d{7}\Z")


@given(JAPANESE)
def test_a_plain_japanese_number_is_what_phonenumbers_makes_of_it(cell: str) -> None:
    """Where phonenumbers knows a number as possible, the short way gives the same E.164 number."""
    number = phonenumbers.parse(cell, "JP")
    found = standardise_phones(cell, "JP")
    if found.keys and phonenumbers.is_possible_number(number):
        assert found.keys == (phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),)


@given(st.from_regex(r"\A\+?[\d\-. ]{6,14}\Z", fullmatch=True), st.sampled_from(["JP", "US", "GB", "DE", None]))
def test_a_plain_number_is_read_as_beside_a_word(cell: str, country: str | None) -> None:
    """The short way for a lone number, full-width or not, equals the long way for the number with a remark."""
    plain = standardise_phones(cell, country)
    assert standardise_phones(cell.translate(WIDE), country) == standardise_phones(
        f"(自宅){cell}".translate(WIDE), country
    )
    if cell.isascii() and cell.strip(" -.+"):
        assert plain.keys == standardise_phones(f"(自宅) {cell}", country).keys


@given(st.from_regex(r"\A[\w+.-]{1,12}@[a-z-]{1,8}\.(?:com|co\.jp)\Z"))
def test_a_lone_address_is_read_as_in_brackets(cell: str) -> None:
    """The short way for a lone address equals the long way for `<address>`."""
    assert standardise_emails(cell) == standardise_emails(f"<{cell}>")


@given(st.from_regex(r"\A[0-9]{4}([-/])[0-9]{2}\1[0-9]{2}\Z"), st.sampled_from(["JP", "US", None]))
def test_an_iso_date_is_read_as_with_a_blank(cell: str, country: str | None) -> None:
    """The short way for ISO dates equals the long way, which a blank at the end leads to."""
    assert standardise_date(cell, country) == standardise_date(cell + " ", country)


@given(st.from_regex(r"\A\d{1,5}(-\d{1,5}){0,4}( [^\s]{1,8}){0,2}\Z"))
def test_a_plain_chain_of_block_numbers_is_read_as_behind_its_sign(text: str) -> None:
    """The short way for 2-8-1 equals the long way, which 第 leads to."""
    assert split_numbers(text) == split_numbers("第" + text)


@pytest.mark.parametrize("text", ["1ー2~3", "1 - 2", "1- 2", "1 -2", "1-2"])
def test_every_dash_between_numbers_is_written_as_a_hyphen(text: str) -> None:
    """The look whether there is anything to write misses no form of a dash."""
    assert write_numbers(text) in ("1-2", "1-2-3")


@given(
    st.lists(st.text("アカサタナハマヤラワンッャュョーゴオウシツチ", min_size=1, max_size=8), min_size=1, max_size=5)
)
def test_romaji_keys_of_many_readings_are_those_of_each(readings: list[str]) -> None:
    """Folding many readings as one text changes none of them."""
    assert romaji_keys(readings) == [romaji_key(kana_to_romaji(reading)) for reading in readings]


def test_every_postal_code_of_a_town_leads_back_to_its_municipality_or_to_none() -> None:
    """Codes are read without the towns; both readings of the gazetteer agree."""
    for index in range(0, len(places.load_cities()), 37):
        for town in places.towns_of(index).values():
            if town.postal_code is not None:
                home = places.place_of_postal_code(town.postal_code)
                assert home is None or (home.city == index and home.town in (town.name, None))


@given(st.text("アイオコソエケテーウュヴヅぁゔゝ・ 山a", max_size=8))
def test_a_kana_text_that_is_its_own_key_is_seen_as_such(text: str) -> None:
    """The look whether there is anything to rewrite misses nothing: a key is its own key, ー before it or not."""
    key = kana_key(text)
    assert kana_key(key) == key
    assert kana_key("ー" + text) == key


@pytest.mark.parametrize("mark", ["御中", " 御中", "　各位"])
@given(st.sampled_from(["丸山電機", "ABC Ltd.", "個人", "大阪支店", "丸山電機大阪支店", "Acme (Leeds branch)"]))
def test_a_company_is_read_as_with_its_address_form(mark: str, cell: str) -> None:
    """御中 and 各位 behind a company change nothing."""
    assert standardise_company(cell + mark) == standardise_company(cell)


@given(st.text("アカシツンジョコ山", max_size=6))
def test_kana_without_joined_sounds_are_read_one_by_one(kana: str) -> None:
    """The short way for kana that stand alone equals the long way, which a doubling mark at the end leads to."""
    assert kana_to_romaji(kana.replace("ョ", "ヨ") + "ッ") == kana_to_romaji(kana.replace("ョ", "ヨ"))


@given(st.text("髙高々崎﨑ア\n", max_size=12))
def test_long_texts_are_folded_like_short_ones(text: str) -> None:
    """Folding the kanji of a long text by search equals folding by table."""
    assert fold_long(text) == fold_kanji(text)
