"""Merge, then unmerge: IDs, values and histories are what they were, by random operations, on both warehouses."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from connectors.warehouse.store import add_judgements
from flows.project import open_project
from resolve.schema import conform, frames

Build = Callable[[Path], Any]
OF_RUNS = ["run_id", "updated_at"]
VALUES = {  # what a customer is: table and the columns that tell of changes on the way
    "golden_profile": [*OF_RUNS, "golden_version"],
    "profile_link": [*OF_RUNS, "previous_golden_id", "linked_at"],
    "profile_identifier": OF_RUNS,
    "golden_lineage": OF_RUNS,
    "contact_history": OF_RUNS,
}
ALONE = range(20, 56)  # people whom only sales knows


@dataclass
class Register:
    """A project, and what its readers have seen of it night by night."""

    project: Any
    draw: random.Random
    seen: set[str] = field(default_factory=set)
    nights: list[tuple[pd.Timestamp, dict[str, int]]] = field(default_factory=list)

    def night(self, *, alone: bool = True) -> dict[str, pd.DataFrame]:
        """Run a night, check what has to hold after every night, and return the values of all customers."""
        assert self.project.run(accept=frozenset({"all"}), alone=alone)["status"] == "succeeded"
        profiles = self.project.table("golden_profile")
        versions = dict(zip(profiles["golden_id"], profiles["golden_version"], strict=True))
        self.nights.append((pd.Timestamp(datetime.now(UTC)), versions))
        self._check_ids(set(versions))
        self._check_history()
        return {
            name: self.project.table(name).drop(columns=left_out, errors="ignore").astype(object)
            for name, left_out in VALUES.items()
        }

    def _check_ids(self, living: set[str]) -> None:
        """Every ID that any table has ever shown resolves: to a living customer, or to none; the living to themselves."""
        for name, column in (("golden_profile", "golden_id"), ("profile_link", "golden_id"),
                             ("identity_event", "golden_id"), ("contact_history", "golden_id_at_event")):  # fmt: skip
            self.seen |= set(self.project.table(name)[column].dropna())
        redirects = self.project.table("golden_id_redirect")
        leads = dict(zip(redirects["golden_id"], redirects["current_golden_id"], strict=True))
        assert self.seen <= set(leads)
        assert {end for end in leads.values() if end is not None} == living
        assert all(leads[one] == one for one in living)

    def _check_history(self) -> None:
        """As of the end of every night so far, golden_profile_history holds the profiles that readers saw then."""
        history = self.project.table("golden_profile_history")
        for at, versions in self.nights:
            then = history[(history["valid_from"] <= at) & ~(history["valid_to"] <= at)]
            assert dict(zip(then["golden_id"], then["golden_version"], strict=True)) == versions

    def customer(self, number: int) -> str:
        """Return the customer of a record of sales."""
        links = self.project.table("profile_link").set_index(["source", "source_id"])["golden_id"]
        return str(links["sales", f"S{number:03}"])

    def judge(self, left: int, right: int, said: str) -> None:
        """Let a person say something of two records of sales."""
        pair = sorted([f"sales:S{left:03}", f"sales:S{right:03}"])
        told = pd.DataFrame([[*pair, said, "somebody", datetime.now(UTC), None]], columns=frames.JUDGEMENTS.names)
        opened = open_project(self.project.config)
        with opened.engine.begin() as conn:
            add_judgements(conn, conform(told, frames.JUDGEMENTS))
        opened.engine.dispose()

    def merge(self, left: int, right: int) -> Callable[[], None]:
        """Unite two people's records, as a person's judgement or by an edit in sales; return what undoes it."""
        row = self.project.sales[left]
        if self.draw.random() < 0.5:
            self.judge(left, right, "match")
            return lambda: self.judge(left, right, "non_match")
        before = dict(row)
        row |= {name: self.project.sales[right][name] for name in ("name", "mail", "tel")}
        return lambda: row.update(before)

    def disturb(self) -> None:
        """Let something happen to others: a new record, and an edit, of people who are never united."""
        number = len(self.project.sales)
        self.project.sales.append(self.project.sales[56] | {"id": f"S{number:03}"})
        self.project.sales[57]["company"] = f"株式会社{number}"


def unite(register: Register, pairs: list[tuple[int, int]]) -> list[Callable[[], None]]:
    """Unite the pairs, in two nights; return what undoes each."""
    undo = []
    for part in (pairs[::2], pairs[1::2]):
        undo += [register.merge(left, right) for left, right in part]
        register.disturb()
        register.project.write()
        register.night()
        for left, right in part:
            assert register.customer(left) == register.customer(right)
    return undo


def live_through(project: Any, seed: int) -> None:
    """Unite random people in two nights, part them in two others and in another order, and compare."""
    register = Register(project, random.Random(seed))
    draw = register.draw
    for call in project.calls:  # contacts with people who are united
        call["who"] = f"S{draw.choice(ALONE):03}"
    project.write()
    before = register.night(alone=False)
    people = draw.sample(ALONE, 9)
    pairs = list(zip(people[:3], people[3:6], strict=True))
    pairs += [(people[6], draw.choice(people[:6])), (people[7], people[8])]  # one of three, or of chained edits
    undo = unite(register, pairs)
    draw.shuffle(undo)
    after = before
    for part in (undo[:2], undo[2:]):
        for step in part:
            step()
        register.disturb()
        project.write()
        after = register.night()
    types = set(project.table("identity_event")["type"])
    assert {"merged", "restored"} <= types
    others = {register.customer(number) for number in (56, 57)}
    for name, frame in before.items():
        kept = [one[~one["golden_id"].isin(others)].reset_index(drop=True) for one in (frame, after[name])]
        pd.testing.assert_frame_equal(*kept, obj=name)


@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, 16))])
def test_people_united_and_parted_again_are_what_they_were(build_on: Build, tmp_path: Path, seed: int) -> None:
    """By judgements and by edits, in chains and in any order: same IDs, profiles, links, identifiers, contact history.

    After every night each ID ever published resolves to a living customer, and the history of profiles tells of every
    night before what its readers saw.
    """
    live_through(build_on(tmp_path / "project").freeze(), seed)
