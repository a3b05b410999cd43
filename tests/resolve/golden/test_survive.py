"""Survivorship: rules by example, groups that stay together, lineage, consent, and a plain reference."""

import itertools
from collections import Counter

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolve.errors import ConfigError
from resolve.golden.survive import DEFAULT_RULES, Survival, SurvivorshipRule, survive_profiles
from resolve.golden.survivorship import FIELDS, complete_rules
from resolve.schema import PUBLISHED, check_key, conform, empty, frames

RANKS = {"sales": 0, "marketing": 1, "support": 2}
NOT_HERE = {
    "first_contact_at", "last_contact_at", "last_contact_channel", "contact_count", "open_case_count", "latest_csat",
    "latest_nps", "latest_ces", "household_id", "status", "golden_version", "updated_at", "run_id",
}  # fmt: skip


def contacts_of(*rows: dict[str, object]) -> pd.DataFrame:
    """Return CONTACTS from dictionaries with `id` (source:id), `day` (updated on) and fields."""
    built = []
    for row in rows:
        source, source_id = str(row["id"]).split(":")
        day = row.get("day")
        changed = None if day is None else pd.Timestamp("2026-01-01", tz="UTC") + pd.Timedelta(days=int(str(day)))
        fields = {name: value for name, value in row.items() if name not in ("id", "day", "golden")}
        base = {
            "contact_id": row["id"],
            "source": source,
            "source_id": source_id,
            "party_type": "person",
            "content_hash": "0",
        }
        built.append(base | {"updated_at": changed} | fields)
    return conform(pd.DataFrame(built), frames.CONTACTS) if built else empty(frames.CONTACTS)


def survive(*rows: dict[str, object], rules: tuple[SurvivorshipRule, ...] = ()) -> Survival:
    """Return the survival of contacts; `golden` in a row names its customer, G1 where it is left out."""
    links = pd.DataFrame(
        {"contact_id": [r["id"] for r in rows], "golden_id": [r.get("golden", "G1") for r in rows]}, dtype=object
    )
    return survive_profiles(contacts_of(*rows), links, rules, RANKS)


def profile(survival: Survival) -> dict[str, object]:
    """Return the only profile."""
    assert len(survival.profiles) == 1
    return dict(survival.profiles.iloc[0])


def lineage(survival: Survival) -> dict[str, tuple[str, str, int]]:
    """Return field -> (source:id, rule, candidate_count)."""
    rows = survival.lineage.itertuples(index=False, name=None)
    return {field: (f"{source}:{source_id}", rule, count) for _, field, source, source_id, rule, count in rows}


def test_profiles_have_the_columns_of_the_contract() -> None:
    """What survivorship does not fill is filled by other stages; the frames conform to their tables."""
    found = survive({"id": "sales:1", "full_name": "山田 太郎"}, {"id": "support:1", "golden": "G2"})
    assert set(found.profiles.columns) == set(PUBLISHED["golden_profile"].names) - NOT_HERE
    conform(found.lineage.assign(run_id=""), PUBLISHED["golden_lineage"])
    check_key(found.lineage, PUBLISHED["golden_lineage"])
    assert found.profiles["golden_id"].tolist() == ["G1", "G2"]


def test_the_name_is_one_records_name() -> None:
    """An initial is no name; parts never mix between records; full name fits the parts; kana come along."""
    found = survive(
        {"id": "sales:1", "full_name": "J Graham", "family_name": "Graham", "given_name": "J", "day": 9},
        {"id": "support:1", "full_name": "Judith Grahame", "family_name": "Grahame", "given_name": "Judith", "day": 1},
    )
    chosen = profile(found)
    assert (chosen["full_name"], chosen["family_name"], chosen["given_name"]) == ("Judith Grahame", "Grahame", "Judith")
    assert lineage(found)["family_name"] == ("support:1", "most_complete", 2)


def test_a_gap_is_filled_only_from_a_record_that_agrees() -> None:
    """The reading comes from the record with the same name, not from the one with the former surname."""
    name = {"full_name": "齋藤 花子", "family_name": "齋藤", "given_name": "花子"}
    old = {"full_name": "山田 花子", "family_name": "山田", "given_name": "花子"}
    found = survive(
        {"id": "sales:1", **name},
        {"id": "sales:2", **old, "family_name_kana": "ヤマダ", "given_name_kana": "ハナコ"},
        {"id": "support:1", **name, "family_name_kana": "サイトウ", "given_name_kana": "ハナコ"},
    )
    assert (profile(found)["family_name_kana"], profile(found)["given_name_kana"]) == ("サイトウ", "ハナコ")
    assert lineage(found)["family_name_kana"] == ("support:1", "agreeing_record", 2)


