"""Training does not take namesakes for persons: registers without repeats, or with mailboxes that two people share."""

import itertools

import numpy as np
import pandas as pd
import pytest

from resolve.golden.cluster import cluster_contacts
from resolve.golden.judge import judge_pairs
from resolve.link.engine import link_contacts
from resolve.model import MatchModel
from resolve.quality.plausible import COLLEAGUE, DOUBTS, HOUSEHOLD, MATCH
from resolve.quality.train import TrainReport, train_model
from resolve.schema import conform, empty
from resolve.schema.frames import JUDGEMENTS, SOURCE_RECORDS
from resolve.standardise.contact import standardise_contacts

SHIPPED = MatchModel.shipped()


def _words(text: str) -> list[str]:
    """Return the words of a text."""
    return text.split()


NAMES = {
    "JP": (
        _words("佐藤 鈴木 高橋 田中 伊藤 渡辺 山本 中村 小林 加藤 吉田 山田 佐々木 山口 松本 井上 木村 林 斎藤 清水"),
        _words("健太 翔 大輔 拓也 直樹 一郎 誠 学 陽子 優子 裕子 美香 愛 彩 花子 恵 香織 隆 浩 茂"),
    ),
    "US": (
        _words("Smith Johnson Williams Brown Jones Garcia Miller Davis Wilson Anderson Taylor Moore Jackson Martin"),
        _words("James Mary John Patricia Robert Jennifer Michael Linda William Elizabeth David Barbara Richard"),
    ),
}
PLACES = {
    "JP": (
        ("東京都", "新宿区", "160-0023"),
        ("大阪府", "大阪市北区", "530-0005"),
        ("福岡県", "福岡市中央区", "810-0001"),
    ),
    "US": (("TX", "Austin", "78701"), ("CA", "San Jose", "95112"), ("OH", "Columbus", "43215")),
}


def profiles(size: int, *, families: bool = False) -> list[dict[str, str | None]]:
    """Return different people of two countries, many of them namesakes; every second two share a mailbox, if so told."""
    rng = np.random.default_rng(7)
    rows: list[dict[str, str | None]] = []
    for number in range(size):
        country = ("JP", "US")[int(rng.integers(2))]
        family, given = (names[int(len(names) * rng.random() ** 1.7)] for names in NAMES[country])
        region, city, postcode = PLACES[country][int(rng.integers(3))]
        mailbox = number - number % 2 if families and number % 4 < 2 else number
        row = {
            "source_id": f"{number}", "family_name": family, "given_name": given, "country": country,
            "region": region, "city": city, "postal_code": postcode,
            "email": f"{'acegikmoqs'[mailbox % 10]}{mailbox * 7919 % 100_003}x@example.com",
            "phone": f"090-{1000 + number:04}-{number * 7919 % 9000 + 1000}" if country == "JP" else None,
        }  # fmt: skip
        rows.append(row)
    return rows


def trained(rows: list[dict[str, str | None]]) -> tuple[pd.Series, MatchModel, TrainReport]:
    """Return the cluster of each source_id under a model that is trained on the rows, the model, and its report."""
    records = conform(pd.DataFrame(rows).assign(source="crm").astype(object), SOURCE_RECORDS)
    contacts = standardise_contacts(records, default_countries="JP")
    model, report = train_model(contacts, SHIPPED)
    merged = pd.DataFrame({"contact_id_l": [], "contact_id_r": [], "rule": []}, dtype=object)
    verdicts = judge_pairs(link_contacts(contacts, model.link).pairs, empty(JUDGEMENTS), merged, model.thresholds)
    bars = model.thresholds
    ids = contacts["contact_id"].tolist()
    found = cluster_contacts(ids, verdicts, stop=bars.link, unmet=bars.unmet, lone=model.lone)
    return found.set_index("contact_id")["cluster_id"].rename(lambda key: key.removeprefix("crm:")), model, report


def joined(clusters: pd.Series) -> set[tuple[str, str]]:
    """Return the pairs inside clusters."""
    members = (sorted(group.index) for _, group in clusters.groupby(clusters))
    return {pair for group in members for pair in itertools.combinations(group, 2)}


@pytest.mark.parametrize("families", [False, True], ids=["own mailboxes", "shared mailboxes"])
def test_namesakes_of_a_register_without_repeats_are_not_merged(families: bool) -> None:
    """2,500 people, hundreds of whom share both names and a city: nobody is anybody else, and training says so."""
    clusters, model, report = trained(profiles(2_500, families=families))
    assert joined(clusters) == set()
    assert DOUBTS[MATCH] in report.notes
    assert report.as_dict()["notes"] == list(report.notes)
    given = {c.name: c for c in SHIPPED.link.comparisons}
    for comparison in model.link.comparisons:
        np.testing.assert_allclose(comparison.match, given[comparison.name].match, rtol=1e-5)


def test_repeats_among_namesakes_are_found_all_the_same() -> None:
    """One in fifty people has a second record with the same mailbox; the namesakes around them stay apart."""
    rows = profiles(2_500)
    rows += [row | {"source_id": f"{row['source_id']}b", "city": None, "region": None} for row in rows[::50]]
    pairs = joined(trained(rows)[0])
    assert len(pairs & {(f"{i}", f"{i}b") for i in range(0, 2_500, 50)}) >= 45
    assert len(pairs) <= 52


def test_where_people_have_rare_names_their_cities_are_enough() -> None:
    """Names that meet far more often than by chance are persons, though nothing else could tell: levels are learnt."""
    rng = np.random.default_rng(3)
    parts = _words("ka to mi ler son ri ves bo dan che ul far gre wi nor sta")
    rows: list[dict[str, str | None]] = []
    for number in range(1_200):
        name = ["".join(rng.choice(parts, size=3)).title() for _ in range(2)]
        region, city, postcode = PLACES["US"][int(rng.integers(3))]
        row = {"source_id": f"{number}", "given_name": name[0], "family_name": name[1], "country": "US"}
        rows.append(row | {"region": region, "city": city, "postal_code": postcode})
    rows += [row | {"source_id": f"{row['source_id']}b"} for row in rows[::3]]
    clusters, _, report = trained(rows)
    assert report.notes == ()
    assert len(joined(clusters) & {(f"{i}", f"{i}b") for i in range(0, 1_200, 3)}) >= 390


@pytest.mark.parametrize(("size", "relation"), [(1_500, HOUSEHOLD), (400, COLLEAGUE)], ids=["household", "office"])
def test_households_and_offices_are_learnt_only_where_they_share_something(size: int, relation: int) -> None:
    """Strangers of one country and city, whatever their names, are no household and no office; a warning says so."""
    _, _, report = trained(profiles(size))
    assert DOUBTS[relation] in report.notes
    assert report.sizes["household"] + report.sizes["colleague"] < 1
