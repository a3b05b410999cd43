"""Company names: form, core, branch and department; what is one company and what is another."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolve.standardise.companies import NO_COMPANY, corporate_number, has_legal_form, standardise_company


@pytest.mark.parametrize(
    ("text", "key", "form"),
    [
        ("株式会社丸山電機", "丸山電機", "KK"),
        ("丸山電機㈱", "丸山電機", "KK"),
        ("（株）丸山電機", "丸山電機", "KK"),
        ("山田商店（株）", "山田商店", "KK"),
        ("ド）マルヤマ", "マルヤマ", "GK"),
        ("カ）マルヤマ", "マルヤマ", "KK"),
        ("ﾏﾙﾔﾏ(ｶ", "マルヤマ", "KK"),
        ("マルヤマ（カ）", "マルヤマ", "KK"),
        ("シ)ヤマダ", "ヤマダ", "GSK"),
        ("ユ）ヤマダ", "ヤマダ", "YK"),
        ("医療法人社団桜会", "桜会", "MEDS"),
        ("(医社)桜会", "桜会", "MEDS"),
        ("医療法人財団桜会", "桜会", "MEDZ"),
        ("特定非営利活動法人みどり", "ミドリ", "NPO"),
        ("NPO法人みどり", "ミドリ", "NPO"),
        ("さくら税理士法人", "サクラ", "TAX"),
        ("（税）さくら", "サクラ", "TAX"),
        ("さくら(弁)", "サクラ", "LAW"),
        ("一般社団法人日本名寄協会", "日本名寄協会", "ISHA"),
        ("澁谷工業株式会社", "渋谷工業", "KK"),
        ("株式会社宮下ホールディングス", "宮下hd", "KK"),
        ("宮下HD㈱", "宮下hd", "KK"),
        ("Blue Ridge, L.L.C.", "blueridge", "LLC"),
        ("Blue Ridge LLC", "blueridge", "LLC"),
        ("The Acme Company, Inc.", "acme", "INC"),
        ("Maruyama Co., Ltd.", "maruyama", "LTD"),
        ("Maruyama Company Limited", "maruyama", "LTD"),
        ("Maruyama Kabushiki Kaisha", "maruyama", "KK"),
        ("Maruyama K.K.", "maruyama", "KK"),
        ("ABC GmbH & Co. KG", "abc", "GMBHKG"),
        ("Haney, Boone & Graham", "haneybooneandgraham", None),
        ("HANEY, BOONE AND GRAHAM LTD", "haneybooneandgraham", "LTD"),
        ("Acme Pty Ltd", "acme", "PTY"),
        ("丸山電機株式会社 御中", "丸山電機", "KK"),
    ],
)
def test_form_and_core_stand_apart(text, key, form):
    """Spelled out, in brackets, as a bank's code or in English: the form is known, the core is the key."""
    company = standardise_company(text)
    assert (company.org_key, company.org_form) == (key, form)


@pytest.mark.parametrize(
    ("text", "branch"),
    [
        ("丸山電機株式会社 大阪支店", "大阪支店"),
        ("丸山電機株式会社大阪支店", "大阪支店"),
        ("丸山電機大阪支店", "大阪支店"),
        ("丸山電機株式会社（大阪支店）", "大阪支店"),
        ("(有)丸山電機（本社）", "本社"),
        ("株式会社丸山電機 本社", "本社"),
        ("丸山電機(カ)オオサカ", "オオサカ"),
        ("丸山電機株式会社", None),
    ],
)
def test_branches_are_no_part_of_the_key(text, branch):
    """A branch is the same company at another place."""
    company = standardise_company(text)
    assert (company.org_key, company.org_branch) == ("丸山電機", branch)


def test_branches_of_banks_and_western_companies():
    """A bank's branch follows the word bank; "- Chicago Office" is a branch."""
    assert standardise_company("三菱UFJ銀行新宿支店")[2:] == ("三菱ufj銀行", None, "新宿支店")
    assert standardise_company("Acme Inc - Chicago Office")[2:] == ("acme", "INC", "chicagooffice")


def test_departments_stand_apart():
    """Departments behind the company are shown as department and change no key."""
    company = standardise_company("丸山電機株式会社 営業部 第一課")
    assert (company.org_key, company.department) == ("丸山電機", "営業部 第一課")


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("丸山電機株式会社", "丸山電気株式会社"),
        ("北斗商事株式会社", "北斗商会株式会社"),
        ("Blue Ridge LLC", "Blue Ridge Partners LLC"),
        ("第一工業", "第二工業"),
        ("東丸山電機", "西丸山電機"),
        ("丸山電機株式会社", "株式会社丸山電機ホールディングス"),
    ],
)
def test_other_companies_have_other_keys(left, right):
    """Words that tell companies apart stay in the key."""
    assert standardise_company(left).org_key != standardise_company(right).org_key


