"""Japanese contacts with every field filled: what standardising is timed on.

The same people, notations and slips as in the worlds of world.py, but no system leaves a field out: a form asks for all.
"""

from collections.abc import Iterator

import numpy as np

from generator.address_text import write_addresses
from generator.companies import write_companies
from generator.draw import Draw, Ints, texts
from generator.households import People, make_people
from generator.lives import Lives, make_lives
from generator.noise_contacts import spoil_channels
from generator.noise_names import spoil_names
from generator.observe import SOURCES, Records, fill_channels, fill_names, fill_work, place_records
from generator.vendors import Columns, stamps
from generator.world import BLOCK

_RECORDS_A_PERSON = 2.15
_ADDRESS = ("postal", "region", "city", "street", "building")


def full_contacts(records: int, seed: int = 1) -> Iterator[Columns]:
    """Yield about `records` records in blocks, as columns of SOURCE_RECORDS.

    Sales and marketing have a column for every part of name and address, support one for the whole name and address.
    """
    people = max(1, round(records / _RECORDS_A_PERSON))
    for first in range(0, people, BLOCK):
        yield _block(Draw(seed, first), min(BLOCK, people - first), first, people)


def _block(draw: Draw, n: int, first: int, total: int) -> Columns:
    """Return the records of n people."""
    people = make_people(draw, n, first, 1.0)
    lives = make_lives(draw, people, total)
    records = place_records(draw, n, 1.0)
    fill_names(draw, records, people, lives)
    company = fill_work(draw, records, lives)
    records.text |= write_addresses(draw, lives.addresses, _homes(records, lives))
    fill_channels(draw, records, lives, company)
    records.text["company"] = write_companies(draw, lives.companies, _employers(draw, lives, company))
    _fill_gaps(records, people, lives)
    spoil_names(draw, records, people, 1.0)
    spoil_channels(draw, records, lives, company, 1.0)
    _fill_gaps(records, people, lives)
    return _columns(records, first)


def _homes(records: Records, lives: Lives) -> Ints:
    """Return the address row of each record, as of its day."""
    before = records.updated < lives.moved[records.person]
    return np.where(before, lives.old_home[records.person], lives.home[records.person])


def _fill_gaps(records: Records, people: People, lives: Lives) -> None:
    """Fill in what the systems did not ask for or lost: readings, birth dates, numbers (edits `records`)."""
    person, text = records.person, records.text
    known = {
        "family_kana": people.family_kana[person],
        "given_kana": people.given_kana[person],
        "birth_date": texts(people.born.astype(str))[person],
        "mobile": lives.mobile[person],
        "email": lives.mail[person],
        "gender": np.where(people.female, "female", "male")[person].astype(object),
    }
    for name, values in known.items():
        text[name] = np.where(text[name] == np.array(None), values, text[name])


def _employers(draw: Draw, lives: Lives, company: Ints) -> Ints:
    """Return the companies with one for every record that has none."""
    japan = np.flatnonzero(lives.companies.japan)
    return np.where(company >= 0, company, japan[draw.whole(0, len(japan), len(company))])


def _columns(records: Records, first: int) -> Columns:
    """Return the records as columns of SOURCE_RECORDS."""
    text, whole = records.text, records.source == 2
    apart = {"full_name": _joined([text["family"], text["given"]]), "address": _joined([text[n] for n in _ADDRESS[1:]])}
    parts = {"family_name": "family", "given_name": "given", "postal_code": "postal"}
    parts |= {name: name for name in _ADDRESS[1:]}
    columns = {
        "source": texts(SOURCES)[records.source],
        "source_id": texts([f"{first * 6 + i}" for i in range(len(records))]),
        **{name: np.where(whole, values, None) for name, values in apart.items()},
        **{name: np.where(whole, None, text[own]) for name, own in parts.items()},
        "family_name_kana": text["family_kana"], "given_name_kana": text["given_kana"],
        "birth_date": text["birth_date"], "gender": text["gender"], "email": text["email"],
        "phone": np.where(text["phone"] == np.array(None), text["mobile"], text["phone"]),
        "organization": text["company"], "department": text["department"], "job_title": text["title"],
        "preferred_language": text["language"], "email_opt_out": text["opt_out"],
        "created_at": stamps(records.created), "updated_at": stamps(records.updated),
    }  # fmt: skip
    order = np.argsort(columns["updated_at"].astype(str), kind="stable")
    return {name: column[order] for name, column in columns.items()}


def _joined(columns: list[np.ndarray]) -> np.ndarray:
    """Return columns in one, the parts of a row without a gap."""
    rows = zip(*columns, strict=True)
    return texts(["".join(part for part in row if part) or None for row in rows])