def test_a_name_in_kanji_goes_before_its_reading_and_borrows_it() -> None:
    """The best ranked record has kana only; its reading fits the kanji of the other, so both are shown."""
    kana = {"family_name": "ツルオ", "given_name": "ケンイチ", "full_name": "ツルオ ケンイチ"}
    reading = {
        "family_name_kana": "ツルオ",
        "given_name_kana": "ケンイチ",
        "family_readings": "turuo",
        "given_readings": "kenichi",
    }
    kanji = {
        "family_name": "鶴尾",
        "given_name": "健一",
        "full_name": "鶴尾 健一",
        "given_readings": "kenichi takekazu",
    }
    chosen = profile(
        survive({"id": "sales:1", **kana, **reading}, {"id": "support:1", **kanji, "family_readings": "turuo"})
    )
    assert (chosen["full_name"], chosen["family_name_kana"], chosen["given_name_kana"]) == (
        "鶴尾 健一",
        "ツルオ",
        "ケンイチ",
    )
    chosen = profile(
        survive({"id": "sales:1", **kana, **reading}, {"id": "support:1", **kanji, "family_readings": "tsuruta"})
    )
    assert (chosen["full_name"], chosen["family_name_kana"]) == ("鶴尾 健一", None)


def test_address_parts_are_never_mixed() -> None:
    """The newest whole address wins; the old one's building is not put on it."""
    old = {"region": "東京都", "city": "港区", "street": "芝1-2-3", "building": "芝ビル501", "postal_code": "105-0014"}
    new = {"region": "大阪府", "city": "大阪市北区", "street": "梅田3-1-1"}
    chosen = profile(survive({"id": "sales:1", **old, "day": 1}, {"id": "support:1", **new, "day": 2}))
    assert (chosen["street"], chosen["building"], chosen["postal_code"]) == ("梅田3-1-1", None, None)


def test_a_postal_code_does_not_replace_an_address() -> None:
    """A newer record that knows only the postal code, and by it the town, leaves block and building as they are."""
    old = {
        "region": "東京都",
        "city": "港区",
        "street": "六本木1-2-3",
        "building": "六本木ビル501",
        "postal_code": "106-0032",
    }
    new = {"region": "東京都", "city": "港区", "street": "六本木", "postal_code": "106-0032"}
    found = survive({"id": "sales:1", **old, "day": 1}, {"id": "marketing:1", **new, "day": 2})
    assert (profile(found)["street"], profile(found)["building"]) == ("六本木1-2-3", "六本木ビル501")
    assert lineage(found)["street"] == ("sales:1", "most_complete", 2)
    alone = profile(survive({"id": "marketing:1", **new}, {"id": "sales:1", "region": "東京都", "day": 1}))
    assert (alone["city"], alone["street"]) == ("港区", "六本木")


@pytest.mark.parametrize(
    ("other", "filled"),
    [
        ({"country_code": "GB", "postal_code": "M1 1AE"}, None),
        ({"city": "London", "postal_code": "N1 9GU"}, None),
        ({"street": "12 High Street", "postal_code": "E15 2PW"}, "E15 2PW"),
        ({"city": "Leeds", "street": "12 High Street", "postal_code": "LS1 4AP"}, None),
    ],
)
def test_a_postal_code_is_filled_only_for_the_same_street(other: dict[str, object], filled: str | None) -> None:
    """Records that have the country or the city in common may mean two addresses; nobody lives at their mixture."""
    whole = {"id": "sales:1", "country_code": "GB", "region": "LND", "city": "London", "street": "12 High Street"}
    assert profile(survive(whole, {"id": "support:1", "day": 1, **other}))["postal_code"] == filled


