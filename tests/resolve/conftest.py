"""Hand-made contacts for the tests of linking and training, as the fixture `people`."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from resolve.schema import conform, empty
from resolve.schema.frames import CONTACTS

GIVEN = ("robert", "alan", "grace", "evie", "logan", "maria", "ines", "paulo", "hanna", "viktor", "oscar", "lena")
SYLLABLES = ("ka", "to", "mi", "ler", "son", "ri", "ves", "bo", "dan", "che", "ul", "far")


def latin(given: str | None, family: str | None, **fields: object) -> dict[str, object]:
    """Return the fields of a contact with a name in letters."""
    return {
        "given_key": given,
        "family_key": family,
        "given_script": given and "latin",
        "family_script": family and "latin",
        "name_key": f"{given or ''}{family or ''}" or None,
    } | fields


def build(rows: list[dict[str, object]]) -> pd.DataFrame:
    """Return CONTACTS from rows of fields; ids are a:00, a:01, … in their order."""
    frame = pd.DataFrame(rows)
    ids = [f"{i:05d}" for i in range(len(frame))]
    frame = frame.assign(source="a", source_id=ids, contact_id=[f"a:{i}" for i in ids], content_hash="0")
    if "party_type" not in frame:
        frame["party_type"] = "person"
    extra = [c for c in frame if c.startswith("x_")]
    kept = frame[[c for c in frame if c in CONTACTS.names or c in extra]]
    return conform(kept.astype(object).where(kept.notna(), None), CONTACTS) if rows else empty(CONTACTS)


def crowd(size: int, seed: int = 0, repeats: float = 0.5) -> pd.DataFrame:
    """Return people, some with a second, noisier record; `x_person` is the truth."""
    rng = np.random.default_rng(seed)
    rows = []
    for person in range(size):
        given, family = rng.choice(GIVEN), "".join(rng.choice(SYLLABLES, size=3))
        number = int(rng.integers(10_000, 99_999))
        fields = {
            "email_keys": f"{given}.{family}{number}@example.org",
            "phone_keys": f"+4930{number}{int(rng.integers(100, 999))}",
            "birth_key": f"{rng.integers(1940, 2005)}-{rng.integers(1, 13):02d}-{rng.integers(1, 29):02d}",
            "postal_key": f"{rng.integers(10_000, 10_400)}",
            "x_person": f"p{person}",
        }
        rows.append(latin(given, family, **fields))
        if rng.random() < repeats:
            copy = dict(fields)
            copy[str(rng.choice(["email_keys", "phone_keys", "birth_key"]))] = None
            rows.append(latin(given[:1] if rng.random() < 0.2 else given, family, **copy))
    return build(rows)


@pytest.fixture(scope="session")
def people() -> SimpleNamespace:
    """Return the makers: latin (one contact's fields), build (CONTACTS from such rows), crowd (many people)."""
    return SimpleNamespace(latin=latin, build=build, crowd=crowd)
