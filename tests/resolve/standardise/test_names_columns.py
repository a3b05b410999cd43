"""Names of many records are read by cell and by part; here that way is held against reading each record by itself."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from resolve.standardise.contact_codes import encode, objects
from resolve.standardise.names import Name, NameParts, standardise_name
from resolve.standardise.names_columns import start_names

FAMILIES = ["山田", "佐々木", "井ノ上", "斎藤", "髙橋", "サトウ", "やまだ", "Smith", "de la Cruz", "Smith Jr.", "O'Brien", "Müller", "M?ller", "M\ufffdller",
    "山田(旧姓 佐藤)", "山田（ヤマダ）", "丸山電機㈱", "山田太郎 株式会社アオバ", "不明", "テスト", "Mickey", "YAMADA", "Ohno", "山田 太郎", "・", "김"]  # fmt: skip
GIVENS = [
    "太郎",
    "花子",
    "ヒカル",
    "はなこ",
    "John",
    "Mary Ann",
    "J?rgen",
    "J.",
    "Robert (Bob)",
    "太郎様",
    "Mouse",
    "xxx",
    "Taro",
    "有",
    "민수",
]
WHOLES = ["山田太郎", "山田　太郎", "ダルビッシュ有", "サトウハナコ", "ミズハシヨウコ", "yamada.taro", "YamadaTaro", "Yamada Taro", "taro99", "Smith, John",
    "John Q. Smith", "Dr. John Smith", "山田花子（旧姓：佐藤）", "山田太郎 Taro Yamada", "山田太郎（ヤマダタロウ）", "株式会社アオバ", "山田太郎(㈱アオバ)", "営業部 山田太郎", "★山田太郎", "Ren?e Smith", "M?ller", "ABC Ltd.", "人事部", "unknown",
    "山田", "太郎", "伊集院光", "米倉光", "マイケル・ジョーダン"]  # fmt: skip
KANA = ["ヤマダ", "ﾔﾏﾀﾞ", "たろう", "タロウ", "YAMADA", "-", "ヤマダ様", "サイトウ"]
WHOLE_KANA = ["ヤマダ タロウ", "ヤマダタロウ", "サトウハナコ", "不明"]


def cells(*texts: str) -> st.SearchStrategy[str | None]:
    """A cell: missing, one of the texts, or any text."""
    return st.none() | st.sampled_from(texts) | st.text(max_size=6)


RECORDS = st.tuples(
    cells(*WHOLES), cells(*FAMILIES), cells(*GIVENS), st.none() | cells("Q.", "Anne"), st.none() | cells("Jr", "III"),
    cells(*WHOLE_KANA), cells(*KANA), cells(*KANA), st.none() | cells("yamada.taro", "taro yamadataro", "john"),
)  # fmt: skip


def by_columns(records: list[tuple[str | None, ...]]) -> list[Name]:
    """The names of records, read together."""
    *columns, mailboxes = (encode(objects(column)) for column in zip(*records, strict=True))
    found = start_names(columns, mailboxes)()
    assert tuple(found) == Name._fields
    return [Name(*row) for row in zip(*(column.texts() for column in found.values()), strict=True)]


@given(st.lists(RECORDS, min_size=1, max_size=8))
def test_names_read_by_columns_are_those_of_each_record(records: list[tuple[str | None, ...]]) -> None:
    """Reading each distinct cell and part once changes no name, whatever stands in the cells."""
    assert by_columns(records) == [standardise_name(NameParts(*record)) for record in records]


def test_every_usual_shape_is_read_alike_by_columns() -> None:
    """Each family name with each given name, whole names and lone parts with and without readings and mailboxes."""
    none = (None,) * 9
    records = [(None, f, g, *none[3:]) for f in FAMILIES for g in GIVENS]
    records += [(None, f, None, None, None, None, k, "タロウ", None) for f in FAMILIES for k in (None, *KANA)]
    records += [(None, None, g, None, None, w, None, None, "john") for g in GIVENS for w in (None, *WHOLE_KANA)]
    records += [(w, None, None, None, None, k, None, None, "yamada.taro") for w in WHOLES for k in (None, *WHOLE_KANA)]
    records += [
        (None, None, None, None, None, w, f, g, None) for w in (None, *WHOLE_KANA) for f in KANA for g in (None, *KANA)
    ]
    assert by_columns(records) == [standardise_name(NameParts(*record)) for record in records]


def test_texts_that_c_strings_cannot_hold_are_not_taken_for_others() -> None:
    """A NUL or half a surrogate pair in one cell changes no other cell."""
    column = objects([f"{mark}{i % 3000}" for i in range(20_000) for mark in ("a", "a\x00", "\ud800")])
    assert encode(column).texts().tolist() == column.tolist()
    assert np.unique(encode(column).codes).size == 9000
