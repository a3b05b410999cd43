"""Phone cells: every notation of a number gives one E.164 key; dummies and incomplete numbers give none."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolve.standardise.channels import standardise_identifier, standardise_phones
from resolve.standardise.phones import Phones

CASES = [
    ("06-6123-4567", "JP", "+81661234567"),
    ("+81 6 6123 4567", "JP", "+81661234567"),
    ("+81(0)6-6123-4567", "US", "+81661234567"),
    ("０９０１１１１２３４５", "JP", "+819011112345"),
    ("〇九〇ー一一一一ー二三四五", "JP", "+819011112345"),
    ("090‐1111−2345", "JP", "+819011112345"),
    ("O9O-l111-2345", "JP", "+819011112345"),
    ("9011112345", "JP", "+819011112345"),
    ("361234567", "JP", "+81361234567"),
    ("81-90-1111-2345", "JP", "+819011112345"),
    ("0081 90 1111 2345", "JP", "+819011112345"),
    ("010-81-90-1111-2345", "JP", "+819011112345"),
    ("TEL：03-5393-6365（代）", "JP", "+81353936365"),
    ("03(5393)6365", "JP", "+81353936365"),
    ("03/5393/6365", "JP", "+81353936365"),
    ("03.5393.6365", "JP", "+81353936365"),
    ("06-6123-4567 (内線 12)", "JP", "+81661234567"),
    ("06-6123-4567 内線34", "JP", "+81661234567"),
    ("03-5393-6365~7", "JP", "+81353936365"),
    ("0120-444-113", "JP", "+81120444113"),
    ("0800-123-0000", "JP", "+818001230000"),
    ("050-3333-1111", "JP", "+815033331111"),
    ("0774-12-3456", "JP", "+81774123456"),
    ("(614)309-2406", "US", "+16143092406"),
    ("614-309-2406 ext. 22", "US", "+16143092406"),
    ("614.309.2406x22", "US", "+16143092406"),
    ("1-614-309-2406", "US", "+16143092406"),
    ("001-614-309-2406x123", "US", "+16143092406"),
    ("(614)309-2406", "JP", "+16143092406"),
    ("020 7946 0958", "GB", "+442079460958"),
    ("+44 (0)20 7946 0958", "JP", "+442079460958"),
    ("030 901820", "DE", "+4930901820"),
    ("0049 30 901820", "DE", "+4930901820"),
    ("02 9374 4000", "AU", "+61293744000"),
    ("090-1111-2345", None, "+819011112345"),
]


@pytest.mark.parametrize(("cell", "country", "key"), CASES)
def test_a_number_gives_its_e164_key(cell: str, country: str | None, key: str) -> None:
    """The key is the same whatever the notation, with the record's country where the number states none."""
    assert standardise_phones(cell, country).keys == (key,)
    assert standardise_phones(cell, country).phones == (key,)


@pytest.mark.parametrize("cell", ["010-980-0000", "020-123-4567", "030-123-4567", "040-123-4567", "0109\u096e00000"])
def test_a_number_that_no_area_code_begins_is_no_key(cell: str) -> None:
    """010 dials abroad; 020, 030 and 040 belong to no place: kept as digits."""
    found = standardise_phones(cell, "JP")
    assert (len(found.phones), found.keys) == (1, ())


@pytest.mark.parametrize(
    "cell",
    [
        "03-5393-6365\n090-1111-2345",
        "03-5393-6365 / 090-1111-2345",
        "03-5393-6365、090-1111-2345",
        "03-5393-6365;090-1111-2345",
        "03-5393-6365 090-1111-2345",
        "自宅03-5393-6365 携帯090-1111-2345",
        "03-5393-6365 または 090-1111-2345",
        "03-5393-6365（090-1111-2345）",
    ],
)
def test_a_cell_may_hold_several_numbers(cell: str) -> None:
    """Line breaks, slashes, commas, blanks and brackets separate numbers."""
    assert standardise_phones(cell, "JP").keys == ("+81353936365", "+819011112345")


@pytest.mark.parametrize(
    ("cell", "country"),
    [
        ("090-0000-0000", "JP"),
        ("090-1234-5678", "JP"),
        ("03-1111-1111", "JP"),
        ("0000000000", "JP"),
        ("0120-000-000", "JP"),
        ("999-999-9999", "US"),
        ("123-456-7890", "US"),
        ("555-555-5555", "US"),
    ],
)
def test_a_dummy_is_no_evidence_and_is_listed(cell: str, country: str) -> None:
    """One digit repeated, or a run of digits, as subscriber number: no key, no value, but a reason."""
    found = standardise_phones(cell, country)
    assert (found.phones, found.keys) == ((), ())
    assert [reason for _, reason in found.blocked] == ["dummy"]


