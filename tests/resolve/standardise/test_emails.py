"""E-mail cells: one key per mailbox by its provider's rules; roles, placeholders and throw-away domains told apart."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from resolve.standardise.channels import standardise_emails, standardise_identifier
from resolve.standardise.channels_plain import read_plain_email

KEYS = [
    ("h.suzuki+a@gmail.com", "hsuzuki@gmail.com"),
    ("H.Suzuki@GoogleMail.com", "hsuzuki@gmail.com"),
    ("H.Suzuki@example.jp", "h.suzuki@example.jp"),
    ("ｔａｒｏ＠ｅｘａｍｐｌｅ．ｊｐ", "taro@example.jp"),
    ("山田太郎 <taro@example.jp>", "taro@example.jp"),
    ("mailto:taro@example.jp?subject=x", "taro@example.jp"),
    ("taro@example.jp.", "taro@example.jp"),
    ("'taro@example.jp'", "taro@example.jp"),
    ("taro (at) example.jp", "taro@example.jp"),
    ("taro+news@outlook.com", "taro@outlook.com"),
    ("taro.y+news@hotmail.co.jp", "taro.y@hotmail.co.jp"),
    ("taro+x@me.com", "taro@icloud.com"),
    ("taro@mac.com", "taro@icloud.com"),
    ("taro_y@protonmail.com", "taroy@proton.me"),
    ("taro+news@example.jp", "taro+news@example.jp"),
    ("ta..ro.@docomo.ne.jp", "ta..ro.@docomo.ne.jp"),
    ('"ta..ro."@docomo.ne.jp', "ta..ro.@docomo.ne.jp"),
    (".taro@ezweb.ne.jp", ".taro@ezweb.ne.jp"),
    ("taro@日本語.jp", "taro@xn--wgv71a119e.jp"),
    ("o'brien@example.ie", "o'brien@example.ie"),
]


@pytest.mark.parametrize(("cell", "key"), KEYS)
def test_an_address_gives_the_key_of_its_mailbox(cell: str, key: str) -> None:
    """Dots and tags vanish only where the provider ignores them."""
    assert standardise_emails(cell).keys == (key,)


def test_dots_count_outside_gmail() -> None:
    """Another provider may give h.suzuki and hsuzuki to two people."""
    assert standardise_emails("h.suzuki@example.jp").keys != standardise_emails("hsuzuki@example.jp").keys


@pytest.mark.parametrize(
    "cell",
    [
        "a@example.jp; b@example.jp",
        "a@example.jp\nb@example.jp",
        "a@example.jp、b@example.jp",
        "a@example.jp b@example.jp",
    ],
)
def test_a_cell_may_hold_several_addresses(cell: str) -> None:
    """The first one is the main one."""
    assert standardise_emails(cell).emails == ("a@example.jp", "b@example.jp")


@pytest.mark.parametrize(
    "local",
    ["info", "support", "sales2", "customer-service", "no-reply", "soumu", "eigyou", "otoiawase", "Info", "office"],
)
def test_a_role_mailbox_is_told_from_a_person(local: str) -> None:
    """A role's address stays a key, and is listed as a role."""
    found = standardise_emails(f"{local}@example.jp")
    assert found.roles == found.keys == (f"{local.lower()}@example.jp",)


@pytest.mark.parametrize("local", ["hanako", "suzuki.info", "info.tanaka", "sally", "marketa"])
def test_a_name_is_no_role(local: str) -> None:
    """Only the whole local part makes a role."""
    assert standardise_emails(f"{local}@example.jp").roles == ()


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("test@test.com", "placeholder"),
        ("none@none.com", "placeholder"),
        ("noemail@example.jp", "placeholder"),
        ("aaa@aaa.com", "placeholder"),
        ("x@nomail.co.jp", "placeholder"),
        ("test+1@example.jp", "placeholder"),
        ("aaa+shop@aaa.com", "placeholder"),
        ("hanako@mailinator.com", "disposable"),
        ("hanako@localhost", "malformed"),
        ("@example.jp", "malformed"),
    ],
)
def test_an_address_of_nobody_is_no_evidence_and_is_listed(cell: str, reason: str) -> None:
    """Placeholders, throw-away mailboxes and broken addresses give no key, but a reason."""
    found = standardise_emails(cell)
    assert (found.emails, found.keys, found.blocked[0][1]) == ((), (), reason)


