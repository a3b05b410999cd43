"""Records of nobody: role mailboxes that a company entered as a contact, and tests that someone forgot."""

import numpy as np

from generator.companies import write_companies
from generator.draw import Draw, missing, texts
from generator.lives import END, START, Lives
from generator.noise_contacts import JUNK_MAILS, JUNK_PHONES
from generator.observe import SOURCES, TEXT_FIELDS, Records
from generator.phones import write_phones

_SPAN = int((END - START).astype(int))
_ROLES = (("総務部", "soumu"), ("カスタマーサポート", "support"), ("経理ご担当者様", "info"), ("代表", "info"))
_ROLES_EN = (
    ("Accounts Payable", "accounts"),
    ("Customer Service", "support"),
    ("Reception", "info"),
    ("Sales Team", "sales"),
)
_TESTS = (
    ("テスト", "太郎"),
    ("test", "test"),
    ("Test", "User"),
    ("asdf", None),
    ("ああああ", None),
    ("DO NOT USE", None),
)


def add_strays(draw: Draw, records: Records, lives: Lives, factor: float) -> Records:
    """Return the records with role and junk ones behind them: 0.5 % and 0.4 % of all, times `factor`."""
    roles, tests = round(len(records) * 0.005 * factor), round(len(records) * 0.004 * factor)
    n = roles + tests
    created = START + draw.whole(0, _SPAN - 90_000, n).astype("timedelta64[s]")
    strays = Records(
        draw.whole(0, len(SOURCES), n), np.full(n, -1), created, created.copy(),
        texts(["role"] * roles + ["junk"] * tests), np.zeros(n, dtype=np.int64), {name: missing(n) for name in TEXT_FIELDS},
    )  # fmt: skip
    _fill_roles(draw, strays, lives, roles)
    _fill_tests(draw, strays, roles)
    return Records(
        np.concatenate([records.source, strays.source]),
        np.concatenate([records.person, strays.person]),
        np.concatenate([records.created, strays.created]),
        np.concatenate([records.updated, strays.updated]),
        np.concatenate([records.kind, strays.kind]),
        np.concatenate([records.noise, strays.noise]),
        {name: np.concatenate([records.text[name], strays.text[name]]) for name in TEXT_FIELDS},
    )


def _fill_roles(draw: Draw, strays: Records, lives: Lives, roles: int) -> None:
    """Enter a department of some company, with its mailbox and switchboard (the first `roles` rows)."""
    companies, n = lives.companies, len(strays)
    company = np.where(np.arange(n) < roles, draw.whole(0, len(companies), n), -1)
    pick = draw.unit(n)
    strays.text["company"] = write_companies(draw, companies, company)
    board = np.where(company >= 0, companies.switchboard[np.maximum(company, 0)], None)
    strays.text["phone"] = write_phones(draw, board)
    for i in range(roles):
        name, local = (_ROLES if companies.japan[company[i]] else _ROLES_EN)[int(pick[i] * 4)]
        strays.text["family"][i] = name
        strays.text["email"][i] = f"{local}@{companies.domain[company[i]]}"


def _fill_tests(draw: Draw, strays: Records, roles: int) -> None:
    """Enter test contacts (the rows after the first `roles`)."""
    n = len(strays)
    pick, mails, phones = draw.unit(n), draw.of(JUNK_MAILS, n), draw.of(JUNK_PHONES, n)
    for i in range(roles, n):
        strays.text["family"][i], strays.text["given"][i] = _TESTS[int(pick[i] * len(_TESTS))]
        strays.text["email"][i], strays.text["phone"][i] = mails[i], phones[i] if pick[i] < 0.5 else None
