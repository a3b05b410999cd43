"""Contacts: every field of a source record in one row, the same whatever the order, the chunk or the workers."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolve.errors import SchemaError
from resolve.schema import conform, frames
from resolve.standardise.contact import standardise_contacts
from resolve.standardise.contact_codes import distinct_codes, encode, map_codes, start_distinct
from resolve.standardise.contact_country import find_countries

FIELDS = [name for name in frames.SOURCE_RECORDS.names if name not in {"source", "source_id"}]


def records(*rows: dict[str, str | None]) -> pd.DataFrame:
    """Source records of one source, with ids in order unless a row says otherwise."""
    full = [{"source": "crm", "source_id": str(i), **row} for i, row in enumerate(rows)]
    return pd.DataFrame(full, dtype=object).pipe(lambda frame: frame.where(frame.notna(), None))


def one(**row: str | None) -> pd.Series:
    """The contact of one record."""
    return standardise_contacts(records(row)).iloc[0]


def as_text(frame: pd.DataFrame) -> str:
    """A frame as text, for equality of all values."""
    return json.dumps(
        [[None if pd.isna(v) else str(v) for v in row] for row in frame.itertuples(index=False)], ensure_ascii=True
    )


SAMPLE = records(
    {
        "full_name": "山田 太郎様",
        "full_name_kana": "ﾔﾏﾀﾞ ﾀﾛｳ",
        "phone": "090-1234-9876",
        "email": "Taro+x@gmail.com",
        "birth_date": "昭和39年10月10日",
    },
    {
        "family_name": "Smith Jr.",
        "given_name": "Rebecca G.",
        "phone": "(212) 736-5000",
        "region": "NY",
        "postal_code": "10001",
        "country": "USA",
    },
    {"full_name": "christopher.cruz543", "email": "christopher.cruz543@yahoo.com"},
    {"full_name": "株式会社丸山電機", "corporate_number": "7000012050003", "email": "info@maruyama.co.jp"},
    {
        "full_name": "Front Desk",
        "organization": "Blue Ridge, L.L.C.",
        "email": "info@blueridge.com",
        "email_opt_out": "yes",
    },
    {
        "family_name": "髙橋",
        "given_name": "花子",
        "address": "東京都新宿区西新宿2-8-1",
        "organization": "西山様",
        "merged_into": "9",
    },
    {"full_name": "Caller 09020910803", "phone": "09020910803\n03-0000-0000", "x_tier": " ｇｏｌｄ "},
)


def test_a_japanese_record_is_standardised_whole():
    """Every field of a usual Japanese record."""
    contact = one(
        full_name="渡邊　花子 様", full_name_kana="ﾜﾀﾅﾍﾞ ﾊﾅｺ", birth_date="S39.10.10", gender="女", email="Hanako@Example.co.jp", phone="０９０-1234-9876",
        organization="丸山電機㈱ 大阪支店", postal_code="160-0023", address="東京都新宿区西新宿二丁目８番１号", created_at="2024-01-02T03:04:05+09:00",
    )  # fmt: skip
    expected = {
        "contact_id": "crm:0", "party_type": "person", "full_name": "渡邊 花子", "family_name": "渡邊", "given_name": "花子", "family_name_kana": "ワタナベ",
        "given_name_kana": "ハナコ", "family_key": "渡辺", "given_key": "花子", "name_key": "渡辺花子", "family_readings": "watanabe", "reading_source": "given",
        "birth_key": "1964-10-10", "gender": "female", "emails": "hanako@example.co.jp", "work_domain": "example.co.jp", "phone_keys": "+819012349876",
        "org_key": "丸山電機", "org_form": "KK", "org_branch": "大阪支店", "country_code": "JP", "postal_key": "1600023", "number_key": "2-8-1",
        "created_at": pd.Timestamp("2024-01-01T18:04:05Z"),
    }  # fmt: skip
    assert {name: contact[name] for name in expected} == expected


def test_a_western_record_is_read_in_its_own_country():
    """A state and a ZIP code make the record American although the default is Japan."""
    contact = standardise_contacts(SAMPLE).iloc[1]
    assert contact[["family_key", "given_key", "middle_key", "suffix_key", "country_code", "phone_keys"]].tolist() == [
        "smith", "rebecca", "g", "JR", "US", "+12127365000",
    ]  # fmt: skip


def test_no_name_is_invented():
    """A login name, a caller's number and a role give no name for the golden profile."""
    contacts = standardise_contacts(SAMPLE)
    for row in (2, 4, 6):
        assert contacts.loc[row, ["full_name", "family_name", "given_name", "name_key"]].isna().all()


