"""Japanese addresses: every notation of one address gives one set of keys, and nothing else does."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolve.standardise.addresses import Address, AddressParts, standardise_address


def read(text: str, country: str | None = "JP") -> Address:
    """Return the standard form of an address in one field."""
    return standardise_address(AddressParts(country=country, address=text))


def keys(text: str) -> tuple[str | None, ...]:
    """Return the keys of an address in one field: postal, region, city, street, number, unit."""
    return read(text)[6:]


SAME = {
    "kanji numerals and full-width digits": ("東京都新宿区西新宿2-8-1", "東京都新宿区西新宿二丁目８番１号"),
    "prefecture omitted, mixed form": ("東京都新宿区西新宿2-8-1", "新宿区西新宿2丁目8-1"),
    "ケ and ヶ, prefecture omitted": ("鎌ケ谷市新鎌ケ谷2-6-1", "千葉県鎌ヶ谷市新鎌ヶ谷二丁目6番1号"),
    "numeral in the town name": ("北海道旭川市7条通9丁目48", "旭川市七条通9-48"),
    "Kyoto street directions": ("京都市上京区下立売通新町西入薮ノ内町", "京都府京都市上京区薮ノ内町"),
    "Kyoto, streets named by numbers": (
        "京都市下京区烏丸通四条下る水銀屋町620番地",
        "京都府京都市下京区水銀屋町620",
    ),
    "Kyoto, a section after the direction": (
        "京都市上京区堀川通寺之内上る四丁目天神北町1番地の1",
        "京都市上京区天神北町1-1",
    ),
    "Sapporo, 条 with kanji and digits": ("札幌市中央区北1条西6丁目1-2", "北海道札幌市中央区北一条西六丁目1番地2"),
    "the ward left out, one ward has the town": ("札幌市北1条西6丁目1-2", "札幌市中央区北1条西6丁目1-2"),
    "a ward of before 2024": ("浜松市中区元城町103-2", "静岡県浜松市中央区元城町103番地の2"),
    "a merged city": ("大宮市桜木町1-7-5", "埼玉県さいたま市大宮区桜木町1-7-5"),
    "another merged city": ("田無市南町5-6-13", "東京都西東京市南町5丁目6番13号"),
    "大字 and 字": ("福島県双葉郡浪江町大字幾世橋字六反田7-2", "福島県双葉郡浪江町幾世橋六反田7-2"),
    "the district left out": ("奈良県吉野郡十津川村小原225-1", "奈良県十津川村小原225番地1"),
    "が and ヶ": ("東京都千代田区霞が関1-3-1", "東京都千代田区霞ヶ関一丁目三番一号"),
    "ケ and ヶ behind kana": ("東京都調布市西つつじケ丘1-2-3", "調布市西つつじヶ丘1-2-3"),
    "ケ and が behind kana": ("東京都調布市西つつじケ丘1-2-3", "調布市西つつじが丘1-2-3"),
    "が and ヶ behind kana": ("東京都西東京市ひばりが丘1-2-3", "西東京市ひばりヶ丘1-2-3"),
    "ガ and が behind katakana": ("千葉県佐倉市ユーカリが丘1-2", "佐倉市ユーカリガ丘1-2"),
    "大字 where another town is named 大": ("茨城県つくば市大字谷田部1-2", "つくば市谷田部1-2"),
    "大字 of the town 大": ("茨城県つくば市大字大1-2", "つくば市大1-2"),
    "の as hyphen": ("東京都千代田区丸の内一の一", "東京都千代田区丸の内1-1"),
    "old kanji": ("東京都渋谷区廣尾1-1-1", "東京都澁谷区広尾1-1-1"),
    "地割": ("岩手県九戸郡洋野町種市第23地割27番地", "岩手県九戸郡洋野町種市23-27"),
    "long mark and other dashes as hyphens": ("東京都新宿区西新宿2ー8ー1", "東京都新宿区西新宿2‐8−1"),
    "blanks between the parts": ("東京都 新宿区　西新宿 2-8-1", "東京都新宿区西新宿2-8-1"),
    "the country in front": ("日本、東京都新宿区西新宿2-8-1", "東京都新宿区西新宿2-8-1"),
    "the country and a prefecture": ("日本神奈川県横浜市中区日本大通1", "神奈川県横浜市中区日本大通1"),
    "the postal code in front": ("〒160-0023 東京都新宿区西新宿2-8-1", "東京都新宿区西新宿2-8-1"),
    "room with and without its word": ("東京都新宿区西新宿2-8-1 501号室", "東京都新宿区西新宿2-8-1-501"),
    "room behind the building": ("東京都新宿区西新宿2-8-1パークビル501", "東京都新宿区西新宿2-8-1 パークビル 501号室"),
    "room as number sign": ("東京都新宿区西新宿2-8-1 #501", "東京都新宿区西新宿2丁目8番1号501号室"),
    "building of an estate, with and without blank": (
        "板橋区高島平2-26-1 1号棟203",
        "板橋区高島平2丁目26番1号 一号棟 203号室",
    ),
    "building of an estate by hyphens": ("板橋区高島平2-26-1 1号棟203", "板橋区高島平2-26-1-1-203"),
    "building of an estate by hyphens and word": ("板橋区高島平2-26-1 1-203", "板橋区高島平2-26-1-1号棟203号室"),
    "building with a letter": ("板橋区高島平2-26-1 A棟203", "板橋区高島平2-26-1 A-203"),
    "building behind the room": ("板橋区高島平2-26-1 東棟203", "板橋区高島平2-26-1-203 東棟"),
    "floor": ("東京都新宿区西新宿2-8-1 パークビル5F", "東京都新宿区西新宿2-8-1 パークビル五階"),
    "basement": ("東京都新宿区西新宿2-8-1 B1F", "東京都新宿区西新宿2-8-1 地下1階"),
    "prefecture without 都": ("東京新宿区西新宿2-8-1", "東京都新宿区西新宿2-8-1"),
    "in Latin letters": ("2-8-1 Nishi-Shinjuku, Shinjuku-ku, Tokyo 160-0023, Japan", "東京都新宿区西新宿2-8-1"),
    "in Latin letters with chome and room": (
        "#501, 2-chome 8-1 Nishishinjuku, Shinjuku-ku, Tokyo 160-0023",
        "東京都新宿区西新宿2-8-1-501",
    ),
}

DIFFERENT = {
    "numbers split differently": ("大阪市北区中之島1-3-20", "大阪市北区中之島1-32-0"),
    "another town": ("東京都新宿区西新宿2-8-1", "東京都新宿区新宿2-8-1"),
    "another room": ("東京都新宿区西新宿2-8-1 501", "東京都新宿区西新宿2-8-1 502"),
    "another building of an estate": ("板橋区高島平2-26-1 1号棟203", "板橋区高島平2-26-1 2号棟203"),
    "another building by hyphens": ("板橋区高島平2-26-1-1-203", "板橋区高島平2-26-1-2-203"),
    "another building, by letter": ("板橋区高島平2-26-1 A棟203", "板橋区高島平2-26-1 B棟203"),
    "another building, by direction": ("板橋区高島平2-26-1 東棟", "板橋区高島平2-26-1 西棟"),
    "another building, kanji number": ("板橋区高島平2-26-1 団地第一棟501", "板橋区高島平2-26-1 団地第二棟501"),
    "building and room are not one number": ("板橋区高島平2-26-1 1号棟203", "板橋区高島平2-26-1 1203"),
    "another floor": ("東京都新宿区西新宿2-8-1 5F", "東京都新宿区西新宿2-8-1 6F"),
    "numbers in another order": ("東京都新宿区西新宿1-2-3", "東京都新宿区西新宿1-3-2"),
    "numbers run together": ("東京都新宿区西新宿1-2-3", "東京都新宿区西新宿1-23"),
    "one digit": ("東京都新宿区西新宿2-8-1", "東京都新宿区西新宿2-8-7"),
    "lot letters": ("香川県さぬき市寒川町石田東甲425番地", "香川県さぬき市寒川町石田東乙425番地"),
    "the same ward name in another city": ("大阪市北区中之島1-1", "札幌市北区北7条西1-1"),
    "府中 in Tokyo and in Hiroshima": ("東京都府中市府中町1-1", "広島県府中市府中町1-1"),
    "another inner section": ("名古屋市緑区鳴海町字杜若66", "名古屋市緑区鳴海町字上汐田66"),
    "東 and 西": ("札幌市中央区北1条西6丁目1", "札幌市中央区北1条東6丁目1"),
}


@pytest.mark.parametrize(("left", "right"), SAME.values(), ids=SAME.keys())
def test_two_notations_of_one_address_have_equal_keys(left: str, right: str) -> None:
    """Region, city, town, block numbers and room are equal however the address was written."""
    assert keys(left) == keys(right)
    assert read(left).city_key is not None


@pytest.mark.parametrize(("left", "right"), DIFFERENT.values(), ids=DIFFERENT.keys())
def test_two_addresses_have_different_keys(left: str, right: str) -> None:
    """A different town, block number, room or city shows in the keys."""
    assert keys(left)[1:] != keys(right)[1:]


@pytest.mark.parametrize(
    ("text", "town"),
    [
        ("東京都港区六本木6-10-1", "六本木"),
        ("東京都中央区八丁堀2-1-1", "八丁堀"),
        ("東京都千代田区一番町25", "1番町"),
        ("愛媛県松山市一番町四丁目4-2", "1番町"),
        ("京都市東山区三条通大橋東入三町目35", "三町目"),
        ("新潟市西区五十嵐2の町8050", "五十嵐2の町"),
        ("三重県四日市市諏訪町1-5", "諏訪町"),
        ("新潟県新潟市中央区学校町通1番町602-1", "学校町通1番町"),
        ("島根県松江市乃木福富町369", "乃木福富町"),
    ],
)
def test_a_numeral_that_is_part_of_a_name_stays_in_the_town(text: str, town: str) -> None:
    """Kanji numerals are numbers only where something is counted."""
    assert read(text).street_key == town


@pytest.mark.parametrize(
    ("text", "city", "region"),
    [
        ("札幌市中央区大通西1", "札幌市中央区", "北海道"),
        ("ニセコ町字富士見47番地", "虻田郡ニセコ町", "北海道"),
        ("広島県府中市府川町315", "府中市", "広島県"),
        ("府中市宮西町2-24", "府中市", "東京都"),
        ("千代田区丸の内1-1", "千代田区", "東京都"),
        ("つくば市研究学園一丁目1番地1", "つくば市", "茨城県"),
        ("市川市八幡1-1-1", "市川市", "千葉県"),
        ("大和郡山市北郡山町248-4", "大和郡山市", "奈良県"),
    ],
)
def test_the_municipality_fills_in_its_prefecture(text: str, city: str, region: str) -> None:
    """A municipality that exists once, or whose town does, decides the prefecture."""
    assert (read(text).city, read(text).region) == (city, region)


def test_an_ambiguous_ward_is_not_filled_in() -> None:
    """日本橋 is a town of 中央区 in Tokyo and in Osaka, so neither prefecture nor postal code is invented."""
    address = read("中央区日本橋1-1-1")
    assert address.region is None
    assert address.postal_key is None
    assert address.number_key == "1-1-1"


def test_a_town_that_begins_like_the_country_keeps_its_name() -> None:
    """A street column 日本橋 beside its city is the same address as all of it in one cell."""
    whole = read("東京都中央区日本橋1-1-1")
    parted = standardise_address(AddressParts("JP", None, "東京都", "中央区", "日本橋1-1-1", None, None))
    assert (parted.street_key, parted.number_key, parted.city_key) == (
        whole.street_key,
        whole.number_key,
        whole.city_key,
    )


def test_a_short_town_name_alone_is_not_taken_for_a_municipality() -> None:
    """大和町 is a town of many cities; alone it must not become 大和町 in Miyagi."""
    assert read("大和町1-2-3").city is None


def test_the_postal_code_is_looked_up_where_the_town_has_one() -> None:
    """西新宿 has one area code, so the address has it too."""
    assert read("東京都新宿区西新宿2-8-1").postal_code == "160-0023"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("東京都調布市西つつじヶ丘1-2-3", "182-0006"),
        ("東京都西東京市ひばりヶ丘1-2-3", "202-0001"),
        ("茨城県つくば市大字谷田部1-2", "305-0861"),
        ("茨城県つくば市大1-2", "305-0016"),
    ],
)
def test_another_spelling_of_the_town_gives_its_postal_code(text: str, code: str) -> None:
    """ヶ behind kana finds the town, and 大字 is never the first half of one."""
    assert read(text).postal_code == code


def test_the_postal_code_gives_the_place_that_the_text_leaves_out() -> None:
    """A code and block numbers are a whole address."""
    address = standardise_address(AddressParts(country="JP", postal_code="1600023", street="2-8-1"))
    assert (address.region, address.city, address.street_key, address.number_key) == (
        "東京都",
        "新宿区",
        "西新宿",
        "2-8-1",
    )


def test_an_office_code_shows_and_the_town_code_is_compared() -> None:
    """The city hall's own code equals the code of its street address."""
    address = standardise_address(AddressParts("JP", "163-8001", None, None, None, None, "東京都新宿区西新宿2-8-1"))
    assert (address.postal_code, address.postal_key) == ("163-8001", "1600023")