def test_kana_of_either_size_is_one_company():
    """キヤノン and キャノン are one."""
    assert standardise_company("キヤノン㈱").org_key == standardise_company("キャノン株式会社").org_key


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "-",
        "なし",
        "個人",
        "無職",
        "西山様",
        "Ortiz Household",
        "Self-employed",
        "N/A",
        "テスト",
        "Test Inc",
        "株式会社テスト",
    ],
)
def test_cells_that_name_no_company(text):
    """Household accounts of a CRM, states of life and placeholders are no company."""
    assert standardise_company(text) == NO_COMPANY


def test_a_form_alone_is_kept_as_a_name():
    """Nothing is lost: a company called "Company Limited" has a key."""
    assert standardise_company("Company Limited").org_key == "company"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7000012050002", "7000012050002"),
        ("T8013401001509", "8013401001509"),
        ("７０００-０１２０-５０００２", "7000012050002"),
        ("7000012050003", None),
        ("700001205000", None),
        ("", None),
        (None, None),
    ],
)
def test_corporate_numbers_need_their_check_digit(text, number):
    """A wrong digit makes the number worthless."""
    assert corporate_number(text) == number


@given(st.integers(0, 10**12 - 1), st.integers(0, 12), st.integers(1, 9))
def test_any_single_wrong_digit_is_seen(body, place, step):
    """The check digit sees nearly every single error: all but 0 for 9 and doubled digits that agree modulo 9."""
    digits = f"{body:012d}"
    check = 9 - sum(int(d) * (1 + i % 2) for i, d in enumerate(reversed(digits))) % 9
    number = f"{check}{digits}"
    assert corporate_number(number) == number
    wrong = number[:place] + str((int(number[place]) + step) % 10) + number[place + 1 :]
    weight = 1 if place == 0 else 1 + (12 - place) % 2
    if (weight * (int(wrong[place]) - int(number[place]))) % 9:
        assert corporate_number(wrong) is None


@pytest.mark.parametrize(
    ("text", "company"),
    [
        ("山田太郎", False),
        ("株式会社山田", True),
        ("(株)山田", True),
        ("山田(総務部)", False),
        ("John Smith Inc", True),
        ("John Smith Co", False),
        ("Anh Do", False),
    ],
)
def test_only_strong_forms_make_a_name_cell_a_company(text, company):
    """Short forms that are also names ("Co", "As") do not."""
    assert has_legal_form(text) is company


@settings(deadline=None)
@given(st.none() | st.text(max_size=30))
def test_any_cell_is_accepted(text):
    """Never an exception."""
    standardise_company(text)
    corporate_number(text)


@settings(deadline=None)
@given(st.text("株式会社有限()㈱丸山電機ﾏﾙｶﾞABCa., ltd", max_size=14), st.sampled_from(["NFC", "NFD", "zero", "upper"]))
def test_keys_do_not_depend_on_how_text_is_encoded(text, change):
    """Composition, zero-width characters and case change no key."""
    other = {"zero": "\u200b".join(text), "upper": text.upper()}.get(change) or unicodedata.normalize(
        change, text or ""
    )
    assert standardise_company(other)[2:] == standardise_company(text)[2:]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("エヌ・ティ・ティ株式会社", "NTT株式会社"),
        ("株式会社エヌ・ティ・ティ・データ", "NTTデータ"),
        ("ジェイアール東日本", "JR東日本"),
        ("ケイディーディーアイ㈱", "KDDI"),
        ("カ)ケイデイーデイーアイ", "KDDI"),
        ("日本アイ・ビー・エム", "日本IBM"),
        ("エッチ・アイ・エス", "エイチアイエス"),
        ("Müller GmbH", "Mueller GmbH"),
        ("Muller GmbH", "Mueller GmbH"),
        ("Österreichische Post AG", "Oesterreichische Post AG"),
    ],
)
def test_letters_in_another_notation_make_the_same_company(one: str, other: str) -> None:
    """Letters read out in kana, and umlauts spelled out in a German name."""
    assert standardise_company(one).org_key == standardise_company(other).org_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("エム", "M"),
        ("アイテム", "Iテム"),
        ("サン・エス", "サンS"),
        ("Maeda Inc", "Mada Inc"),
        ("Boeing AG", "Boing AG"),
    ],
)
def test_words_are_no_letters(one: str, other: str) -> None:
    """One letter alone, a word that begins with one, and vowels that are no umlaut stay what they are."""
    assert standardise_company(one).org_key != standardise_company(other).org_key
