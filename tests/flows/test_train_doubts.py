"""Where training finds namesakes in place of persons, whoever looks is told: the run, `meibo train`, `meibo dedupe`."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from resolve.quality.plausible import DOUBTS, MATCH

Inside = Callable[..., "subprocess.CompletedProcess[str]"]
Parse = Callable[["subprocess.CompletedProcess[str]"], Any]

FAMILIES = {"東京都": "佐藤 鈴木 高橋 田中 伊藤 渡辺", "TX": "Smith Johnson Williams Brown Jones Miller"}
GIVEN = {"東京都": "健太 翔 大輔 陽子 優子 愛", "TX": "James Mary John Linda Robert Susan"}
CITIES = {"東京都": "新宿区", "TX": "Austin"}


@pytest.fixture
def namesakes() -> list[dict[str, str]]:
    """Return 600 people of two countries, each with a mailbox of their own, hundreds of them namesakes in one city."""
    rows = []
    for number in range(600):
        region = ("東京都", "TX")[number % 2]
        family, given = FAMILIES[region].split()[number // 2 % 6], GIVEN[region].split()[number // 12 % 6]
        rows.append(
            {
                "id": f"S{number:03}", "name": f"{family} {given}" if region == "東京都" else f"{given} {family}",
                "mail": f"{number * 7919 % 100_003}k@example.jp", "tel": "", "company": "",
                "changed": "2026-01-01T00:00:00Z", "state": region, "city": CITIES[region],
            }
        )  # fmt: skip
    return rows


def test_the_run_that_trains_and_train_warn(
    inside: Inside, json_of: Parse, small: Any, namesakes: list[dict[str, str]]
) -> None:
    """The warnings of the run name the doubt, the next run has none; `meibo train` says it each time."""
    small.sales = namesakes
    text = small.config.read_text("utf-8").replace("training: never\n", "")
    small.config.write_text(
        text.replace("{full_name: name,", "{region: state, city: city, full_name: name,", 1), "utf-8"
    )
    facts = small.write().run()
    assert DOUBTS[MATCH] in facts["warnings"]
    assert small.run()["warnings"] == []
    assert DOUBTS[MATCH] in json_of(inside("train", "--dry-run", "--json", cwd=small.folder))["warnings"]
    assert f"warning: {DOUBTS[MATCH][:40]}" in inside("train", "--dry-run", cwd=small.folder).stdout


def test_dedupe_warns(inside: Inside, json_of: Parse, tmp_path: Path, namesakes: list[dict[str, str]]) -> None:
    """On stderr for people, as `warnings` for programs; and nobody is merged with a namesake."""
    pd.DataFrame(namesakes)[["id", "name", "mail", "state", "city"]].to_csv(tmp_path / "people.csv", index=False)
    told = json_of(inside("dedupe", "people.csv", "--out", "out.csv", "--json"))
    assert (told["clusters"], DOUBTS[MATCH] in told["warnings"]) == (600, True)
    assert f"warning: {DOUBTS[MATCH][:40]}" in inside("dedupe", "people.csv", "--out", "out.csv").stderr
