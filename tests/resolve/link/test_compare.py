"""Comparisons of mailboxes, numbers, addresses, companies, dates and plain values."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolve.link.columns import encode_texts
from resolve.link.compare import Comparer
from resolve.link.compare_places import begins
from resolve.link.compare_values import compare_columns
from resolve.link.encode import Encoded
from resolve.model import MatchModel

RULES = MatchModel.shipped().link


def levels(people, rows, left=0, right=1):
    """Return {comparison: level name} of two of the contacts, missing ones left out; checked in both directions."""
    comparer = Comparer(Encoded(people.build(rows)), RULES)
    there = comparer.compare(np.asarray([left]), np.asarray([right]))
    back = comparer.compare(np.asarray([right]), np.asarray([left]))
    assert [a.levels.tolist() for a in there] == [a.levels.tolist() for a in back]
    pairs = zip(RULES.comparisons, there, strict=True)
    return {c.name: c.levels[a.levels[0] - 1] for c, a in pairs if a.levels[0]}


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        ("a.b77@one.org", "a.b77@one.org", "equal"),
        ("k.weiss84@one.org", "k.weiss84@two.org", "local part equal"),
        ("k.weiss@one.org", "k.weis@one.org", "one edit"),
        ("k.weiss@one.org", "k.wise@one.org", "two edits"),
        ("kweiss84521@one.org", "kweis84512@one.orgs", "similar"),
        ("k.weiss@one.org", "zz@two.com", "different"),
        ("k.weiss+shop@one.org", "k.weiss@one.org", "equal but for a tag"),
        ("k.weiss@one.org", "kweiss@one.org", "equal but for dots"),
        ("zz@two.com a.b77@one.org", "k.weiss@one.org a.b77@one.org", "equal"),
        ("hanna72@one.org", "hanna87@one.org", "different"),
        ("hanna@one.org", "hanna2@one.org", "different"),
        ("weiss.family@one.org", "weiss.family@one.org", "equal, 2-3 other names"),
    ],
)
def test_mailboxes(people, left, right, level):
    """The best level over all mailboxes counts."""
    assert levels(people, [{"email_keys": left}, {"email_keys": right}])["email"] == level


def test_two_mailboxes_of_one_company_are_colleagues(people):
    """a.sato@ and k.sato@ of a company are no slip of the finger."""
    rows = [{"email_keys": f"{i}.sato@corp.jp", "work_domain": "corp.jp"} for i in "ak"]
    assert levels(people, rows)["email"] == "colleague's mailbox"
    assert levels(people, rows)["company"] == "same work domain"
    assert "company" not in levels(people, [rows[0], rows[0]])  # one mailbox is no second sign of one company


def test_a_mailbox_at_work_and_a_private_one_differ_less(people):
    """Most people have both, so that they differ says less than two private mailboxes do."""
    work = {"email_keys": "a.sato@corp.jp", "work_domain": "corp.jp"}
    assert levels(people, [work, {"email_keys": "hanna@one.org"}])["email"] == "work and private"
    assert levels(people, [work, {"email_keys": "hanna@one.org k.weiss@two.org"}])["email"] == "work and private"


def test_a_local_part_that_repeats_the_name_is_no_second_evidence(people):
    """taro.yamada@ at two providers says what the names say already; without names it counts."""
    boxes = ["taro.yamada@one.org", "taro.yamada@two.org"]
    named = [people.latin("taro", "yamada", email_keys=box) for box in boxes]
    assert "email" not in levels(people, named)
    assert levels(people, [{"email_keys": box} for box in boxes])["email"] == "local part equal"


@pytest.mark.parametrize(("others", "level"), [(0, ""), (1, ", one other name"), (3, ", 2-3 other names"), (4, "last")])
def test_values_fade_with_the_number_of_other_names(people, others, level):
    """The names of the pair itself, and their variants, do not make a value shared."""
    shared = {"email_keys": "x@one.org", "phone_keys": "+491"}
    given = ["bob", "robert", "ines", "paulo", "hanna", "oscar"]
    nick = {"given_variants": "nick=robert"}
    rows = [people.latin(g, "lee", **shared) | (nick if g in ("bob", "robert") else {}) for g in given[: 2 + others]]
    found = levels(people, rows)
    last = {"email": "equal, shared or role", "phone": "equal, 4 or more other names"}
    for name in ("email", "phone"):
        assert found[name] == (last[name] if level == "last" else f"equal{level}")


def test_a_role_mailbox_is_shared_from_the_start(people):
    """info@ says almost nothing of a person."""
    rows = [{"email_keys": "info@one.org", "role_emails": "info@one.org"}] * 2
    assert levels(people, rows)["email"] == "equal, shared or role"


def test_phones(people):
    """Equal, one digit off, different."""
    assert levels(people, [{"phone_keys": "+49301"}, {"phone_keys": "+49302 +49301"}])["phone"] == "equal"
    assert levels(people, [{"phone_keys": "+49301234"}, {"phone_keys": "+49301235"}])["phone"] == "one edit"
    assert levels(people, [{"phone_keys": "+49301234"}, {"phone_keys": "+49301265"}])["phone"] == "different"


@pytest.mark.parametrize(
    ("nameless", "level"),
    [
        ({"email_keys": "hanna.kowalski@one.org"}, "both parts"),
        ({"email_keys": "hanna77@one.org"}, "given name"),
        ({"email_keys": "h.kowalski@one.org"}, "initial and family name"),
        ({"email_keys": "kowalski@one.org"}, "family name"),
        ({"email_keys": "oscar.kowalski@one.org"}, "family name, another given name"),
        ({"email_keys": "kowalski.home@one.org"}, "family name"),
        ({"email_keys": "sunflower@one.org"}, "no"),
        ({"family_key": "kowalski", "family_script": "latin", "email_keys": "hanna.kowalski@one.org"}, "given name"),
        ({"family_key": "kowalski", "family_script": "latin", "email_keys": "kowalski@one.org"}, "no"),
        ({"family_key": "kowalski", "family_script": "latin", "email_keys": "h.kowalski@one.org"}, None),
        ({"family_key": "kowalski", "family_script": "latin", "email_keys": "kowalskihugo@one.org"}, "no"),
        (
            {"family_key": "kowalski", "family_script": "latin", "email_keys": "kowalski.eva@one.org"},
            "another given name",
        ),
    ],
)
def test_the_mailbox_is_a_witness_for_the_missing_part_only(people, nameless, level):
    """What both records hold is counted by the name comparison, never again here."""
    assert levels(people, [people.latin("hanna", "kowalski"), nameless]).get("mail against name") == level


def test_the_witness_is_silent_where_names_are_complete(people):
    """Two full names need no witness."""
    rows = [people.latin("hanna", "kowalski", email_keys="hanna.kowalski@one.org")] * 2
    assert "mail against name" not in levels(people, rows)


@pytest.mark.parametrize(
    ("change", "level"),
    [
        ({}, "same unit"),
        ({"unit_key": None}, "same house"),
        ({"unit_key": "502"}, "same house, other unit"),
        ({"unit_key": "502", "postal_key": None, "city_key": None}, "same number and street"),
        ({"postal_key": "2", "city_key": "tokushima"}, "same number and street, other city"),
        ({"postal_key": None, "region_key": "x"}, "same unit"),
        ({"number_key": None}, "same postcode"),
        ({"number_key": "9"}, "same postcode, other number"),
        ({"number_key": "2-8"}, "same postcode"),
        ({"number_key": "9", "postal_key": "2"}, "same city, elsewhere"),
        ({"street_key": "other", "postal_key": "2"}, "same city, elsewhere"),
        ({"street_key": None, "number_key": None, "postal_key": None}, "same city"),
        ({"street_key": "other", "postal_key": "2", "city_key": "tokushima"}, "different"),
        ({"street_key": "other", "postal_key": "2", "city_key": "shinjuku"}, "similar city"),
    ],
)
def test_addresses(people, change, level):
    """Number, street and place make one statement; a different unit is a different door."""
    home = {"postal_key": "1", "city_key": "shinjyuku", "street_key": "west", "number_key": "2-8-1", "unit_key": "501"}
    assert levels(people, [home, home | change])["address"] == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("s ashland", "s ashland ave", "same number, similar street"),
        ("n winthorp ave", "n winthrop ave", "same number, similar street"),
        ("s", "s ashland ave", None),
        ("w 71st st", "w 79th st", None),
        ("w 71st st", "w 72st st", None),
        ("oak", "elm st", None),
    ],
)
def test_a_street_without_its_type_or_with_a_slip_may_be_the_same_street(people, one, other, level):
    """The words of one begin the other's, or few letters differ and no digit; a direction alone names no street."""
    rows = [{"street_key": street, "number_key": "1507"} for street in (one, other)]
    assert levels(people, rows)["address"] == (level or "different")


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("3865286", "3865286", "equal"),
        ("3865286", "+17733865286", "end of the other number"),
        ("3865286", "5346361", "different"),
        ("3865286", "+17735346361", "different"),
        ("+17733865286", "+17733865286", None),
        (None, "3865286", None),
    ],
)
def test_numbers_without_area_code_count_where_nothing_better_is_known(people, one, other, level):
    """They agree with each other and with the end of a full number; two full numbers are not judged here."""
    rows = [{"phones": one}, {"phones": other}]
    assert levels(people, rows).get("local number") == level


