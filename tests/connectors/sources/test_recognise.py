"""Columns of unknown files recognised by header and by content."""

from pathlib import Path

import pandas as pd
import pytest

from connectors.sources.files.whole_file import read_whole_file, recognise_frame, records_of
from connectors.sources.mapping.recognise import Recognition, recognise_columns
from resolve.errors import SourceError


def recognise(columns: dict[str, list[str | None]]) -> Recognition:
    """Return what columns with these values are."""
    names = list(columns)
    rows = [dict(zip(names, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    return recognise_columns(names, rows)


def headers(*names: str) -> dict[str, list[str]]:
    """Return the fields of a header whose cells say nothing."""
    return recognise({name: [f"{name} {n % 3}" for n in range(30)] for name in names}).fields


def test_japanese_headers() -> None:
    """The usual header words of Japanese systems name their fields."""
    found = headers("姓", "名", "セイ", "メイ", "会社名", "部署名", "役職", "〒", "都道府県", "市区町村", "町名・番地", "建物名", "電話番号",
                    "携帯電話", "メールアドレス", "生年月日", "性別", "法人番号", "更新日")  # fmt: skip
    assert found == {
        "family_name": ["姓"], "given_name": ["名"], "family_name_kana": ["セイ"], "given_name_kana": ["メイ"],
        "organization": ["会社名"], "department": ["部署名"], "job_title": ["役職"], "postal_code": ["〒"], "region": ["都道府県"],
        "city": ["市区町村"], "street": ["町名・番地"], "building": ["建物名"], "phone": ["電話番号", "携帯電話"], "email": ["メールアドレス"],
        "birth_date": ["生年月日"], "gender": ["性別"], "corporate_number": ["法人番号"], "updated_at": ["更新日"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("First Name", "given_name"), ("firstname", "given_name"), ("GIVEN_NAME", "given_name"), ("surname", "family_name"),
        ("last-name", "family_name"), ("customer name", "full_name"), ("氏名（漢字）", "full_name"), ("氏名(フリガナ)", "full_name_kana"),
        ("Ｅメール", "email"), ("E-mail", "email"), ("email_address2", "email"), ("billing_zip", "postal_code"), ("MailingCity", "city"),
        ("dob", "birth_date"), ("Date of Birth", "birth_date"), ("ＴＥＬ", "phone"), ("home phone", "phone"), ("Account.Name", "organization"),
        ("properties.email", "email"), ("お客様氏名", "full_name"), ("最終更新日時", "updated_at"), ("SystemModstamp", "updated_at"),
        ("ご住所", "address"), ("LINEユーザーID", "line_user_id"), ("HasOptedOutOfEmail", "email_opt_out"),
    ],
)  # fmt: skip
def test_a_header_word_in_any_spelling(header: str, field: str) -> None:
    """Case, width, separators, numbers and prefixes such as customer do not matter."""
    assert headers(header) == {field: [header]}


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("お客様名", "full_name"), ("申込者名", "full_name"), ("購入者名", "full_name"), ("注文者氏名", "full_name"),
        ("ご芳名", "full_name"), ("お名前(姓名)", "full_name"), ("取引先担当者名", "full_name"), ("ご契約者様名", "full_name"),
        ("シメイ", "full_name_kana"), ("お客様名(カナ)", "full_name_kana"), ("担当者名フリガナ", "full_name_kana"),
        ("購入者電話番号", "phone"), ("取引先名", "organization"), ("お客様姓", "family_name"),
    ],
)  # fmt: skip
def test_a_name_of_whoever_bought_or_asked_is_a_whole_name(header: str, field: str) -> None:
    """名 behind a word for a person is the name of that person, and its kana the reading of it."""
    assert headers(header) == {field: [header]}


def test_a_name_beside_a_family_name_is_the_given_one() -> None:
    """Where お客様姓 stands beside it, お客様名 is the rest of the name."""
    assert headers("お客様姓", "お客様名", "お客様姓カナ", "お客様名カナ") == {
        "family_name": ["お客様姓"], "given_name": ["お客様名"], "family_name_kana": ["お客様姓カナ"], "given_name_kana": ["お客様名カナ"]
    }  # fmt: skip


def test_every_opt_out_counts() -> None:
    """Like addresses and numbers, opt-outs may stand in several columns."""
    assert headers("配信停止", "メルマガ停止", "メール送信除外", "架電禁止") == {
        "email_opt_out": ["配信停止", "メルマガ停止", "メール送信除外"],
        "phone_opt_out": ["架電禁止"],
    }


def test_address_lines_in_parts() -> None:
    """House number and first line are the street, the second line the building."""
    found = headers("street_number", "address_1", "address_2", "suburb", "state")
    assert found["street"] == ["street_number", "address_1"]
    assert found["building"] == ["address_2"]
    assert found["city"] == ["suburb"]


def test_a_japanese_address_is_whole_or_the_rest() -> None:
    """住所 beside 都道府県 is what follows the municipality, unless its values begin with a prefecture."""
    regions: list[str | None] = ["東京都", "千葉県"] * 15
    assert recognise({"都道府県": regions, "住所": ["梅里1-2", "本町3"] * 15}).fields["street"] == ["住所"]
    assert recognise({"都道府県": regions, "住所": ["東京都杉並区1", "千葉県船橋市2"] * 15}).fields["address"] == [
        "住所"
    ]
    assert headers("住所1", "住所2", "住所3")["address"] == ["住所1", "住所2", "住所3"]


CONTENT = [
    ("email", [f"p{n}@example.jp" for n in range(9)]),
    ("phone", [f"090-1234-56{n:02}" for n in range(9)]),
    ("postal_code", [f"166-00{n:02}" for n in range(9)]),
    ("region", ["東京都", "北海道", "大阪府", "神奈川県"] * 5),
    ("address", [f"東京都杉並区{n}" for n in range(9)]),
    ("birth_date", [f"{1930 + 3 * n}-04-05" for n in range(25)]),
    ("birth_date", [f"{1930 + 3 * n}0405" for n in range(25)]),
]


@pytest.mark.parametrize(("field", "values"), CONTENT)
def test_a_column_without_a_telling_name_is_known_by_its_values(field: str, values: list[str | None]) -> None:
    """E-mail, phone, postal code, prefecture, address and birth date show by their form; one odd value does no harm."""
    found = recognise({"col": [*values, "?"], "n": [str(n * 7 % 5) for n in range(len(values) + 1)]})
    assert found.fields[field] == ["col"]
    assert "%" in found.reasons["col"]


LEFT_OUT = [
    ([None] * 30, "no value"),
    (["x"] * 30, "same value"),
    ([str(n) for n in range(100, 130)], "row number"),
    ([f"{n} " + "long words " * 9 for n in range(30)], "free text"),
    ([f"2026-01-{n + 1:02}" for n in range(30)], "no birth dates"),
]


@pytest.mark.parametrize(("values", "why"), LEFT_OUT)
def test_a_column_without_evidence_is_left_out_and_said(values: list[str | None], why: str) -> None:
    """Such columns would only add noise; the reason is given."""
    found = recognise({"col": values, "name": [f"n{n % 9}" for n in range(30)]})
    assert why in found.left_out["col"]
    assert found.fields == {"full_name": ["name"]}


def test_labels_never_become_fields() -> None:
    """The answer of a test set is no evidence."""
    found = recognise(
        {"entity_id": ["1", "1", "2"] * 9, "cluster": ["1", "1", "2"] * 9, "名寄せID": ["1", "1", "2"] * 9}
    )
    assert found.fields == {}
    assert set(found.left_out) == {"entity_id", "cluster", "名寄せID"}


def test_unknown_columns_become_generic_fields() -> None:
    """What no field covers is kept under x_ and the column's name in snake case, each name once."""
    assert headers("Site color", "site-color", "備考区分") == {
        "x_site_color": ["Site color"], "x_site_color_2": ["site-color"], "x_備考区分": ["備考区分"]
    }  # fmt: skip


def test_forms_of_address_are_no_job_titles() -> None:
    """A column title with Mr and Dr is left out, one with positions is kept."""
    assert recognise({"title": ["Mr", "Mrs.", "Dr", "様"] * 9}).left_out["title"] == "forms of address"
    assert recognise({"title": ["CEO", "Clerk", "Dr"] * 9}).fields == {"job_title": ["title"]}


def test_the_id_is_unique_and_named_so() -> None:
    """Ids are told by name and by being unique; a number of a person is never the id of a row."""
    unique: list[str | None] = [f"A{n * 7}" for n in range(30)]
    repeated: list[str | None] = [f"A{n // 2}" for n in range(30)]
    assert recognise({"name": unique, "顧客番号": unique}).id_column == "顧客番号"
    assert recognise({"rec_id": unique, "account_id": repeated}).id_column == "rec_id"
    assert recognise({"customer_id": repeated}).id_column is None
    assert recognise({"soc_sec_id": unique}).fields == {"x_soc_sec_id": ["soc_sec_id"]}
    two = recognise({"id": unique, "crm_id": unique})
    assert (two.id_column, two.left_out["crm_id"]) == ("id", "an id that no two rows share")


def test_a_file_becomes_source_records(tmp_path: Path) -> None:
    """A CSV in cp932 is read, recognised and mapped; without an id the row number stands in."""
    path = tmp_path / "客.csv"
    path.write_bytes("氏名,ＴＥＬ,登録日\n髙橋,03-1,2026/1/2\n鈴木,,x\n壊れ\n".encode("cp932"))
    whole = read_whole_file(path, "crm")
    found = recognise_frame(whole.rows)
    records = records_of(whole.rows, found, "crm", zone="Asia/Tokyo", country="JP")
    assert list(records["source_id"]) == ["1", "2"]
    assert list(records["full_name"]) == ["髙橋", "鈴木"]
    assert list(records["phone"]) == ["03-1", None]
    assert list(records["created_at"]) == ["2026-01-01T15:00:00.000000Z", None]
    assert [reject.reason for reject in whole.rejects] == ["ragged_row"]


def test_an_id_that_repeats_beyond_the_sample_is_no_id() -> None:
    """Uniqueness is checked on all rows before a column counts as the id."""
    rows = pd.DataFrame({"id": [str(n) for n in range(5_000)], "name": ["x", "y"] * 2_500}, dtype=object)
    assert recognise_frame(rows).id_column == "id"
    rows.loc[4_999, "id"] = "7"
    found = recognise_frame(rows)
    assert found.id_column is None
    assert "id" in found.left_out


def test_json_lines_may_differ_from_row_to_row(tmp_path: Path) -> None:
    """Columns that appear late are kept, filled with missing values before."""
    (tmp_path / "a.jsonl").write_text('{"name": "A"}\n{"name": "B", "mail": ["a@x", "b@x"]}\n{"mail": "c@x"}\n')
    rows = read_whole_file(tmp_path / "a.jsonl", "crm").rows
    assert list(rows["name"]) == ["A", "B", None]
    assert list(rows["mail"]) == [None, "a@x\nb@x", "c@x"]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """The path is in the message."""
    with pytest.raises(SourceError, match=r"nothing\.csv"):
        read_whole_file(tmp_path / "nothing.csv", "crm")
