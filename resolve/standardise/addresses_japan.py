"""Japanese addresses from the prefecture to the room.

Prefecture, then the longest municipality, then the longest town of the gazetteer, then block numbers, then building and
room. What the text leaves out is filled in only where it is certain: the prefecture of a municipality that exists once,
the ward that has the town, the postal code of a town that has one.
"""

from functools import lru_cache

from resolve.standardise.addresses_forms import Address, AddressParts
from resolve.standardise.addresses_japan_line import compose_line
from resolve.standardise.addresses_japan_numbers import BlockNumbers, find_unit, split_numbers
from resolve.standardise.addresses_japan_place import Place, find_place
from resolve.standardise.addresses_japan_text import place_key
from resolve.standardise.gazetteer.places import area_code, is_rest_code
from resolve.standardise.postal import show_postal_code


def standardise_japanese(parts: AddressParts) -> Address:
    """Return a Japanese address in standard form; `number_key` is the block chain, `unit_key` the room or floor."""
    line = compose_line(parts)
    postal = line.postal
    place = find_place(line.text, area_code(postal) if postal else None)
    block, after = split_numbers(place.rest), line.building
    if block.numbers is None and after:
        moved = _numbers_in_building(place, after)
        block, after = (moved, "") if moved else (block, after)
    inside = " ".join(filter(None, (block.rest, after)))
    unit = find_unit(inside) or block.room
    if block.room and unit and unit.endswith("棟"):
        unit = find_unit(f"{inside} {block.room}")
    building = " ".join(filter(None, (block.room, block.rest, after))) or None
    code, key = choose_postal(postal, place.postal_code)
    street = (place.street + (block.numbers or "")) or None
    return Address(
        "JP", show_postal_code(code, "JP"), place.prefecture, place.city, street, building,
        key, place.prefecture and place_key(place.prefecture), place.city and place_key(place.city),
        place.town_key, block.numbers, unit,
    )  # fmt: skip


def _numbers_in_building(place: Place, building: str) -> BlockNumbers | None:
    """Return the block numbers that stand in the building column (西新宿 | 2-8-1); None where they do not."""
    if place.rest or not place.street:
        return None
    block = split_numbers(building)
    return block if block.numbers and "-" in block.numbers else None


@lru_cache(1 << 16)
def choose_postal(given: str | None, of_town: str | None) -> tuple[str | None, str | None]:
    """Return the postal code to show and the one to compare.

    A large office's own code shows, but the code of its town is compared: the office equals its street address. So does
    the code of "the rest of the city" where the town has a code.
    """
    if given is None:
        return of_town, of_town
    area = area_code(given)
    return given, of_town if of_town is not None and is_rest_code(area) else area