def test_two_addresses_without_numbers_are_one_place(people):
    """A postcode, or a town, is all that either side gives; 府中市 of two prefectures is two cities."""
    assert levels(people, [{"postal_key": "1"}] * 2)["address"] == "same place, no number"
    town = {"region_key": "東京都", "city_key": "府中市", "street_key": "宮町", "number_key": "1-2"}
    assert levels(people, [town, town | {"region_key": "広島県"}])["address"] == "same number and street, other city"


def test_addresses_that_cannot_be_compared_are_missing(people):
    """A city against a postcode alone is no evidence."""
    assert "address" not in levels(people, [{"city_key": "ulm"}, {"postal_key": "1"}])


def company(core, form=None, branch=None, name=None):
    """Return the columns of an organisation."""
    return {
        "org_key": core,
        "org_form": form,
        "org_branch": branch,
        "organization": name or core,
        "party_type": "organization",
    }


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        (company("maru", "KK"), company("maru"), "equal"),
        (company("maru", "KK"), company("maru", "KK", "大阪支店"), "equal, other branch"),
        (company("maru", "KK"), company("maru", "YK"), "equal, other form"),
        (company("midori", "ISHA"), company("midori", "IZAI"), "equal, other kind of body"),
        (company("sakura", "MED"), company("sakura", "MEDS"), "equal, other form"),
        (company("continentalmachinery"), company("continentalmachinary"), "one slip"),
        (company("continentalplant1"), company("continentalplant2"), "different"),
        (company("オリエント"), company("オリエンタ"), "similar"),
        (company("セブンイレブン"), company("セブンイレブンジヤパン"), "similar"),
        (company("山田商店", name="株式会社山田商店"), company("山本商店", name="株式会社山本商店"), "different"),
        (company("山田商店", name="株式会社 山田商店"), company("山本商店", name="株式会社 山本商店"), "different"),
        (company("大和"), company("大和証券"), "different"),
        (company("トヨタ自動車"), company("トヨタ自動車九州"), "different"),
        (company("acme", name="Acme Ltd"), company("acmehd", name="Acme Holdings Ltd"), "different"),
        (company("アオバ商事"), company("アオハ商事"), "one mark"),
        (company("北斗電気"), company("北斗電産"), "different"),
        (company("a", name="Sunny Day Nursery"), company("b", name="Nursery (Sunny Day)"), "same words"),
        (company("a", name="Sunny Day Nursery"), company("b", name="Sunny Day"), "one holds the other"),
    ],
)
def test_organisations(people, left, right, level):
    """Core, form and branch decide; a number or a kanji more makes another company."""
    assert levels(people, [left, right])["organisation"] == level
    assert levels(people, [right, left])["organisation"] == level
    assert "organisation" not in levels(people, [left, right | {"party_type": "person"}])


