"""What `meibo explain` must not say: contacts of others, weights that are none, a link that is not followed."""

import re
import subprocess
from collections.abc import Callable
from typing import Any

Inside = Callable[..., "subprocess.CompletedProcess[str]"]
Parse = Callable[["subprocess.CompletedProcess[str]"], Any]


def retire_one(small: Any) -> str:
    """Run two nights: a customer with a contact of its own is gone in the second one. Return its golden ID.

    A contact of nobody stands beside it: its mailbox is no record's.
    """
    text = small.config.read_text("utf-8")
    small.config.write_text(text.replace("id: id\n", "id: id\n        snapshot: true\n", 1), "utf-8")
    at = "2026-03-01T09:00:00Z"
    small.calls += [
        {"id": "own", "who": "S059", "at": at, "subject": "自分の件"},
        {"id": "foreign", "who": "NOBODY", "at": at, "subject": "他人の件"},
    ]
    small.write().run()
    links = small.table("profile_link")
    golden_id = str(links.loc[links["source_id"] == "S059", "golden_id"].iloc[0])
    small.sales = [person for person in small.sales if person["id"] != "S059"]
    small.write().run()
    nobodys = small.table("contact_history").set_index("source_id")["golden_id"]
    assert nobodys[["own", "foreign"]].isna().all()
    return golden_id


def test_a_retired_customer_is_shown_no_contacts_but_its_own(inside: Inside, json_of: Parse, small: Any) -> None:
    """What nobody has now may be anyone's: of a retired ID only the events that were its own are told, as former."""
    gone = retire_one(small)
    facts = json_of(inside("explain", gone, "--timeline", "--json", cwd=small.folder))
    assert [row["subject"] for row in facts["timeline"]] == ["自分の件"]
    assert (facts["is_former"], facts["golden_id"]) == (True, None)
    assert facts["profile"] is None
    assert [facts[part] for part in ("records", "lineage", "evidence", "identifiers")] == [[], [], [], []]
    shown = inside("explain", gone, "--timeline", "--page", "gone.html", cwd=small.folder).stdout
    page = (small.folder / "gone.html").read_text("utf-8")
    for told in (shown, page):
        assert "自分の件" in told
        assert "nobody has them now" in told
        assert "他人の件" not in told
    assert f"<code>{gone}</code> · retired" in page
    plain = inside("explain", gone, cwd=small.folder).stdout
    assert f"{gone} is retired" in plain
    assert "の件" not in plain


def test_a_living_customer_has_no_former_contacts(inside: Inside, json_of: Parse, small: Any) -> None:
    """They are its own, and nothing says otherwise."""
    small.run()
    facts = json_of(inside("explain", "sales:S000", "--timeline", "--json", cwd=small.folder))
    assert (facts["is_former"], len(facts["timeline"])) == (False, 1)
    assert "nobody has them now" not in inside("explain", "sales:S000", "--timeline", cwd=small.folder).stdout


def judge(small: Any, *said: tuple[str, str, str]) -> None:
    """Write judgements by hand: left, right, judgement."""
    for number, (left, right, word) in enumerate(said, 1):
        small.execute(
            "INSERT INTO judgement (judgement_id, contact_id_l, contact_id_r, judgement, judged_by, judged_at)"
            f" VALUES ({number}, '{left}', '{right}', '{word}', 'somebody', '2026-11-02')"
        )


def line_of(told: str, *words: str) -> list[str]:
    """Return the cells of the only line that has all the words."""
    (line,) = [line for line in told.splitlines() if all(word in line for word in words)]
    return re.split(r"\s{2,}", line.strip())


def test_the_evidence_of_a_profile_says_who_decided(inside: Inside, json_of: Parse, small: Any) -> None:
    """A pair that only a person joined has no weight; 0.0 bits would be one."""
    small.freeze().run()
    judge(small, ("sales:S040", "sales:S041", "match"))
    small.run()
    facts = json_of(inside("explain", "sales:S040", "--json", cwd=small.folder))
    (pair,) = facts["evidence"]
    assert "match_weight" not in pair
    assert (pair["verdict"], pair["decided_by"]) == ("link", "person")
    told = inside("explain", "sales:S040", cwd=small.folder).stdout
    assert line_of(told, "sales:S040", "sales:S041") == ["sales:S040", "sales:S041", "–", "link", "person"]
    told = inside("explain", "sales:S000", cwd=small.folder).stdout
    assert line_of(told, "sales:S000", "support:900")[3:5] == ["link", "weight"]


