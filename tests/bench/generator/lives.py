"""Lives: homes, jobs, numbers and mailboxes of people, and the days on which they changed."""

from dataclasses import dataclass

import numpy as np

from generator.companies import Companies, make_companies
from generator.draw import Bools, Draw, Ints, Texts
from generator.households import People
from generator.lists import words
from generator.mailboxes import family_mails, private_mails, work_mails
from generator.phones import landlines, mobiles
from generator.places import Addresses, join_addresses, make_addresses, pick_places

START, END = np.datetime64("2017-01-01T00:00:00"), np.datetime64("2026-10-31T00:00:00")
_SECONDS = int((END - START).astype(int))
_NEVER = np.datetime64("1900-01-01T00:00:00")


@dataclass(frozen=True)
class Lives:
    """What each person has, now and before; before a change day the old value holds. One row per person."""

    companies: Companies
    addresses: Addresses
    home: Ints  # row of addresses
    old_home: Ints
    company: Ints  # row of companies, -1 = none
    old_company: Ints
    office: Ints  # first office row of addresses, to which the company's row is added
    married: np.ndarray  # datetime64[s]; _NEVER = long ago
    moved: np.ndarray
    changed_job: np.ndarray
    mobile: Texts
    landline: Texts
    direct: Texts
    mail: Texts
    other_mail: Texts
    family_mail: Texts
    work_mail: Texts
    old_work_mail: Texts
    department: Texts
    title: Texts


def _days(draw: Draw, n: int, share: float) -> np.ndarray:
    """Return, for a share of people, a moment in the years of the data; for the others long ago."""
    when = START + draw.whole(0, _SECONDS, n).astype("timedelta64[s]")
    return np.where(draw.chance(share, n), when, _NEVER)


def make_lives(draw: Draw, people: People, total: int) -> Lives:
    """Return the lives of people, in a world of `total` people."""
    n = len(people)
    first = np.searchsorted(people.household, people.household)
    place = pick_places(draw, people.japan)[first]
    homes = make_addresses(draw, place, office=False)
    companies = make_companies(draw, draw.chance(people.japan.mean(), max(n // 9, 2)), int(people.number[0]))
    offices = make_addresses(draw, companies.place, office=True)
    past = make_addresses(draw, np.where(draw.chance(0.6, n), place, pick_places(draw, people.japan)), office=False)
    company = _employers(draw, people, companies, 0.72)
    old_company = _employers(draw, people, companies, 0.8)
    old_company = np.where(old_company == company, -1, old_company)
    moved = _days(draw, n, 0.28)
    return Lives(
        companies, join_addresses(homes, past, offices),
        first.astype(np.int64), np.arange(n) + n, company, old_company, np.full(n, 2 * n),
        _days(draw, n, 0.35), np.where(draw.chance(0.5, n), moved[first], moved), _days(draw, n, 0.28),
        mobiles(draw, place), np.where(draw.chance(0.6, n)[first], landlines(draw, place)[first], None),
        np.where(draw.chance(0.25, n), landlines(draw, place), None),
        private_mails(draw, people, total), private_mails(draw, people, total, former=True), family_mails(draw, people, total),
        work_mails(people, companies, company), work_mails(people, companies, old_company, former=True),
        np.where(people.japan, draw.of(words("department_ja"), n), draw.of(words("department_en"), n)),
        np.where(people.japan, draw.of(words("title_ja"), n), draw.of(words("title_en"), n)),
    )  # fmt: skip


def _employers(draw: Draw, people: People, companies: Companies, share: float) -> Ints:
    """Return a company of the person's own country for a share of the grown-up, in proportion to its size."""
    n = len(people)
    out = np.full(n, -1, dtype=np.int64)
    grown: Bools = people.born < np.datetime64("2003-01-01")
    for japan in (True, False):
        weights = companies.size * (companies.japan == japan)
        if weights.sum() > 0:
            mask = (people.japan == japan) & grown & draw.chance(share, n)
            out = np.where(mask, draw.weighted(weights, n), out)
    return out