def test_a_company_and_who_works_there(people):
    """The company itself on one side: `employer`, whichever side; on both sides the organisations are compared."""
    firm, person = company("maru"), {"party_type": "person", "org_key": "maru", "name_key": "taro", "given_key": "taro"}
    assert levels(people, [firm, person])["company"] == levels(people, [person, firm])["company"] == "employer"
    assert levels(people, [person, person])["company"] == "equal"
    assert "company" not in levels(people, [firm, firm])
    assert levels(people, [firm, person | {"org_key": "kaku"}])["company"] == "different"


def test_extensions_of_one_switchboard(people):
    """Two extensions of one number are two desks; without one nothing is said."""
    desk = [{"phone_keys": "+81661234567", "phone_extensions": f"+81661234567;ext={n}"} for n in (12, 34)]
    assert levels(people, desk)["phone"] == "equal, other extension"
    assert levels(people, [desk[0], {"phone_keys": "+81661234567"}])["phone"] == "equal"


def test_twins_share_a_birth_date(people):
    """An equal birth date of one family with two known given names is no evidence for one person."""
    known = {"given_variants": "known=yes", "birth_key": "1990-05-05"}
    rows = [people.latin(given, "lee", **known) for given in ("ann", "bob")]
    assert levels(people, rows)["birth date"] == "equal, other given name"


