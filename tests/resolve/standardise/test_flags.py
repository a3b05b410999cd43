"""Consent, gender, language, country and postal codes: any notation to one code."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolve.standardise.consent import standardise_consent
from resolve.standardise.country import country_code, country_names
from resolve.standardise.gender import standardise_gender
from resolve.standardise.language import standardise_language
from resolve.standardise.postal import postal_key, show_postal_code


@pytest.mark.parametrize(
    ("consent", "opt_out", "expected"),
    [
        ("1", None, "granted"),
        ("TRUE", "0", "granted"),
        ("○", None, "granted"),
        ("希望する", None, "granted"),
        ("Opted In", None, "granted"),
        ("×", None, "denied"),
        ("希望しない", None, "denied"),
        ("no", None, "denied"),
        ("yes", "1", "denied"),
        (None, "true", "denied"),
        (None, "0", None),
        (None, None, None),
        ("maybe", None, None),
        ("1\n0", None, "denied"),
        ("yes\nmaybe", None, "granted"),
        ("停止中", None, "denied"),
        ("Do not contact", None, "denied"),
    ],
)
def test_consent_and_opt_out_become_one_word(consent: str | None, opt_out: str | None, expected: str | None) -> None:
    """An opt-out that is set wins; one that is not set grants nothing; of several columns one that denies is enough."""
    assert standardise_consent(consent, opt_out) == expected


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "1",
            "✓",
            "0\n1",
            "1\n0",
            "false\nUnsubscribed",
            "Opted out",
            "unsubscribed",
            "停止",
            "配信停止",
            "拒否",
            "不可",
        ),
        *("2024-05-01", "2024年5月1日 10:00", "2024-05-01T00:00:00Z", "クレームのため", "maybe"),
    ],
)
def test_no_opt_out_is_lost(cell: str) -> None:
    """Whichever column says it, in whatever words: a refusal, a date or a reason is an opt-out, beside any consent."""
    assert standardise_consent(None, cell) == "denied"
    assert standardise_consent("yes", cell) == "denied"


@pytest.mark.parametrize(
    "cell",
    [
        "",
        " ",
        "0",
        "No",
        "0\nfalse",
        "なし",
        "-",
        "n/a",
        "未設定",
        "希望しない",
        "0000-00-00 00:00:00",
        "Opted in",
        "受信する",
    ],
)
def test_an_opt_out_that_is_not_set_says_nothing(cell: str) -> None:
    """Empty, a no, no date, or a word that wants contact."""
    assert standardise_consent(None, cell) is None
    assert standardise_consent("yes", cell) == "granted"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("F", "female"), ("女性", "female"), ("女", "female"), ("2", "female"), ("Male", "male"), ("男", "male"), ("1", "male"),
     ("その他", "other"), ("non-binary", "other"), ("divers", "other"), ("0", None), ("9", None), ("不明", None), (None, None)],
)  # fmt: skip
def test_gender_becomes_one_of_three(cell: str | None, expected: str | None) -> None:
    """Words of several languages and ISO 5218 numbers are understood; unknown is nothing."""
    assert standardise_gender(cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("ja", "ja"), ("ja-JP", "ja"), ("Japanese", "ja"), ("日本語", "ja"), ("en_US", "en"), ("English", "en"), ("英語", "en"),
     ("zh-Hant-TW", "zh"), ("deu", "de"), ("klingon", None), ("", None), (None, None)],
)  # fmt: skip
def test_language_becomes_iso_639_1(cell: str | None, expected: str | None) -> None:
    """Tags and names in English and Japanese are understood."""
    assert standardise_language(cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("日本", "JP"), ("Japan", "JP"), ("jpn", "JP"), ("ＪＰ", "JP"), ("United States", "US"), ("U.S.A.", "US"), ("米国", "US"),
     ("UK", "GB"), ("Deutschland", "DE"), ("ドイツ", "DE"), ("México", "MX"), ("台湾", "TW"), ("Atlantis", None), ("", None), (None, None)],
)  # fmt: skip
def test_country_becomes_iso_alpha_2(cell: str | None, expected: str | None) -> None:
    """Codes, English, Japanese and own names are understood."""
    assert country_code(cell) == expected


def test_every_country_code_is_its_own_name() -> None:
    """Standardising twice is once, and every code is two capital letters."""
    for code in set(country_names().values()):
        assert country_code(code) == code
        assert len(code) == 2
        assert code.isupper()


@pytest.mark.parametrize(
    ("cell", "country", "key", "shown"),
    [
        ("160-0023", "JP", "1600023", "160-0023"),
        ("〒1600023", "JP", "1600023", "160-0023"),
        ("１６０－００２３", "JP", "1600023", "160-0023"),
        ("700037", "JP", "0700037", "070-0037"),
        ("0000000", "JP", None, None),
        ("12345", "JP", None, None),
        ("68122-1234", "US", "68122", "68122"),
        ("2134", "US", "02134", "02134"),
        ("sw1a2aa", "GB", "SW1A2AA", "SW1A 2AA"),
        ("LS1 4DY", "GB", "LS14DY", "LS1 4DY"),
        ("ABC", "GB", None, None),
        ("K1A-0B1", "CA", "K1A0B1", "K1A 0B1"),
        ("D-10115", "DE", "10115", "10115"),
        ("800", "AU", "0800", "0800"),
        ("1012 LG", "NL", "1012LG", "1012LG"),
        (None, "JP", None, None),
    ],
)
def test_postal_codes_are_compared_without_separators(
    cell: str | None, country: str, key: str | None, shown: str | None
) -> None:
    """A leading zero that was lost comes back where the length proves it."""
    assert postal_key(cell, country) == key
    assert show_postal_code(key, country) == shown


@given(st.text(max_size=20))
def test_no_text_raises(cell: str) -> None:
    """Whatever a cell holds, each flag is one of its words or nothing."""
    assert standardise_consent(cell, cell) in ("granted", "denied", None)
    assert standardise_gender(cell) in ("female", "male", "other", None)
    assert standardise_language(cell) is None or len(standardise_language(cell) or "") == 2
    assert country_code(cell) is None or len(country_code(cell) or "") == 2
    assert postal_key(cell, "JP") is None or len(postal_key(cell, "JP") or "") == 7