def test_source_rank_and_time_and_votes_decide_in_the_order_given() -> None:
    """The same three records under three rules."""
    rows: list[dict[str, object]] = [
        {"id": "support:1", "gender": "female", "day": 9},
        {"id": "marketing:1", "gender": "other", "day": 1},
        {"id": "marketing:2", "gender": "other", "day": 1},
        {"id": "sales:1", "gender": "male", "day": 5},
    ]
    for strategy, value in (
        ("source_rank", "male"),
        ("most_recent", "female"),
        ("most_frequent", "other"),
        ("longest", "female"),
    ):
        found = survive(*rows, rules=(SurvivorshipRule(("gender",), (strategy,)),))
        assert profile(found)["gender"] == value
        assert lineage(found)["gender"][1:] == (strategy, 3)


def test_what_is_still_equal_goes_to_the_smallest_contact_id() -> None:
    """And the lineage says so."""
    found = survive({"id": "sales:2", "gender": "male"}, {"id": "sales:1", "gender": "female"})
    assert profile(found)["gender"] == "female"
    assert lineage(found)["gender"] == ("sales:1", "contact_id", 2)


def test_the_main_address_is_a_personal_one() -> None:
    """A role mailbox and one shared with another customer stand behind the customer's own."""
    found = survive(
        {"id": "sales:1", "emails": "info@a.jp", "email_keys": "info@a.jp", "role_emails": "info@a.jp", "day": 9},
        {"id": "sales:2", "emails": "home@b.jp", "email_keys": "home@b.jp", "day": 8},
        {"id": "support:1", "emails": "taro+news@b.jp", "email_keys": "taro@b.jp", "day": 1},
        {"id": "sales:9", "emails": "home@b.jp", "email_keys": "home@b.jp", "golden": "G2"},
    )
    assert found.profiles["primary_email"].tolist() == ["taro+news@b.jp", "home@b.jp"]
    assert found.primaries["value"].tolist() == ["taro@b.jp", "home@b.jp"]


def test_of_a_list_the_first_personal_address_counts() -> None:
    """The first in the cell is a role mailbox, the second a person's."""
    row = {"emails": "info@a.jp taro@a.jp", "email_keys": "info@a.jp taro@a.jp", "role_emails": "info@a.jp"}
    assert profile(survive({"id": "sales:1", **row}))["primary_email"] == "taro@a.jp"


def test_a_title_alone_does_not_take_the_employer_away() -> None:
    """The newest record with an organisation gives it with department and title, however new a title without one is."""
    first = {"id": "sales:1", "organization": "田中商事", "department": "総務部", "job_title": "部長", "day": 1}
    title = {"id": "marketing:1", "job_title": "次長", "day": 9}
    chosen = profile(survive(first, title))
    assert (chosen["organization"], chosen["department"], chosen["job_title"]) == ("田中商事", "総務部", "部長")
    moved = {"id": "support:1", "organization": "山本商会", "day": 5}
    chosen = profile(survive(first, title, moved))
    assert (chosen["organization"], chosen["department"], chosen["job_title"]) == ("山本商会", None, None)
    assert profile(survive(title))["job_title"] == "次長"


def test_the_main_number_can_be_dialled() -> None:
    """A number without area code is shown only where there is no other; what is shown is what is listed as primary."""
    local: dict[str, object] = {"id": "sales:1", "phones": "12345678", "day": 9}
    both: dict[str, object] = {
        "id": "sales:2",
        "phones": "12345678 +819011112222",
        "phone_keys": "+819011112222",
        "day": 1,
    }
    for rows in ((both,), (local, both)):
        found = survive(*rows)
        assert profile(found)["primary_phone"] == "+819011112222"
        assert found.primaries["value"].tolist() == ["+819011112222"]
    assert lineage(survive(local, both))["primary_phone"] == ("sales:2", "personal", 2)
    alone = survive(local)
    assert (profile(alone)["primary_phone"], len(alone.primaries)) == ("12345678", 0)


@pytest.mark.parametrize(
    ("said", "settled"),
    [
        ([None, None], "unknown"), (["granted", None], "granted"), (["granted", "denied"], "denied"),
        (["denied", None], "denied"), (["denied", "granted"], "denied"),
    ],
)  # fmt: skip
def test_a_merge_never_widens_consent(said: list[str | None], settled: str) -> None:
    """The most restrictive counts, whichever record is newer."""
    rows: list[dict[str, object]] = [{"id": f"sales:{n}", "email_consent": one, "day": n} for n, one in enumerate(said)]
    found = survive(*rows)
    assert (profile(found)["email_consent"], profile(found)["phone_consent"]) == (settled, "unknown")
    assert ("email_consent" in lineage(found)) == (set(said) == {"granted", "denied"})


