"""The gazetteer of Japan: complete, small, licensed, and read back as it was packed."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolve.standardise.addresses_japan_text import fold_place, place_key, write_numbers
from resolve.standardise.gazetteer import build, places
from resolve.standardise.gazetteer.readings import city_by_reading

FOLDER = Path(build.__file__).parent


def test_japan_has_47_prefectures_and_all_its_municipalities() -> None:
    """1,741 municipalities, of which 20 cities count by their wards, and the wards of Tokyo among them."""
    assert len(places.load_prefectures()) == 47
    assert 1880 <= len(places.load_cities()) <= 1910


def test_the_data_is_small_and_says_where_it_is_from() -> None:
    """The packaged files stay under 700 KB together, with source and licence beside them."""
    data = [path for path in FOLDER.iterdir() if path.suffix in {".gz", ".tsv"}]
    assert sum(path.stat().st_size for path in data) < 700_000
    notice = (FOLDER / "NOTICE.txt").read_text("utf-8")
    assert all(path.name in notice for path in data)
    assert "Japan Post" in notice


def test_every_alias_leads_to_a_municipality_of_today() -> None:
    """No line of aliases.tsv is dead, and none hides a municipality that still has the name."""
    today = {place_key(city.name) for city in places.load_cities()}
    for line in (FOLDER / "aliases.tsv").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            old, new = line.split("\t")
            match = places.find_cities(place_key(old), None)
            assert place_key(old) not in today, old
            assert match is not None
            assert {places.load_cities()[i].name for i in match.cities} == set(new.split("|")), old


def test_towns_folded_as_a_list_equal_towns_folded_one_by_one() -> None:
    """The towns of a municipality are folded in one go; commas between them keep the rules apart."""
    for index in range(0, len(places.load_cities()), 40):
        assert all(place_key(town.name) == key for key, town in places.towns_of(index).items())


@pytest.mark.parametrize(
    ("name", "owner", "prefecture", "city"),
    [
        ("Shinjuku-ku", "", None, "新宿区"),
        ("Shinjuku", "", "東京都", "新宿区"),
        ("Kita-ku", "Osaka", "大阪府", "大阪市北区"),
        ("Chuo-ku", "Kumamoto-shi", None, "熊本市中央区"),
        ("Funabashi City", "", None, "船橋市"),
        ("Niseko-cho", "", None, "虻田郡ニセコ町"),
        ("Ōtsu-shi", "", None, "大津市"),
        ("Fuchu-shi", "", None, None),
        ("Fuchu-shi", "", "東京都", "府中市"),
        ("Paris", "", None, None),
    ],
)
def test_a_municipality_is_found_by_its_reading(
    name: str, owner: str, prefecture: str | None, city: str | None
) -> None:
    """With or without shi, ku, cho; two cities of one reading are none without their prefecture."""
    found = city_by_reading(name, owner, prefecture)
    assert (found.name if found else None) == city


def test_a_postal_code_leads_to_its_place() -> None:
    """To the town where it has one, to the municipality where several towns share it, to nothing where unknown."""
    home = places.place_of_postal_code("1600023")
    assert home is not None
    assert (places.load_cities()[home.city].name, home.town) == ("新宿区", "西新宿")
    assert places.place_of_postal_code("9999999") is None
    assert places.area_code("1638001") == "1600023"
    assert places.area_code("1600023") == "1600023"
    assert places.is_rest_code("1600000")


def test_a_municipality_packs_its_towns_by_their_codes() -> None:
    """Codes in a row take no room; a town with several codes is marked."""
    line = build.encode_city(
        ("東京都", "甲区", "コウク"), {"乙": {"1000002"}, "": {"1000000"}, "丙": {"1000001"}, "丁": {"1", "2"}}
    )
    assert line == "東京都\t甲区\tコウク\t,丙,乙,丁\t1000000,,,z"


def test_offices_are_packed_by_their_town() -> None:
    """The town's code as the distance from the town before, then its offices."""
    assert build.encode_offices({"0000010": {"0008001", "0008003"}, "0000015": {"0008002"}}) == "10 7991 2\n5 7987"


def test_the_floors_of_a_building_are_no_town() -> None:
    """Japan Post gives the floors of tall buildings codes of their own."""
    assert build.town_name({"note": "３階", "neighborhood": "西新宿新宿アイランドタワー"}) is None
    assert build.town_name({"note": "", "neighborhood": "秋月１条"}) == "秋月1条"


@given(st.text(max_size=20))
def test_the_fold_keeps_every_position(text: str) -> None:
    """A place in the fold is the same place in the text, and folding twice is once."""
    written = write_numbers(text)
    assert len(fold_place(written)) == len(written)
    assert place_key(place_key(text)) == place_key(text)