def test_columns_and_one_field_give_the_same_keys() -> None:
    """It does not matter how the source cuts an address into columns."""
    whole = read("東京都新宿区西新宿2-8-1 パークビル501")
    columns = [
        AddressParts("JP", None, "東京都", "新宿区", "西新宿2-8-1", "パークビル501"),
        AddressParts("JP", "160-0023", "東京都", "新宿区", "西新宿２丁目８番１号 パークビル501"),
        AddressParts("Japan", "1600023", "Tokyo", "Shinjuku-ku", "西新宿2-8-1", "パークビル 501号室"),
        AddressParts("日本", None, "東京", "新宿", "西新宿", "2-8-1 パークビル501"),
        AddressParts("JP", None, "JP-13", "新宿区", "西新宿2-8-1", "パークビル501"),
        AddressParts("JP", None, "JP13", "新宿区", "西新宿2-8-1", "パークビル501"),
        AddressParts("JP", None, "東京都", "新宿区", "東京都新宿区西新宿2-8-1", "パークビル501"),
    ]
    for parts in columns:
        assert standardise_address(parts)[6:] == whole[6:], parts


WHOLE = "東京都新宿区西新宿2-8-1 パークビル501"


@pytest.mark.parametrize(
    ("building", "whole"),
    [("パークビル501", WHOLE), (None, WHOLE), ("パークビル501", "東京都新宿区西新宿２－８－１　パークビル５０１")],
)
def test_an_address_in_parts_and_as_a_whole_is_read_once(building: str | None, whole: str) -> None:
    """Business cards have both; what the whole has beyond the parts stays."""
    parts = AddressParts("JP", None, "東京都", "新宿区", "西新宿2-8-1", building)
    assert standardise_address(parts._replace(address=whole)) == read(WHOLE)