@pytest.mark.parametrize("cell", ["06-6123-4567", "080-1234-9876", "045-222-3333"])
def test_a_number_that_only_looks_a_little_like_a_dummy_stays(cell: str) -> None:
    """Runs that are shorter than the subscriber number happen by chance."""
    assert standardise_phones(cell, "JP").keys


@pytest.mark.parametrize(
    ("cell", "country"), [("6123-4567", "JP"), ("309-2406", "US"), ("090-1111-234", "JP"), ("12", "JP")]
)
def test_a_number_without_area_code_is_no_key(cell: str, country: str) -> None:
    """An incomplete number cannot be told from that of another area."""
    assert standardise_phones(cell, country).keys == ()


def test_an_incomplete_number_is_kept_as_digits() -> None:
    """It is still shown, so that nothing that a source knows is lost."""
    assert standardise_phones("6123-4567", "JP").phones == ("61234567",)


@pytest.mark.parametrize("cell", [None, "", " ", "なし", "n/a", "-", "不明"])
def test_an_empty_cell_gives_nothing(cell: str | None) -> None:
    """Words that stand for nothing are nothing."""
    assert standardise_phones(cell, "JP") == Phones()


@given(st.text(max_size=40), st.sampled_from(["JP", "US", "GB", "DE", "AU", None, "??"]))
def test_no_text_raises(cell: str, country: str | None) -> None:
    """Whatever a cell holds; keys are among the phones, and neither holds a blank."""
    found = standardise_phones(cell, country)
    assert set(found.keys) <= set(found.phones)
    assert all(phone and " " not in phone for phone in found.phones)


@given(st.sampled_from(CASES), st.sampled_from(["NFC", "NFD", "NFKD"]))
def test_keys_do_not_depend_on_width_composition_or_invisible_characters(
    case: tuple[str, str | None, str], form: str
) -> None:
    """Full-width, decomposed and interspersed with zero-width characters, a number is the same."""
    cell, country, key = case
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in cell)
    for text in (wide, unicodedata.normalize(form, cell), "\u200b".join(cell)):  # type: ignore[arg-type]
        assert standardise_phones(text, country).keys == (key,)


@given(st.sampled_from(CASES), st.sampled_from(["JP", "US", None]))
def test_standardising_a_key_gives_the_key(case: tuple[str, str | None, str], country: str | None) -> None:
    """An E.164 number states its country, so no other country changes it."""
    assert standardise_phones(case[2], country).keys == (case[2],)


def test_an_event_names_a_phone_by_the_same_key() -> None:
    """An event's number, written differently from the contact's, still meets it."""
    assert standardise_identifier("phone", "+81 90-1111-2345", "JP") == standardise_phones("09011112345", "JP").keys[0]
    assert standardise_identifier("phone", "090-0000-0000", "JP") is None


@pytest.mark.parametrize(
    ("cell", "extensions"),
    [
        ("06-6123-4567 (内線 12)", ("+81661234567;ext=12",)),
        ("06-6123-4567 ext. 12", ("+81661234567;ext=12",)),
        ("06-6123-4567", ()),
        ("06-6123-4567 (内線 12) / 090-1111-2345", ()),
    ],
)
def test_extensions_are_kept_beside_the_number(cell, extensions):
    """An extension belongs to the only number of its cell; the key is the number alone."""
    phones = standardise_phones(cell, "JP")
    assert phones.extensions == extensions
    assert phones.keys[0] == "+81661234567"


def test_a_long_cell_is_read_by_whole_lines() -> None:
    """A line of text is no number; beside it numbers are read, as far as a cell goes, and none is cut."""
    number = "090-1111-2222"
    assert standardise_phones(f"{number} " * 60, "JP").phones == ()
    assert standardise_phones("0" * 10**6 + "\n" + number, "JP").phones == ("+819011112222",)
    many = standardise_phones("\n".join(f"090-1234-{n:04}" for n in range(5_000, 5_060)), "JP").phones
    assert len(many) == 35
    assert all(len(one) == len("+819011112222") for one in many)
