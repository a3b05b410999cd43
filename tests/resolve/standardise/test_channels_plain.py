"""Plain numbers and addresses are read by a short way; here it is held against the long one."""

from hypothesis import given, settings
from hypothesis import strategies as st

from resolve.standardise import contact_fields as fields
from resolve.standardise.channels_plain import read_plain_email, read_plain_phone
from resolve.standardise.emails import standardise_emails
from resolve.standardise.phones import Phones, standardise_phones

NUMBER = st.from_regex(
    r"(JP\||\+81[- ]?)?0?([789]0[- (]?(\d{4}|1111|0000)[-) ]?(\d{4}|1111)|\d{1,4}[- (]?\d{1,4}[-) ]?\d{3,4})",
    fullmatch=True,
)
LOCAL = st.from_regex(r"(info|sales|test|yamada|aa|gmail|a)[._-]?[a-z]{0,3}[._-]?\d{0,5}(\+x)?", fullmatch=True)
DOMAIN = st.sampled_from(
    [
        "gmail.com",
        "googlemail.com",
        "proton.me",
        "pm.me",
        "docomo.ne.jp",
        "example.com",
        "test.com",
        "aaa.com",
        "a-a.co.jp",
        "yamada.co.jp",
        "x.y",
        "yahoo.co.jp",
        "icloud.com",
        "me.com",
        "mailinator.com",
        "Info.com",
        "GMAIL.com",
        "a_b.jp",
        "aa.aa",
        "-.com",
    ]
)


@settings(max_examples=500)
@given(st.one_of(NUMBER, st.text("0123456789０９８-－ ()+JP|810", max_size=16)), st.booleans())
def test_a_plain_number_is_what_the_long_way_makes_of_it(cell: str, wide: bool) -> None:
    """The short way gives the same one number, or leaves the cell alone."""
    if wide:
        cell = cell.translate(str.maketrans("0123456789-", "０１２３４５６７８９－"))
    plain = read_plain_phone(cell)
    assert plain is None or standardise_phones(cell, "JP") == Phones((plain,), (plain,))


@settings(max_examples=500)
@given(st.one_of(st.builds("{}@{}".format, LOCAL, DOMAIN), st.text("aA1._-+@co", max_size=12)))
def test_a_plain_address_is_what_the_long_way_makes_of_it(cell: str) -> None:
    """The short way gives the same address, key, role and domain, or leaves the cell alone."""
    plain = read_plain_email(cell)
    if plain is not None:
        found = standardise_emails(cell)
        assert plain[:2] == (" ".join(found.emails), " ".join(found.keys))
        assert plain[2:] == (" ".join(found.roles) or None, found.work_domain)
        assert not found.blocked


def test_most_forms_go_the_short_way() -> None:
    """Numbers with hyphens, blanks, brackets, full-width, with country code or its name; addresses of any provider."""
    for cell in (
        "080-8579-8702",
        "03 7049 2216",
        "070(9623)6941",
        "０２７－４０５－２５５４",
        "+81-80-3749-4766",
        "JP|080-9508-3025",
    ):
        assert read_plain_phone(cell) is not None
        assert fields.phone_row(cell, "JP")[0] == read_plain_phone(cell)
    for cell in ("Taro.Yamada@gmail.com", "k.yamada@nitto-design.example.jp", "info@yamada.co.jp"):
        assert read_plain_email(cell) is not None
