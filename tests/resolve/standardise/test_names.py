"""Person names: parts, keys, variants, readings, and what is no name at all."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolve.standardise.names import NO_NAME, Name, NameParts, standardise_name
from resolve.standardise.names_nicknames import formal_names
from resolve.standardise.readings import family_readings, given_readings

KEYS = (
    "family_key",
    "family_variants",
    "family_readings",
    "given_key",
    "given_variants",
    "given_readings",
    "name_key",
    "suffix_key",
)


def whole(text: str) -> Name:
    """A name in one cell."""
    return standardise_name(NameParts(full_name=text))


def columns(family: str | None, given: str | None, **more: str) -> Name:
    """A name in two columns."""
    return standardise_name(NameParts(family_name=family, given_name=given, **more))


def keys(name: Name) -> dict[str, str | None]:
    """The keys of a name."""
    return {key: getattr(name, key) for key in KEYS}


@pytest.mark.parametrize(
    ("text", "family", "given_name"),
    [
        ("山田 太郎", "山田", "太郎"),
        ("山田　太郎", "山田", "太郎"),
        ("田中太郎", "田中", "太郎"),
        ("佐々木希", "佐々木", "希"),
        ("長谷川京子", "長谷川", "京子"),
        ("林太郎", "林", "太郎"),
        ("伊集院光", "伊集院", "光"),
        ("山 田 太 郎", "山田", "太郎"),
        ("ダルビッシュ有", "ダルビッシュ", "有"),
        ("宇多田ヒカル", "宇多田", "ヒカル"),
        ("サトウハナコ", "サトウ", "ハナコ"),
        ("ﾔﾏﾀﾞ ﾀﾛｳ", "ヤマダ", "タロウ"),
        ("マイケル・ジョーダン", "ジョーダン", "マイケル"),
        ("田中", "田中", None),
        ("太郎", None, "太郎"),
        ("김민수", "김", "민수"),
        ("山田太郎 Taro Yamada", "山田", "太郎"),
        ("Yamada Taro", "Yamada", "Taro"),
        ("Taro Yamada", "Yamada", "Taro"),
        ("YAMADA Taro", "YAMADA", "Taro"),
        ("Taro YAMADA", "YAMADA", "Taro"),
        ("Tanaka", "Tanaka", None),
        ("Smith, John", "Smith", "John"),
        ("John Smith", "Smith", "John"),
        ("Dr. John Smith, PhD", "Smith", "John"),
        ("Mr. Smith", "Smith", None),
        ("Edna", None, "Edna"),
        ("Maria de la Cruz", "de la Cruz", "Maria"),
        ("de la Cruz, Maria", "de la Cruz", "Maria"),
        ("Van Morrison", "Morrison", "Van"),
        ("Hernán Le Gall", "Le Gall", "Hernán"),
        ("Anh Do", "Do", "Anh"),
        ("Иван Петров", "Петров", "Иван"),
    ],
)
def test_whole_names_are_split(text, family, given_name):
    """Space, dictionaries, model, comma, capitals and particles say where the family name is."""
    name = whole(text)
    assert (name.family_name, name.given_name) == (family, given_name)


@pytest.mark.parametrize(
    "text",
    [
        "山田太郎様",
        "山田太郎 さん",
        "山田　太郎　殿",
        "山田太郎先生",
        "山田太郎くん",
        "山田太郎（総務部）",
        "【VIP】山田太郎",
        "山田太郎 様 (旧姓 佐藤)",
    ],
)
def test_honorifics_and_brackets_are_no_part_of_a_name(text):
    """様, さん, departments in brackets and marks of users go."""
    assert whole(text).name_key == "山田太郎"


@pytest.mark.parametrize(
    "text",
    [
        "Dr. 鈴木一郎", "鈴木一郎 Ph.D.", "Mr. 鈴木 一郎 MBA", "故 鈴木一郎",
        "営業部 鈴木一郎", "代表取締役 鈴木一郎", "代表取締役社長　鈴木 一郎 様", "担当：鈴木一郎", "ご担当：鈴木一郎様", "★鈴木一郎", "◎ 鈴木一郎★", "鈴木一郎 ※要注意", "※鈴木一郎 ※夜間不可", "大阪支店 営業第二課 鈴木一郎",
        "営業部長 鈴木一郎", "税理士 鈴木一郎", "秘書部 第二室 鈴木一郎 様",
    ],
)  # fmt: skip
def test_words_and_signs_in_front_are_no_part_of_a_name(text):
    """Departments, offices and marks of users before a name go; they never become the family name."""
    name = whole(text)
    assert (name.family_name, name.given_name) == ("鈴木", "一郎")


@pytest.mark.parametrize(
    "text", ["長谷部 誠", "服部 半蔵", "渡部 篤郎", "園部 啓一", "社 太郎", "矢田部 勁", "部 一郎"]
)
def test_family_names_that_end_like_departments_stay(text):
    """A family name in 部, known or short, is none."""
    assert whole(text).family_name == text.split()[0]


@pytest.mark.parametrize(
    "text",
    [
        "unknown", "Unknown Unknown", "-", "...", "？", "N/A", "test", "Test User", "テスト", "テスト太郎", "不明", "名無し", "匿名希望", "ゲスト",
        "Caller 09020910803", "Caller +1 (716) 419-7446", "090-1234-5678", "xxx", "ああああ", "no name", "John Doe", "Mickey Mouse", "Office Manager",
        "Front Desk", "人事部", "経理ご担当者様", "受付", "営業第二課", "ご担当者様", "担当者様", "御担当者様",
        "ご担当者さま", "採用ご担当者様", "総務ご担当者", "総務部ご担当者様", "人事課長様", "事務局長", "事務局長様", "退職者", "様", "各位", "関係者各位", "宛先不明", "LINEユーザー", "john@example.com", "christopher.cruz543", "user_77",
    ],
)  # fmt: skip
def test_cells_that_name_nobody_give_no_name(text):
    """Placeholders, callers, roles, tests, addresses and login names are missing values."""
    assert whole(text) == NO_NAME


@pytest.mark.parametrize(
    "text", ["長谷部", "長谷部様", "服部", "Null Smith", "Test Pilot Jones", "阿部 一二三", "Jay", "Bo Derek"]
)
def test_real_names_that_look_like_none_stay(text):
    """A surname ending in 部, or a word of the list inside a longer name, is a name."""
    assert whole(text).name_key


@pytest.mark.parametrize(
    ("text", "mailboxes", "kept"),
    [
        ("christopher.cruz", "christopher.cruz", False),
        ("jessicacampbell", "jessicacampbell", False),
        ("Jessica", "jessica", True),
        ("Tanaka", "tanaka", True),
        ("Jessica Campbell", "jessicacampbell", True),
        ("christopher.cruz", "other", True),
    ],
)
def test_a_name_that_only_repeats_the_mailbox_is_missing(text, mailboxes, kept):
    """The mailbox is known already; a known name stays a name."""
    assert bool(standardise_name(NameParts(full_name=text, mailboxes=mailboxes)).name_key) is kept


def test_test_words_in_either_column_drop_the_whole_name():
    """サンプル 太郎 is nobody, but an unknown family name leaves the given name."""
    assert columns("サンプル", "太郎") == NO_NAME
    assert columns("xxx", "xxx") == NO_NAME
    assert columns("Duplicate", "DO NOT USE") == NO_NAME
    assert columns("Unknown", "Edna").given_key == "edna"


@pytest.mark.parametrize(
    "text", ["山田花子（旧姓：佐藤）", "山田花子 旧姓 佐藤", "山田（佐藤）花子", "山田花子 (旧佐藤)"]
)
def test_former_family_names_are_variants(text):
    """旧姓 is kept beside the present name."""
    name = whole(text)
    assert name.name_key == "山田花子"
    assert name.family_variants.split() == ["known=yes", "former=佐藤"]


def test_former_names_are_read_in_western_names_too():
    """née marks the former name, with and without accent."""
    assert whole("Jane Smith née Jones").family_variants == "former=jones"
    assert whole("Jane Smith (nee Jones)").family_variants == "former=jones"
    assert columns("Smith (née Jones)", "Jane").family_variants == "former=jones"


@pytest.mark.parametrize(
    ("left", "right", "meet"),
    [
        ("bob", "robert", True), ("bill", "william", True), ("mike", "michael", True), ("liz", "elizabeth", True), ("kate", "catherine", True),
        ("steve", "stephen", True), ("tony", "anthony", True), ("beth", "liz", True), ("kathryn", "katherine", True), ("bob", "bert", False),
        ("martin", "martina", False), ("daniel", "danielle", False), ("john", "sean", False), ("bill", "robert", False), ("erin", "aaron", False),
    ],
)  # fmt: skip
def test_nicknames_meet_where_their_formal_names_do(left, right, meet):
    """Two diminutives of different names do not meet."""
    assert bool(formal_names(left) & formal_names(right)) is meet
    shared = set((whole(f"{left} Smith").given_variants or "").split()) & set(
        (whole(f"{right} Smith").given_variants or "").split()
    )
    assert any(token.startswith("nick=") for token in shared) is meet


def test_nickname_in_quotes_or_brackets_is_a_variant():
    """William "Bill" Gates and William (Bill) Gates carry bill."""
    for text in ('William "Bill" Gates', "William (Bill) Gates"):
        assert "bill" in (whole(text).given_variants or "").split()
        assert whole(text).name_key == whole("William Gates").name_key
    assert "acme" not in (whole("John Smith (Acme)").given_variants or "")


@pytest.mark.parametrize(
    ("text", "suffix"),
    [
        ("John Smith Jr.", "JR"),
        ("Smith, John, III", "III"),
        ("John Smith Senior", "SR"),
        ("John Smith 2nd", "II"),
        ("John Smith", None),
    ],
)
def test_generations_are_told_apart(text, suffix):
    """Jr, Sr, II, III and IV are suffixes, never part of the name."""
    name = whole(text)
    assert name.suffix_key == suffix
    assert name.family_key == "smith"


@pytest.mark.parametrize(
    ("text", "family", "given_name"),
    [
        ("Ren?e Kowalski", "Kowalski", None),
        ("Ren\ufffde Kowalski", "Kowalski", None),
        ("Anna M?ller", None, "Anna"),
        ("M??ller, Anna", None, "Anna"),
        ("J?rgen", None, None),
        ("Anna Mar?a Smith", "Smith", "Anna"),
        ("John Smith?", "Smith", "John"),
        ("Maria ? Smith", "Smith", "Maria"),
    ],
)
def test_a_part_that_lost_a_character_says_nothing(text, family, given_name):
    """A letter that an encoding turned into ? splits no name and makes no initial; the other part stays."""
    name = whole(text)
    assert (name.family_name, name.given_name, name.middle_name) == (family, given_name, None)
    assert not {"?", "\ufffd"} & set(name.full_name or "")


def test_a_column_that_lost_a_character_says_nothing():
    """The other column stays."""
    name = columns("Weber", "J?rgen")
    assert (name.family_key, name.given_key, name.full_name) == ("weber", None, "Weber")
    assert columns("M?ller", "Anna").name_key == "anna"
    assert columns("M?ller", "J?rgen") == NO_NAME
    assert "former" not in (whole("Anna Smith (née M?ller)").family_variants or "")


def test_middle_names_and_initials():
    """Middle names stand apart; a name behind an initial and joined double names are variants."""
    assert whole("Peter J. Lee").middle_key == "j"
    assert columns("Smith", "Rebecca G.").given_key == "rebecca"
    assert columns("Smith", "Rebecca G.").middle_key == "g"
    assert columns("Getty", "J. Paul").given_key == "j"
    assert "paul" in (columns("Getty", "J. Paul").given_variants or "")
    assert columns("Smith", "Mary Ann").given_key == "mary"
    assert "maryann" in (columns("Smith", "Mary Ann").given_variants or "")


def test_family_name_variants_of_western_names():
    """Umlauts spelled out, particles left off, and each half of a double name are variants."""
    assert whole("Jürgen Müller").family_key == "muller"
    assert whole("Jürgen Müller").family_variants == "mueller"
    assert whole("Maria de la Cruz").family_key == "delacruz"
    assert "cruz" in (whole("Maria de la Cruz").family_variants or "")
    assert columns("Smith-Jones", "Ann").family_variants == "smith jones"


@pytest.mark.parametrize(
    ("left", "right"),
    [("斎木浩", "斉木浩"), ("中嶋悟", "中島悟"), ("冨田 靖子", "富田 靖子"), ("一ノ瀬 泰造", "一之瀬 泰造")],
)
def test_tier_two_names_meet_in_their_variants(left, right):
    """Different keys, one weaker form."""
    a, b = whole(left), whole(right)
    assert a.family_key != b.family_key
    assert alternates(a) & alternates(b)


def alternates(name):
    """Return the key of the family name and its weaker forms."""
    tokens = (name.family_variants or "").split()
    return {name.family_key, *(t.removeprefix("alt=") for t in tokens if t.startswith("alt="))}


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("井ノ上健", "井上健"),
        ("士田実", "土田実"),
        ("ナカジマ ケン", "ナカシマ ケン"),
        ("Yamazaki Ken", "Yamasaki Ken"),
    ],
)
def test_other_spellings_of_a_family_name_meet_in_weaker_forms(left, right):
    """ノ left out, a look-alike of a known name, voicing in kana and romaji."""
    assert alternates(whole(left)) & alternates(whole(right))


def test_look_alikes_are_followed_for_unknown_names_only():
    """荻原 and 萩原 are both known, so neither is a misreading of the other."""
    assert not alternates(whole("荻原健")) & alternates(whole("萩原健"))


def test_known_names_are_marked():
    """Names of the dictionaries, in any script; a feminine form of a known name; no other."""
    assert "known=yes" in whole("佐藤健一").given_variants
    assert "known=yes" in whole("Takahashi Yui").family_variants
    assert "known=yes" in whole("Juliana Moore").given_variants
    assert "known=yes" not in (whole("Robart Smith").given_variants or "")


def test_katakana_that_looks_like_kanji_is_mended_where_the_result_is_known():
    """ニ郎 typed with katakana is 二郎."""
    assert whole("渡邉 ニ郎").given_key == "二郎"


def test_readings_from_kana_columns_are_given_and_from_dictionaries_guessed():
    """A furigana column outweighs the dictionary; the whole reading is cut by the known family name."""
    said = standardise_name(NameParts(full_name="上村愛子", full_name_kana="カミムラアイコ"))
    assert (said.family_readings, said.given_readings, said.reading_source) == ("kamimura", "aiko", "given")
    assert (said.family_name_kana, said.given_name_kana) == ("カミムラ", "アイコ")
    guessed = whole("上村愛子")
    assert (guessed.family_readings, guessed.reading_source) == ("maybe=uemura maybe=kamimura", "guessed")
    assert whole("田中誠").given_readings.split()[0] == "makoto"
    assert whole("山田太郎（ヤマダ タロウ）").reading_source == "given"
    assert whole("Sato Hanako").reading_source == "given"


def test_the_usual_reading_comes_first():
    """Where a name has several readings, the first is the usual one."""
    assert given_readings("美香")[0] == "mika"
    assert given_readings("誠")[0] == "makoto"
    assert family_readings("中島") == ("nakajima", "nakashima")
    assert given_readings("裕子")[0] == given_readings("優子")[0] == "yuko"


def test_readings_are_found_for_variants_and_swapped_columns():
    """鮫嶋 is read as 鮫島; a family name in the given column keeps its reading."""
    assert family_readings("中嶋") == family_readings("中島")
    assert columns("太郎", "高橋").given_readings == "takahashi"


@pytest.mark.parametrize(
    ("left", "right"),
    [("田邊聡", "田辺聡"), ("宮﨑あおい", "宮崎あおい"), ("藪澤恵", "薮沢恵"), ("濵﨑歩", "浜崎歩"), ("眞壁廣子", "真壁広子"), ("中川　美穂 殿", "中川美穂"),
     ("ｲﾉｳｴ ﾏｺﾄ", "イノウエ マコト"), ("キヨウコ", "キョウコ"), ("Aya Kondo", "Kondo Aya"), ("Renée Dubois", "Renee Dubois"), ("Heller, Nina", "Nina Heller"),
     ("O’Brien, Conan", "Conan OBrien"), ("SMITH, JOHN", "john smith"), ("佐々木 希", "佐佐木希"),
     ("一也 青木", "青木一也"), ("ハナコ　タナカ", "タナカ ハナコ")],
)  # fmt: skip
def test_names_written_differently_have_one_key(left, right):
    """Forms, width, order, honorifics and accents do not change the key of the whole name."""
    assert whole(left).name_key == whole(right).name_key


@pytest.mark.parametrize(
    ("left", "right"),
    [("高橋一郎", "高橋一朗"), ("木本隆", "本木隆"), ("太田実", "大田実"), ("土田実", "士田実"), ("渡辺実", "渡部実")],
)
def test_other_kanji_are_other_names(left, right):
    """Characters that look or sound alike make other names, in key and variants."""
    a, b = whole(left), whole(right)
    assert a.name_key != b.name_key
    assert not ({a.family_key, *(a.family_variants or "").split()} & {b.family_key}) or a.given_key != b.given_key


def test_company_in_a_name_cell_is_no_person():
    """株式会社… in a name column is handed on as a company."""
    assert whole("株式会社丸山電機").company == "株式会社丸山電機"
    assert columns("Acme Widgets, Inc.", None).company == "Acme Widgets, Inc."
    assert whole("John Smith").company is None


@pytest.mark.parametrize(
    ("text", "family", "given_name", "company"),
    [
        ("清水正（㈱関東ケミカル）", "清水", "正", "(株)関東ケミカル"),
        ("清水正／株式会社関東ケミカル", "清水", "正", "株式会社関東ケミカル"),
        ("株式会社関東ケミカル｜清水正", "清水", "正", "株式会社関東ケミカル"),
        ("山田太郎 [株式会社青葉]", "山田", "太郎", "株式会社青葉"),
        ("鈴木一郎 (青葉商事株式会社)", "鈴木", "一郎", "青葉商事株式会社"),
        ("株式会社青葉（担当：山田太郎）", "山田", "太郎", "株式会社青葉"),
        ("(株)青葉　山田太郎", "山田", "太郎", "(株)青葉"),
        ("株式会社 青葉 営業部 山田 太郎 様", "山田", "太郎", "株式会社 青葉 営業部"),
        ("山田 太郎 株式会社青葉 営業部", "山田", "太郎", "株式会社青葉 営業部"),
        ("シミズ タダシ（㈱関東ケミカル）", "シミズ", "タダシ", "(株)関東ケミカル"),
        ("John Smith (Acme Inc.)", "Smith", "John", "Acme Inc."),
        ("John Smith / Acme Inc.", "Smith", "John", "Acme Inc."),
        ("John Smith (株式会社青葉)", "Smith", "John", "株式会社青葉"),
    ],
)
def test_a_person_beside_a_company_in_one_cell_is_both(text, family, given_name, company):
    """A bracket, a side of a slash or of a blank with the legal form is the company, the known name is the person."""
    for name in (whole(text), columns(text, None)):
        assert (name.family_name, name.given_name, name.company) == (family, given_name, company)


@pytest.mark.parametrize(
    "text",
    ["株式会社山田太郎商店", "鈴木商店株式会社", "Smith & Sons Ltd.", "John Smith Inc.", "Blue Ridge (Acme Inc.)", "株式会社 山田 太郎",
     "山田太郎 株式会社", "山田 太郎(株)", "山田太郎(株)", "松本電機(青葉株式会社)", "株式会社フジ(藤沢店)", "株式会社青葉 福島 支店", "株式会社林 健太郎", "カ)ヤマダ タロウ",
     "鈴木一郎商店(鈴木商店株式会社)", "株式会社青葉/株式会社緑", "(有)青葉 山田 実 商会", "John Smith & Co. (Smith Inc.)"],
)  # fmt: skip
def test_a_company_that_holds_a_name_stays_a_company(text):
    """A surname inside the name of a company, a form without a name of its own, or a branch makes no person."""
    assert whole(text) == Name(company=text)


def test_whole_name_in_the_family_column_is_split():
    """A vendor that knows only one column gets the same keys."""
    assert columns("Alice Rose", None).given_key == "alice"
    assert columns("山田太郎", None).name_key == "山田太郎"
    assert columns("山田", None).family_key == "山田"


@settings(deadline=None)
@given(st.lists(st.none() | st.text(max_size=20), min_size=9, max_size=9))
def test_any_cells_are_accepted_and_twice_is_once(cells):
    """Never an exception; the parts that come out give the same keys when they go in again."""
    name = standardise_name(NameParts(*cells))
    assert name == standardise_name(NameParts(*cells))
    assert (name.name_key is None) == (name.full_name is None)


@settings(deadline=None)
@given(
    st.text("山田髙﨑太郎花子ァカサタナ一々 SmithJohn-'éü.", min_size=1, max_size=12),
    st.sampled_from(["NFC", "NFD", "wide", "zero"]),
)
def test_keys_do_not_depend_on_how_text_is_encoded(text, change):
    """Width, composition and zero-width characters change no key."""
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)
    other = {"wide": wide, "zero": "\u200b".join(text)}.get(change) or unicodedata.normalize(change, text)
    assert keys(whole(other)) == keys(whole(text))


@settings(deadline=None)
@given(
    st.sampled_from(
        [
            "Smith, John Jr",
            "jürgen müller",
            "maria de la cruz",
            "yamada taro",
            "o'brien",
            "mary ann smith-jones",
            "dr. john smith",
        ]
    )
)
def test_case_does_not_change_keys(text):
    """All lower, all upper and title case are one; only mixed capitals mark a family name."""
    assert keys(whole(text.lower())) == keys(whole(text.upper())) == keys(whole(text.title()))


@settings(deadline=None)
@given(
    st.sampled_from(
        [
            "山田 太郎",
            "John Paul Smith",
            "Ludwig van Beethoven",
            "サトウ ハナコ",
            "Smith, Ann-Marie",
            "井ノ上 誠",
            "Yamada Taro",
        ]
    )
)
def test_standardised_parts_standardise_to_themselves(text):
    """Standardising the parts again gives the same keys."""
    first = whole(text)
    again = columns(first.family_name, first.given_name)
    assert (again.family_key, again.given_key, again.name_key) == (first.family_key, first.given_key, first.name_key)
