"""A system's default birth date says nothing: found by how many contacts and names share it, frozen by training."""

import numpy as np
import pytest

from resolve.link.compare import Comparer
from resolve.link.encode import Encoded
from resolve.link.engine import link_contacts
from resolve.link.filler_dates import find_filler_dates
from resolve.model import MatchModel
from resolve.quality.train import train_model

SHIPPED = MatchModel.shipped()
DEFAULT = "1980-01-01"
GIVEN = (
    *(
        "ann",
        "bob",
        "carla",
        "dmitri",
        "elisabeth",
        "francois",
        "giulia",
        "hannah",
        "igor",
        "jun",
        "katarzyna",
        "lucas",
    ),
    *("mohammed", "nils", "olga", "pedro", "quentin", "rosalind", "stefan", "takumi"),
)
FAMILY = (
    *(
        "anderson",
        "brzezinski",
        "castillo",
        "dubois",
        "eriksson",
        "fujimoto",
        "garcia",
        "hoffmann",
        "ivanov",
        "jankowski",
    ),
    *(
        "kowalczyk",
        "lombardi",
        "mueller",
        "nakamura",
        "oconnor",
        "papadopoulos",
        "quispe",
        "rossi",
        "schmidt",
        "tanaka",
    ),
    *("underwood", "vasquez", "wilson", "xu", "yilmaz", "zhang", "bergstrom", "chaudhry", "delacroix", "espinoza"),
)


def with_dates(people, dates, names=40):
    """Return contacts of these birth dates; given names repeat after `names`."""
    rows = [people.latin(f"given{i % names}", f"family{i % 23}", birth_key=date) for i, date in enumerate(dates)]
    return people.build(rows)


def found(contacts):
    """Return the filler dates of contacts."""
    encoded = Encoded(contacts)
    return encoded.text("birth_key").texts[find_filler_dates(encoded)].tolist()


def ordinary(size, first=1940):
    """Return so many different dates, one a contact."""
    return [f"{first + i // 336}-{i // 28 % 12 + 1:02d}-{i % 28 + 1:02d}" for i in range(size)]


def test_a_date_of_many_names_is_a_filler(people):
    """Thirty contacts of thirty names, where others have a date each; not where they have nine names."""
    dates = ordinary(300) + [DEFAULT] * 30
    assert found(with_dates(people, dates)) == [DEFAULT]
    assert found(with_dates(people, dates, names=9)) == []


def test_people_of_one_age_share_dates_by_chance(people):
    """A school has its dates twenty times each, its teachers have theirs once; the default is still seen."""
    school = ordinary(110, first=2015) * 20 + ordinary(300)
    assert found(with_dates(people, school)) == []
    assert found(with_dates(people, [*school, *[DEFAULT] * 150])) == [DEFAULT]


def test_a_filler_is_compared_as_missing(people):
    """Neither two defaults are equal dates nor is a default another date than a real one."""
    comparer = Comparer(Encoded(with_dates(people, [DEFAULT] * 30 + ordinary(300))), SHIPPED.link)
    birth = [c.name for c in SHIPPED.link.comparisons].index("birth date")
    dates = comparer.contacts.text("birth_key")
    rows = [int(np.flatnonzero(dates.texts[dates.codes] == date)[0]) for date in (DEFAULT, "1940-01-01", "1940-01-02")]
    last = int(np.flatnonzero(dates.texts[dates.codes] == DEFAULT)[-1])
    pairs = np.asarray([[rows[0], rows[0], rows[1]], [last, rows[1], rows[2]]])
    assert (comparer.compare(*pairs)[birth].levels > 0).tolist() == [False, False, True]


def strangers(people, size=600, share=0.3):
    """Return people with their own numbers, few names, and a default birth date for a share of them."""
    rng = np.random.default_rng(5)
    rows = []
    for i in range(size):
        date = f"{rng.integers(1945, 2005)}-{rng.integers(1, 13):02d}-{rng.integers(1, 29):02d}"
        date = DEFAULT if rng.random() < share else date
        name = GIVEN[i % 20], FAMILY[i // 20]
        fields = {"phone_keys": f"+8190{rng.integers(10**7, 10**8)}", "birth_key": date, "given_variants": "known=yes"}
        rows.append(people.latin(*name, **fields))
    return people.build(rows)


@pytest.mark.parametrize("learn", [False, True], ids=["shipped", "trained"])
def test_strangers_with_a_default_date_stay_apart(people, learn):
    """Different people of one surname, or one given name, are no links."""
    contacts = strangers(people)
    model = train_model(contacts, SHIPPED)[0] if learn else SHIPPED
    pairs = link_contacts(contacts, model.link).pairs
    assert int((pairs["match_weight"] >= 0).sum()) < 5


def test_training_freezes_the_fillers(people):
    """Two contacts alone are judged as among all; a model trained before fillers were counted knows none."""
    contacts = strangers(people)
    model, _ = train_model(contacts, SHIPPED)
    again = MatchModel.from_yaml(model.to_yaml())
    few = contacts[contacts["birth_key"] == DEFAULT].head(2)
    birth = [c.name for c in SHIPPED.link.comparisons].index("birth date")
    pair = np.asarray([0]), np.asarray([1])
    assert Comparer(Encoded(few), again.link).compare(*pair)[birth].levels.tolist() == [0]
    again.link.frequencies.pop("filler birth dates")
    assert Comparer(Encoded(few), again.link).compare(*pair)[birth].levels.tolist() != [0]
