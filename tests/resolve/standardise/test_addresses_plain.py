"""Plain Japanese addresses are read by a short way; here it is held against the long one."""

from hypothesis import given, settings
from hypothesis import strategies as st

from resolve.standardise.addresses import AddressParts, read_fully, standardise_address
from resolve.standardise.addresses_plain import read_plain

_PLACES = [
    ("154-0043", "東京都", "世田谷区"), ("6040030", "京都府", "京都市中京区"), (None, "大阪府", "大阪市中央区"),
    ("060-0017", "北海道", "札幌市中央区"), (None, None, "つくば市"), (None, None, None), ("1638001", None, None),
    (None, "東京", "新宿"), (None, None, "伊達市"), ("9999999", "三重県", "名張市"), (None, "1", "2区"),
]  # fmt: skip
_HEADS = [
    "経堂", "六本木", "三軒茶屋", "日本橋", "日本", "北一条西", "大字前田字中", "前田甲", "東京都港区芝", "中央区銀座", "一番町", "佐々木",
    "霞ヶ関", "丸の内", "美旗町中", "四条通烏丸東入る", "大手町", "第", "西", "番", "府中市宮西町", "神奈川県横浜市西区みなとみらい", "",
    "二十三", "ー", "銀座 ", "十", "の", "新町の", "大阪市北区梅田", "町", "千代田区千代田", "市場通り", "千代田",
]  # fmt: skip
_CHAINS = [
    "1", "1-2", "1-2-3", "１－２－３", "01-02", "1丁目2番3号", "一丁目28-19", "4丁目", "22番地", "1丁目22番地3", "1-2-3-4", "1ー2", "2番3号",
    "1丁目2-3", "1番地先", "十五", "1-2の3", "12345", "123456", "1丁目", "1丁目2", "1 - 2", "５番地６号", "0", "1-0", "五番町1", "1-二",
]  # fmt: skip
_RESTS = [
    "", " コーポ山田 203号室", "コーポ101", "号室", "F", " F3", "階", " 5階", "(自宅)", " 第二ビル508", "第二ビル", "ノ3", " の4", " 〒160-0023", "〒",
    " ABC Tower", "メゾン(旧館)", " 二番館", "　サンハイツ　1-2", " 佐藤様方", "\n別館", " ・", "レジデンス\n2", " 都ハイツ", "ー5", "番町", "条", "-A", " x",
]  # fmt: skip
_BUILDINGS = [
    None,
    "",
    "中央マンション1108",
    "なし",
    "サンハイツ 201号",
    "2-8-1",
    "(自宅)",
    "第二ビル\n3F",
    "〒1600023",
]


@settings(max_examples=1500)
@given(
    st.sampled_from(_PLACES),
    st.sampled_from(_HEADS),
    st.sampled_from(_CHAINS),
    st.sampled_from(_RESTS),
    st.sampled_from(_BUILDINGS),
    st.booleans(),
)
def test_the_short_way_gives_what_the_long_way_gives(place, head, chain, rest, building, whole) -> None:
    """Whatever stands around plain block numbers, both ways agree, or the short way leaves the address alone."""
    text = head + chain + rest
    parts = AddressParts("JP", *place, None if whole else text, building, text if whole else None)
    assert standardise_address(parts) == read_fully(parts)


@given(
    st.text(
        "一二十〇丁目番地号の之ノー-−・~ 0123４５第甲町区市条東京都港芝浦ビルコーポF階室(旧)々,、様方\n", max_size=14
    )
)
def test_any_mixture_of_the_signs_of_an_address_reads_the_same_both_ways(text: str) -> None:
    """No order of numerals, signs and letters sets the two ways apart."""
    parts = AddressParts("JP", "105-0023", "東京都", "港区", text)
    assert standardise_address(parts) == read_fully(parts)


def test_most_forms_go_the_short_way() -> None:
    """Numbers with hyphens or words, full-width, with a building behind or beside."""
    place = ("154-0043", "東京都", "世田谷区")
    for text in (
        "経堂3-15-5 コーポ山田 203号室",
        "三軒茶屋1-12-5",
        "経堂２－３",
        "代田一丁目3番4号",
        "東京都港区芝4-2メゾン",
    ):
        assert read_plain(text, place, None) is not None