def test_companies_are_parties_of_their_own():
    """A company in the name cell, or a role at a company, is an organization; a household account is none."""
    contacts = standardise_contacts(SAMPLE)
    assert contacts["party_type"].tolist() == [
        "person",
        "person",
        "person",
        "organization",
        "organization",
        "person",
        "person",
    ]
    assert contacts.loc[3, "org_key"] == "丸山電機"
    assert contacts.loc[5, ["organization", "org_key"]].isna().all()


def test_a_person_and_a_company_in_one_name_cell_are_a_person_at_a_company():
    """The company fills an empty organization and never replaces one."""
    alone = one(full_name="清水正（㈱関東ケミカル）")
    assert (alone.party_type, alone.full_name, alone.org_key) == ("person", "清水正", "関東ケミカル")
    assert one(full_name="清水正（㈱関東ケミカル）", organization="丸山電機").org_key == "丸山電機"


def test_party_type_of_the_source_wins():
    """What the source says is not guessed."""
    assert one(party_type="Company", full_name="山田太郎").party_type == "organization"
    assert one(party_type="個人", organization="丸山電機").party_type == "person"


def test_dropped_values_are_listed_with_their_reason():
    """Dummies and wrong check digits are named, one a line."""
    contacts = standardise_contacts(SAMPLE)
    assert contacts.loc[3, "blocked_identifiers"] == "corporate_number\t7000012050003\tcheck digit"
    lines = contacts.loc[6, "blocked_identifiers"].split("\n")
    assert [line.split("\t")[0] for line in lines] == ["phone"]
    assert all(len(line.split("\t")) == 3 for line in lines)


def test_extra_columns_travel_cleaned():
    """Columns x_… are kept behind the schema's own."""
    contacts = standardise_contacts(SAMPLE)
    assert contacts["x_tier"].tolist()[-1] == "gold"
    assert contacts["x_tier"].tolist()[0] is None


def test_merges_and_consents():
    """merged_into is a contact id; an opt-out is a denial."""
    contacts = standardise_contacts(SAMPLE)
    assert contacts.loc[5, "merged_into"] == "crm:9"
    assert contacts["merged_into"].notna().sum() == 1
    assert contacts.loc[4, "email_consent"] == "denied"


def test_the_frame_keeps_its_schema_even_when_empty():
    """No rows in, no rows out, all columns there; other frames are refused."""
    empty = standardise_contacts(SAMPLE.head(0))
    assert list(empty.columns)[: len(frames.CONTACTS.names)] == frames.CONTACTS.names
    assert conform(standardise_contacts(SAMPLE), frames.CONTACTS)["content_hash"].str.fullmatch("[0-9a-f]{32}").all()
    with pytest.raises(SchemaError):
        standardise_contacts(pd.DataFrame({"name": ["x"]}))


def test_input_is_not_changed_and_twice_is_once():
    """Raw values stay as they were; the same input gives the same output."""
    before = SAMPLE.copy(deep=True)
    first = standardise_contacts(SAMPLE)
    pd.testing.assert_frame_equal(SAMPLE, before)
    pd.testing.assert_frame_equal(standardise_contacts(SAMPLE), first)


def test_row_order_and_chunks_change_nothing():
    """A record gives the same contact alone, in another order, and among others."""
    whole = standardise_contacts(SAMPLE)
    assert as_text(standardise_contacts(SAMPLE.iloc[::-1]).iloc[::-1]) == as_text(whole)
    alone = pd.concat([standardise_contacts(SAMPLE.iloc[[i]]) for i in range(len(SAMPLE))])
    assert as_text(alone) == as_text(whole)


def test_the_hash_sees_every_change_and_nothing_else():
    """Any mapped value counts, `x_` too; empty columns and column order do not."""
    base = standardise_contacts(records({"full_name": "a", "x_a": "1"})).content_hash[0]
    assert standardise_contacts(records({"x_a": "1", "phone": None, "full_name": "a"})).content_hash[0] == base
    assert standardise_contacts(records({"full_name": "a", "x_a": "2"})).content_hash[0] != base
    assert standardise_contacts(records({"full_name": "a ", "x_a": "1"})).content_hash[0] != base
    assert standardise_contacts(records({"family_name": "a", "x_a": "1"})).content_hash[0] != base


