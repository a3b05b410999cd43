"""Text, kanji, kana and romaji: what is one and the same, and what is not."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolve.standardise.kana import is_kana, kana_key, script_of, to_katakana
from resolve.standardise.kana_romaji import is_japanese_romaji, kana_readings, romaji_key
from resolve.standardise.kanji import NEVER_FOLDED, TIER1, TIER2, expand_marks, fold_kanji, fold_variants
from resolve.standardise.text import clean, clean_lines, compact, fold, fold_umlauts, join_digits

ANY = st.text()  # lone surrogates included
VALID = st.text(st.characters(exclude_categories=["Cs"]))
NAMES = st.text("aAzZéÜßøŁąＡｚ山﨑髙邊さがガｶﾞーｰ々ヶ ' ’-‐−\u200b\ufe00", max_size=12)


@pytest.mark.parametrize(
    ("received", "cleaned"),
    [
        ("Ｙａｍａｄａ", "Yamada"),
        ("ﾔﾏﾀﾞ ﾀﾛｳ", "ヤマダ タロウ"),
        ("山田　太郎 ", "山田 太郎"),
        ("a\u200bb\ufeff", "ab"),
        ("葛\U000e0100城", "葛城"),
        ("2−8‐1", "2-8-1"),
        ("O’Brien", "O'Brien"),
        ("O´Brien", "O'Brien"),
        ("佐〻木", "佐々木"),
        ("⻄村", "西村"),
        ("㈱ＡＢＣ", "(株)ABC"),
        ("か\u200b\u3099", "が"),
        ("line\r\nbreak\ttab", "line break tab"),
        ("a\ud800b", "ab"),
        (None, ""),
    ],
)
def test_cleaning_keeps_what_a_person_reads(received, cleaned):
    """Width, composition, hyphens, quotes and blanks are made one; case and kanji forms stay."""
    assert clean(received) == cleaned


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("髙橋", "高橋"),
        ("渡邊", "渡辺"),
        ("渡邉", "渡辺"),
        ("眞壁廣子", "真壁広子"),
        ("𠮷田", "吉田"),
        ("聰", "聡"),
        ("Renée", "renee"),
        ("STRAẞE", "strasse"),
        ("Łódź", "lodz"),
        ("İzmir", "izmir"),
        ("Ærø", "aero"),
        ("ΣΊΣΥΦΟΣ", "σισυφος"),
    ],
)
def test_folding_makes_forms_of_one_character_equal(left, right):
    """Tier-1 kanji, case and accents do not tell names apart."""
    assert fold(left) == fold(right)


@pytest.mark.parametrize("pair", NEVER_FOLDED)
def test_look_alikes_are_never_folded(pair):
    """Characters that look or sound alike stay two in both tiers."""
    assert fold(pair[0]) != fold(pair[1])
    assert fold_variants(pair[0]) != fold_variants(pair[1])


@pytest.mark.parametrize("pair", ["斎斉", "嶋島", "冨富", "渕淵", "嵜崎", "舘館", "阪坂", "薗園"])
def test_tier_two_forms_are_variants_and_not_equal(pair):
    """Variants that are both common in names are equal only in the variant form."""
    assert fold(pair[0]) != fold(pair[1])
    assert fold_variants(pair[0]) == fold_variants(pair[1])


def test_tables_have_no_chains():
    """A form that others fold to folds to nothing else, within a tier and over both."""
    assert not set(TIER1) & {ord(form) for form in TIER1.values()}
    assert not set(TIER2) & {ord(form) for form in TIER2.values()}
    assert not set(TIER1) & {ord(form) for form in TIER2.values()}


def test_variants_fold_particles_between_kanji_only():
    """一ノ瀬 = 一之瀬, but の in a kana name stays."""
    assert fold_variants("一ノ瀬") == fold_variants("一之瀬") == fold_variants("一の瀬")
    assert fold_variants("みの") == "みの"


def test_marks_expand_to_the_kanji_before_them():
    """佐々木 is 佐佐木 in keys; a mark with nothing before it stays."""
    assert expand_marks("佐々木") == "佐佐木"
    assert expand_marks("々") == "々"


@given(ANY)
def test_clean_and_fold_never_raise_and_are_idempotent(text):
    """Twice is once, on any string."""
    assert clean(clean(text)) == clean(text)
    assert fold(fold(text)) == fold(text)
    assert fold_variants(fold_variants(text)) == fold_variants(text)
    assert fold_kanji(fold_kanji(text)) == fold_kanji(text)
    fold_umlauts(text)
    clean_lines(text)
    join_digits(text)
    compact(text)


@given(VALID, st.sampled_from(["NFC", "NFD"]))
def test_composition_does_not_change_a_key(text, form):
    """Composed and decomposed input give one result."""
    assert clean(unicodedata.normalize(form, text)) == clean(text)
    assert fold(unicodedata.normalize(form, text)) == fold(text)


@given(NAMES)
def test_case_and_hidden_characters_do_not_change_a_key(text):
    """Upper or lower, with or without zero-width characters, the folded text is one."""
    assert fold(text.upper()) == fold(text)
    assert fold(text.lower()) == fold(text)
    assert fold("\u200b".join(text)) == fold(text)


@given(st.text("abcXYZ山田サトウガ09", max_size=12))
def test_width_does_not_change_a_key(text):
    """Full-width letters and digits fold to the plain ones."""
    wide = "".join(chr(ord(c) + 0xFEE0) if c.isascii() else c for c in text)
    assert fold(wide) == fold(text)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("キヨウコ", "キョウコ"),
        ("オオノ", "オーノ"),
        ("さとう", "サトウ"),
        ("ハツトリ", "ハットリ"),
        ("チヅル", "チズル"),
        ("ヴィクトル", "ビクトル"),
        ("ケイコ", "ケーコ"),
        ("キヤノン", "キャノン"),
    ],
)
def test_kana_keys_join_spellings_of_one_reading(left, right):
    """Bank spelling, hiragana and long marks do not tell readings apart."""
    assert kana_key(left) == kana_key(right)


@pytest.mark.parametrize(
    ("left", "right"), [("オオノ", "オノ"), ("ユウキ", "ユキ"), ("ナカシマ", "ナカジマ"), ("コンドウ", "クドウ")]
)
def test_kana_keys_keep_different_readings_apart(left, right):
    """Long vowels and voicing tell readings apart in the key."""
    assert kana_key(left) != kana_key(right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Ōno", "Ohno"),
        ("Oono", "Ono"),
        ("Tiduru", "Chizuru"),
        ("Huzii", "Fujii"),
        ("Kyuusyuu", "Kyushu"),
        ("Itoh", "Ito"),
        ("Jun Namba", "Jun Nanba"),
        ("Syunsuke", "Shunsuke"),
        ("Matchan", "Macchan"),
        ("Shin'ichi", "Shinichi"),
        ("Zyunko", "Junko"),
        ("Kondou", "Kondō"),
    ],
)
def test_romaji_keys_join_ways_of_writing(left, right):
    """Hepburn, Kunrei, wapuro and passport spellings of one name are one key."""
    assert romaji_key(left) == romaji_key(right)


@pytest.mark.parametrize(
    ("left", "right"),
    [("Ohashi", "Oashi"), ("Sato", "Saito"), ("Kondo", "Kudo"), ("Ando", "Endo"), ("Hattori", "Hatori")],
)
def test_romaji_keys_keep_different_names_apart(left, right):
    """Sounds that matter stay."""
    assert romaji_key(left) != romaji_key(right)


def test_only_names_made_of_morae_are_japanese():
    """English names are not read as romaji."""
    assert all(is_japanese_romaji(romaji_key(name)) for name in ("Kondo", "Hattori", "Ryohei", "Jun", "Ono"))
    assert not any(is_japanese_romaji(romaji_key(name)) for name in ("Smith", "Hughes", "Lee", "Carl", "Vincent"))


def test_bank_spelling_may_be_read_two_ways():
    """キヨウコ in a bank file is Kiyoko or Kyoko; キョウコ is only one."""
    assert kana_readings("キヨウコ") == ("kiyoko", "kyoko")
    assert kana_readings("キョウコ") == ("kyoko",)


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("山田", "han"),
        ("まり子", "han"),
        ("サトウ", "kana"),
        ("smith", "latin"),
        ("иван", "other"),
        ("김", "other"),
        ("々", "han"),
    ],
)
def test_script_is_told_by_the_characters(text, script):
    """Any kanji makes a part han; kana only is kana."""
    assert script_of(text) == script


@given(st.text("アイウエオカキクケコサシスセソャュョッーンヂヅヴがぱゃ・ ", max_size=10))
def test_kana_keys_are_idempotent(text):
    """The key of a key is the key; hiragana and katakana agree."""
    assert kana_key(kana_key(text)) == kana_key(text)
    assert kana_key(to_katakana(text)) == kana_key(text)


@given(ANY)
def test_kana_and_romaji_never_raise(text):
    """Any string has keys, and the romaji key of a key is the key."""
    kana_key(text)
    kana_readings(text)
    is_kana(text)
    assert romaji_key(romaji_key(text)) == romaji_key(text)