def test_a_match_that_a_non_match_elsewhere_forbids_says_so(inside: Inside, json_of: Parse, small: Any) -> None:
    """The chain over a third record is cut at one of its ends; explain tells at which, and why."""
    small.run()
    judge(
        small,
        ("sales:S040", "sales:S042", "match"),
        ("sales:S041", "sales:S042", "match"),
        ("sales:S040", "sales:S041", "non_match"),
    )
    small.run()
    cut, kept = ("sales:S041", "sales:S042"), ("sales:S040", "sales:S042")
    facts = json_of(inside("explain", *cut, "--json", cwd=small.folder))
    assert (facts["is_one_customer"], facts["verdict"], facts["is_contradicted"]) == (False, "link", True)
    assert facts["contradicted_by"] == [["sales:S040", "sales:S041"]]
    told = inside("explain", *cut, cwd=small.folder).stdout
    assert re.search(r"not followed: a non_match .*: sales:S040 and sales:S041$", told, re.MULTILINE)
    assert not json_of(inside("explain", *kept, "--json", cwd=small.folder))["is_contradicted"]
    assert "not followed" not in inside("explain", *kept, cwd=small.folder).stdout


def test_what_people_said_of_a_pair_is_told_with_who_and_when(inside: Inside, json_of: Parse, small: Any) -> None:
    """All of it in order, whichever record was written first; also what no run has followed yet, and an unsure."""
    small.run()
    judge(small, ("sales:S040", "sales:S041", "match"), ("sales:S041", "sales:S040", "unsure"))
    small.execute("UPDATE judgement SET judged_by = 'Kato', note = 'called them' WHERE judgement = 'unsure'")
    facts = json_of(inside("explain", "sales:S041", "sales:S040", "--json", cwd=small.folder))
    assert [row["judgement"] for row in facts["judgements"]] == ["match", "unsure"]
    said = inside("explain", "sales:S041", "sales:S040", cwd=small.folder).stdout
    assert re.search(r"judged unsure by Kato on \d{4}-\d\d-\d\d \(judgement_id 2\): called them", said)
    assert "judged" not in inside("explain", "sales:S000", "support:900", cwd=small.folder).stdout


def test_a_pair_with_a_deleted_record_says_so(inside: Inside, small: Any) -> None:
    """Not that there is no such record: its source deleted it, and a judgement on it waits for its return."""
    text = small.config.read_text("utf-8").replace("id: id\n", "id: id\n        snapshot: true\n", 1)
    small.config.write_text(text, "utf-8")
    small.run()
    small.sales.pop()
    small.write().run()
    done = inside("explain", "sales:S059", "sales:S000", cwd=small.folder)
    assert (done.returncode, "sales:S059: its source has deleted it" in done.stderr) == (2, True)
    assert "no such" in inside("explain", "sales:NOPE", "sales:S000", cwd=small.folder).stderr


def test_a_pair_is_shown_side_by_side(inside: Inside, json_of: Parse, small: Any) -> None:
    """What both records say, in the order of the question, and why they are in the queue, if they are."""
    small.support[0]["mail"] = "Other@example.jp, [b]@example.jp"
    small.write().run()
    facts = json_of(inside("explain", "support:900", "sales:S000", "--json", cwd=small.folder))
    assert list(facts["records"]) == ["support:900", "sales:S000"]
    assert facts["records"]["sales:S000"]["full_name"] == small.sales[0]["name"]
    assert "organization" not in facts["records"]["sales:S000"]
    told = inside("explain", "support:900", "sales:S000", cwd=small.folder).stdout
    assert line_of(told, "full_name") == ["full_name", small.sales[0]["name"], small.sales[0]["name"]]
    assert line_of(told, "emails")[1].startswith("other@example.jp")
    queue = small.table("review_queue").iloc[0]
    shown = inside("explain", queue["contact_id_l"], queue["contact_id_r"], cwd=small.folder).stdout
    assert f"(table review_queue): {queue['reason']}" in shown


def test_what_happened_to_a_customer_names_the_other_one(inside: Inside, small: Any) -> None:
    """Merged with whom, split from whom; one record alone has no table of evidence."""
    small.freeze().run()
    before = set(small.table("profile_link").set_index("source_id").loc[["S040", "S041"], "golden_id"])
    judge(small, ("sales:S040", "sales:S041", "match"))
    small.run()
    told = inside("explain", "sales:S040", cwd=small.folder).stdout
    (lost,) = before - set(small.table("profile_link")["golden_id"])
    assert line_of(told, "merged")[1:] == ["merged", "took over", lost]
    assert "found by" in told
    assert "found by" not in inside("explain", "sales:S042", cwd=small.folder).stdout