@pytest.mark.parametrize(
    ("said", "settled", "rule"),
    [
        (["denied 1", "granted 2"], "granted", "newer_choice"),
        (["granted 2", "denied 1", "granted 3", "denied 2"], "granted", "newer_choice"),
        (["granted 2", "denied 2"], "denied", "most_restrictive"),
        (["granted 1", "denied 2"], "denied", "most_restrictive"),
        (["denied", "granted 2"], "denied", "most_restrictive"),
        (["denied 1", "denied", "granted 2"], "denied", "most_restrictive"),
        (["denied 1", "granted"], "denied", "most_restrictive"),
    ],
)
def test_a_newer_choice_of_the_customer_overrules_a_denial(said: list[str], settled: str, rule: str) -> None:
    """A grant whose time is after those of all denials counts; without the time of every choice the denial stays."""
    rows: list[dict[str, object]] = []
    for number, one in enumerate(said):
        choice, _, day = one.partition(" ")
        at = pd.Timestamp("2025-01-01", tz="UTC") + pd.Timedelta(days=int(day)) if day else None
        rows.append({"id": f"sales:{number}", "phone_consent": choice, "phone_consent_at": at})
    found = survive(*rows)
    assert (profile(found)["phone_consent"], profile(found)["email_consent"]) == (settled, "unknown")
    record, named, _ = lineage(found)["phone_consent"]
    assert named == rule
    assert said[int(record[-1])].startswith(settled)


def test_a_split_gives_each_customer_its_own_consent_back() -> None:
    """Merged, the newer choice counts; apart, each record has what it said."""
    day = pd.Timestamp("2025-01-01", tz="UTC")
    rows: list[dict[str, object]] = [
        {"id": "sales:1", "email_consent": "denied", "email_consent_at": day},
        {"id": "sales:2", "email_consent": "granted", "email_consent_at": day + pd.Timedelta(days=1)},
    ]
    assert profile(survive(*rows))["email_consent"] == "granted"
    apart = survive(rows[0], rows[1] | {"golden": "G2"}).profiles
    assert apart["email_consent"].tolist() == ["denied", "granted"]


def test_counts_times_and_confidence_describe_all_records() -> None:
    """Sources sorted; first seen by creation, last seen by change; confidence the least of the members'."""
    created = pd.Timestamp("2020-05-01", tz="UTC")
    rows = [{"id": "support:1", "created_at": created, "day": 3}, {"id": "sales:1", "day": 1}]
    links = pd.DataFrame(
        {"contact_id": ["support:1", "sales:1"], "golden_id": ["G1", "G1"], "match_probability": [0.7, 0.9]}
    )
    chosen = dict(survive_profiles(contacts_of(*rows), links, (), RANKS).profiles.iloc[0])
    assert (chosen["record_count"], chosen["source_count"], chosen["sources"]) == (2, 2, "sales,support")
    assert chosen["first_seen_at"] == created
    assert chosen["last_seen_at"] == pd.Timestamp("2026-01-04", tz="UTC")
    assert chosen["match_confidence"] == 0.7


def test_a_missing_full_name_is_put_together_from_its_parts() -> None:
    """Family name first in Japanese, last in Latin letters."""
    found = survive(
        {"id": "sales:1", "family_name": "山田", "given_name": "太郎"},
        {"id": "sales:2", "family_name": "Smith", "given_name": "Ann", "golden": "G2"},
    )
    assert found.profiles["full_name"].tolist() == ["山田 太郎", "Ann Smith"]


def test_no_contacts_give_no_profiles() -> None:
    """Empty in, empty out, with the columns there."""
    found = survive()
    assert found.profiles.empty
    assert "full_name" in found.profiles.columns
    assert found.lineage.empty


def test_a_rule_tells_every_mistake_at_once() -> None:
    """Unknown field, unknown strategy, field twice, nothing to go by; and a field in two rules."""
    with pytest.raises(ConfigError) as raised:
        SurvivorshipRule(("nickname", "gender", "gender"), ("loudest",))
    assert len(raised.value.mistakes) == 3
    with pytest.raises(ConfigError):
        SurvivorshipRule((), ())
    with pytest.raises(ConfigError):
        complete_rules([SurvivorshipRule(("gender",), ("longest",)), SurvivorshipRule(("gender",), ("longest",))])
    with pytest.raises(ConfigError):
        SurvivorshipRule.from_dict({"field": ["gender"]})