@pytest.mark.parametrize(
    ("other", "level"),
    [
        ("1980-03-04", "equal"),
        ("1980-04-03", "day and month swapped"),
        ("1980-03-14", "one digit"),
        ("1955-03-04", "same day and month"),
        ("1980-01-07", "two digits"),
        ("1980-12-27", "same year"),
        ("1955-12-27", "different"),
    ],
)
def test_birth_dates(people, other, level):
    """Slips of the pen are told from other dates."""
    assert levels(people, [{"birth_key": "1980-03-04"}, {"birth_key": other}])["birth date"] == level


@pytest.mark.parametrize(
    ("kind", "limits", "values", "expected"),
    [
        ("exact", (), ["a", "a", "b", None], [1, 2, 0]),
        ("similar", (0.92, 0.8), ["martha", "martha", "marhta", "xyz"], [1, 2, 4]),
        ("edits", (1.0, 2.0), ["12345", "12345", "12346", "12399"], [1, 2, 3]),
        ("number", (0.01, 0.1), ["100", "100", "100.5", "105"], [1, 2, 3]),
        ("number", (0.01, 0.1), ["100", "n/a", "200", None], [4, 4, 0]),
        ("lists", (), ["a b", "b c", "d", None], [1, 2, 0]),
    ],
)
def test_kinds_of_plain_values(people, kind, limits, values, expected):
    """Each kind puts a value against three others on the level it promises."""
    encoded = Encoded(people.build([{"x_v": v} for v in values]))
    zero, rest = np.zeros(3, dtype=np.int64), np.arange(1, 4)
    assert compare_columns(encoded, kind, "x_v", (zero, rest), limits).tolist() == expected


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_comparison_is_symmetric_and_does_not_depend_on_company(people, seed):
    """Left and right can be swapped, and a pair compared alone or among others, without any change."""
    contacts = people.crowd(12, seed)
    comparer = Comparer(Encoded(contacts), RULES)
    i, j = (a.astype(np.int64) for a in np.triu_indices(len(contacts), k=1))
    there, back = comparer.compare(i, j), comparer.compare(j, i)
    for a, b in zip(there, back, strict=True):
        assert a.levels.tolist() == b.levels.tolist()
        if a.bits is not None and b.bits is not None:
            np.testing.assert_array_equal(a.bits[0], b.bits[0])
    alone = comparer.compare(i[-1:], j[-1:])
    assert [a.levels[0] for a in alone] == [a.levels[-1] for a in there]


@given(chains=st.lists(st.text("12-", max_size=6), min_size=2, max_size=12, unique=True))
def test_a_chain_of_numbers_begins_another_at_a_dash(chains):
    """1-2 begins 1-2-3 and not 1-23, whatever else stands in the column."""
    column = encode_texts(pa.array(chains))
    a, b = (side.ravel().astype(np.int64) for side in np.indices((len(chains), len(chains))))
    expected = [(chains[y] + "-").startswith(chains[x] + "-") for x, y in zip(a, b, strict=True)]
    assert begins(column.beginnings, a, b).tolist() == expected