def test_default_country_by_source():
    """Each source may have its own default country."""
    rows = records({"source": "eu", "phone": "030 901820"}, {"source": "jp", "phone": "03-6123-4567"})
    contacts = standardise_contacts(rows, default_countries={"eu": "DE", "jp": "JP"})
    assert contacts["phone_keys"].tolist() == ["+4930901820", "+81361234567"]
    assert contacts["country_code"].isna().all()


@pytest.mark.parametrize(
    ("row", "country"),
    [
        ({"country": "日本"}, "JP"),
        ({"region": "CA"}, "US"),
        ({"region": "New York"}, "US"),
        ({"postal_code": "SW1A 1AA"}, "GB"),
        ({"postal_code": "〒1600023"}, "JP"),
        ({"address": "55 West 5th St, Austin, TX 78701"}, "US"),
        ({"full_name": "山田"}, "JP"),
        ({"phone": "+44 20 7946 0000"}, "GB"),
        ({"phone": "(212) 736-5000"}, "US"),
        ({"email": "a@b.co.jp"}, "JP"),
        ({"full_name": "John"}, "ZZ"),
    ],
)
def test_the_country_is_seen_from_the_values(row, country):
    """The record's word first, then region, postal code, script, phone, mail; else the default."""
    columns = {name: np.array([value], dtype=object) for name, value in row.items()}
    assert find_countries(columns, np.array(["ZZ"], dtype=object))[0].tolist() == [country]


def test_times_are_read_as_utc():
    """ISO times of vendors; what is no time is missing."""
    contacts = standardise_contacts(
        records(
            {"updated_at": "2016-01-13T19:13:36.000+0000"},
            {"updated_at": "soon"},
            {"updated_at": "9999-12-31T00:00:00Z"},
        )
    )
    assert contacts["updated_at"][0] == pd.Timestamp("2016-01-13T19:13:36Z")
    assert contacts["updated_at"].isna().tolist() == [False, True, True]


@pytest.mark.slow
def test_workers_change_nothing():
    """Processes give what one process gives."""
    big = pd.concat([SAMPLE] * 3000, ignore_index=True)
    big["source_id"] = [str(i) for i in range(len(big))]
    big["phone"] = [f"090-{i // 10000 + 1000}-{i % 10000:04d}" for i in range(len(big))]
    pd.testing.assert_frame_equal(standardise_contacts(big, workers=2), standardise_contacts(big))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=15), max_size=8), min_size=1, max_size=4))
def test_any_text_in_any_field_is_accepted(rows):
    """Never an exception, one contact a record, ids kept."""
    contacts = standardise_contacts(records(*rows))
    assert contacts["contact_id"].tolist() == [f"crm:{i}" for i in range(len(rows))]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b", None]), st.sampled_from(["x", None]), st.sampled_from(["1", "2", "3", None])
        ),
        max_size=30,
    )
)
def test_distinct_rows_rebuild_their_columns(rows):
    """Each combination once, and every row points to its own."""
    columns = [np.array([row[i] for row in rows], dtype=object) for i in range(3)]
    coded = [encode(column) for column in columns]
    cells, codes = distinct_codes(coded)
    combinations = list(zip(*cells, strict=True))
    assert len(set(combinations)) == len(combinations) == len(set(rows))
    assert [combinations[code] for code in codes] == rows
    spread = [column.texts() for column in start_distinct(lambda *cells: cells, coded)()]
    assert [tuple(row) for row in zip(*spread, strict=True)] == rows
    assert map_codes(str.upper, coded[0]).texts().tolist() == [row[0].upper() if row[0] else None for row in rows]


def test_several_frames_are_one_below_the_other() -> None:
    """With columns that only one of them has; none at all is an empty frame, and what is handed over stays as it is."""
    more = SAMPLE.assign(source="shop", x_tier="gold")
    together = standardise_contacts(pd.concat([SAMPLE, more], ignore_index=True).astype(object))
    held = [SAMPLE, more]
    pd.testing.assert_frame_equal(standardise_contacts(iter(held)), together)
    assert len(held) == 2
    assert standardise_contacts(iter([])).empty