def test_rules_round_trip_and_cover_every_field() -> None:
    """Plain data and back; the default rules name each field once; own rules take theirs out of the defaults."""
    assert [SurvivorshipRule.from_dict(rule.to_dict()) for rule in DEFAULT_RULES] == list(DEFAULT_RULES)
    assert sorted(name for rule in DEFAULT_RULES for name in rule.columns) == sorted(FIELDS)
    mixed = complete_rules([SurvivorshipRule(("family_name_kana", "city"), ("source_rank",))])
    assert sorted(name for rule in mixed for name in rule.columns) == sorted(FIELDS)


VALUES = st.sampled_from([None, "a", "bb", "ccc"])
ROWS = st.lists(
    st.tuples(st.sampled_from(sorted(RANKS)), st.integers(0, 3), VALUES, VALUES, st.sampled_from(["G1", "G2"])),
    max_size=9,
)
ORDERS = st.permutations(["source_rank", "most_recent", "most_frequent", "most_complete", "longest"])


@given(ROWS, ORDERS)
@settings(max_examples=60, deadline=None)
def test_choices_equal_a_plain_reference(
    rows: list[tuple[str, int, str | None, str | None, str]], order: list[str]
) -> None:
    """Sorting the candidates of each profile by hand gives the same giver, gaps filled from agreeing records."""
    names = [f"{row[0]}:{n}" for n, row in enumerate(rows)]
    records: list[dict[str, object]] = [
        {"id": name, "day": day, "organization": left, "department": right, "golden": golden}
        for name, (_, day, left, right, golden) in zip(names, rows, strict=True)
    ]
    rule = SurvivorshipRule(("organization", "department"), tuple(order))
    found = survive(*reversed(records), rules=(rule,)).profiles
    got = dict(
        zip(found["golden_id"], found[["organization", "department"]].itertuples(index=False, name=None), strict=True)
    )
    assert got == {golden: plain_choice(names, rows, order, golden) for golden in {row[4] for row in rows}}


def plain_choice(
    names: list[str], rows: list[tuple[str, int, str | None, str | None, str]], order: list[str], golden: str
) -> tuple[str | None, ...]:
    """Choose and fill as the rule's docstring says, one profile at a time."""
    candidates = [(n, row) for n, row in zip(names, rows, strict=True) if row[4] == golden and (row[2] or row[3])]
    votes = Counter(row[2:4] for _, row in candidates)

    def key(item: tuple[str, tuple[str, int, str | None, str | None, str]]) -> tuple[object, ...]:
        name, (source, day, left, right, _) = item
        by = {
            "source_rank": RANKS[source], "most_recent": -day, "most_frequent": -votes[(left, right)],
            "most_complete": -sum(len(one or "") > 1 for one in (left, right)), "longest": -len((left or "") + (right or "")),
        }  # fmt: skip
        return (*(by[one] for one in order), name)

    ranked = [list(row[2:4]) for _, row in sorted(candidates, key=key)]
    chosen: list[str | None] = ranked[0] if ranked else [None, None]
    for other in ranked[1:]:
        both = [(mine, its) for mine, its in zip(chosen, other, strict=True) if mine and its]
        if both and all(mine == its for mine, its in both):
            chosen = [mine or its for mine, its in zip(chosen, other, strict=True)]
    return tuple(chosen)


def test_row_order_never_matters() -> None:
    """Every order of the same records gives the same profile and lineage."""
    rows: list[dict[str, object]] = [
        {"id": "sales:1", "full_name": "A B", "gender": "male", "phones": "+811", "phone_keys": "+811"},
        {"id": "sales:2", "full_name": "A C", "gender": "female", "phones": "+812", "phone_keys": "+812"},
        {"id": "support:1", "full_name": "A B", "city": "X", "street": "Y", "phone_consent": "denied"},
    ]
    first, *others = (survive(*order) for order in itertools.permutations(rows))
    for other in others:
        pd.testing.assert_frame_equal(first.profiles, other.profiles)
        pd.testing.assert_frame_equal(first.lineage, other.lineage)