def test_japanese_script_overrules_another_default_country() -> None:
    """A source of a US company may hold Japanese customers."""
    assert read("東京都新宿区西新宿2-8-1", "US").country_code == "JP"


def test_nothing_gives_nothing() -> None:
    """An empty address has no key at all."""
    assert standardise_address(AddressParts()) == Address()


TEXTS = st.text(
    alphabet=st.one_of(
        st.sampled_from("東京都新宿区西市町村丁目番地号室一二三十0123456789-ー 〒ケヶがのノF#"), st.characters()
    ),
    max_size=40,
)


@given(TEXTS, st.sampled_from([None, "JP", "US", "GB", "DE", "FR", "日本", "?"]))
def test_no_text_raises(text: str, country: str | None) -> None:
    """Whatever a cell holds, the result is an address; missing is None, never an empty text."""
    for parts in (AddressParts(country, address=text), AddressParts(country, text, text, text, text, text)):
        assert "" not in standardise_address(parts)


@given(
    st.sampled_from([side for pair in SAME.values() for side in pair]), st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"])
)
def test_keys_do_not_depend_on_composition(text: str, form: str) -> None:
    """Composed and decomposed text, with or without zero-width characters, has the same keys."""
    assert keys("\u200b".join(unicodedata.normalize(form, text))) == keys(text)  # type: ignore[arg-type]


@given(st.sampled_from([side for pair in SAME.values() for side in pair]))
def test_standardising_the_standard_form_changes_nothing(text: str) -> None:
    """What is displayed, read again, gives the same display values and keys."""
    once = read(text)
    again = standardise_address(AddressParts(*once[:6]))
    assert again[6:] == once[6:]