@pytest.mark.parametrize(
    ("cell", "domain"),
    [
        ("taro@corp.example.co.jp", "corp.example.co.jp"),
        ("taro@gmail.com", None),
        ("taro@yahoo.co.jp; taro@maru.co.jp", "maru.co.jp"),
        ("taro@docomo.ne.jp", None),
        ("taro@t-online.de", None),
    ],
)
def test_the_work_domain_is_the_first_that_is_no_free_mail_providers(cell: str, domain: str | None) -> None:
    """Anybody may have an address at a provider, so its domain says nothing about the company."""
    assert standardise_emails(cell).work_domain == domain


@given(st.text(max_size=60))
def test_no_text_raises(cell: str) -> None:
    """Whatever a cell holds; keys hold one @ at least and no blank."""
    for found in (standardise_emails(cell), standardise_emails(f"{cell}@example.jp")):
        assert all("@" in key and " " not in key for key in found.keys)
        assert set(found.roles) <= set(found.keys)


@given(st.text(max_size=30))
@example("0*+")
@example("-*a")
@example("aaa+b")
def test_standardising_twice_is_once(cell: str) -> None:
    """The cleaned addresses, standardised again, are themselves; so are the keys."""
    once = standardise_emails(f"{cell}@example.jp\n{cell}@gmail.com\n{cell}@proton.me")
    assert standardise_emails("\n".join(once.emails)).emails == once.emails
    assert standardise_emails("\n".join(once.keys)).keys == once.keys


@given(st.sampled_from(KEYS), st.sampled_from(["NFC", "NFD", "NFKD"]))
def test_keys_do_not_depend_on_width_case_composition_or_invisible_characters(case: tuple[str, str], form: str) -> None:
    """Full-width, upper case, decomposed or interspersed with zero-width characters, an address is the same."""
    cell, key = case
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in cell)
    for text in (wide, cell.upper(), unicodedata.normalize(form, cell), "\u200b".join(cell)):  # type: ignore[arg-type]
        assert standardise_emails(text).keys == (key,)


def test_an_event_names_a_mailbox_by_the_same_key() -> None:
    """An event's address, written differently from the contact's, still meets it; a placeholder meets nobody."""
    assert standardise_identifier("email", "H.Suzuki@Gmail.com", None) == "hsuzuki@gmail.com"
    assert standardise_identifier("email", "test@test.com", None) is None
    assert standardise_identifier("line_user_id", " U0123 ", None) == "U0123"
    assert standardise_identifier("line_user_id", "なし", None) is None


@pytest.mark.parametrize(
    ("local", "is_one"),
    [
        ("info-tokyo", True), ("sales.osaka", True), ("contact_jp", True), ("tokyo-info", True), ("info.tokyo2", True),
        ("customer-service-osaka", True), ("Info-JP-Tokyo", True),
        ("hr.chiba", False), ("taro.chiba", False), ("osaka.tokyo", False), ("info.yamada", False), ("tokyo", False),
    ],
)  # fmt: skip
def test_a_role_with_its_place_is_a_role(local: str, is_one: bool) -> None:
    """Both ways of reading a cell say so; two letters before a family name that is a place too are initials."""
    key = f"{local.lower()}@example.jp"
    plain = read_plain_email(f"{local}@example.jp")
    assert plain is not None
    assert plain.role == (key if is_one else None)
    assert standardise_emails(f"<{local}@example.jp>").roles == ((key,) if is_one else ())
