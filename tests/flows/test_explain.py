"""`meibo explain` and `meibo train`: why things are as they are, and what a new model would change."""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import flows
from resolve.model import MatchModel

Inside = Callable[..., "subprocess.CompletedProcess[str]"]
Parse = Callable[["subprocess.CompletedProcess[str]"], Any]


def test_a_pair_is_a_waterfall_that_adds_up_to_the_stored_weight(inside: Inside, json_of: Parse, small: Any) -> None:
    """The bars sum to the weight that the run stored; the verdict is that of the run."""
    small.run()
    facts = json_of(inside("explain", "sales:S000", "support:900", "--json", cwd=small.folder))
    edges = small.table("match_edge").set_index(["contact_id_l", "contact_id_r"])
    assert facts["is_one_customer"]
    assert sum(bar["bits"] for bar in facts["bars"]) == pytest.approx(facts["match_weight"])
    assert facts["match_weight"] == pytest.approx(edges.loc[("sales:S000", "support:900"), "match_weight"])
    assert (facts["verdict"], facts["decided_by"]) == ("link", "weight")


def test_a_pair_that_was_never_compared_is_explained_too(inside: Inside, small: Any) -> None:
    """Two strangers: evidence against, and no verdict to show."""
    small.run()
    done = inside("explain", "sales:S000", "sales:S001", cwd=small.folder)
    assert done.returncode == 0
    assert "two customers now" in done.stdout
    assert "different" in done.stdout


def test_a_pair_that_links_lead_across_says_so(inside: Inside, json_of: Parse, small: Any) -> None:
    """They share no key, and are compared all the same: two links of a third record meet there."""
    shipped = MatchModel.shipped()
    blocking = tuple(rule for rule in shipped.link.blocking if rule.name in ("email", "phone"))
    model = replace(shipped, link=replace(shipped.link, blocking=blocking))
    (small.folder / "model.yaml").write_text(model.to_yaml(), "utf-8")
    small.config.write_text("model: model.yaml\n" + small.config.read_text("utf-8"), "utf-8")
    third = small.sales[0]
    small.support = [
        {"id": "1", "name": third["name"], "mail": third["mail"], "tel": ""},
        {"id": "2", "name": third["name"], "mail": "", "tel": third["tel"]},
    ]
    small.write().run()
    facts = json_of(inside("explain", "support:1", "support:2", "--json", cwd=small.folder))
    assert (facts["rules"], facts["found_by"], facts["verdict"]) == ([], "listed", "link")
    told = inside("explain", "support:1", "support:2", cwd=small.folder).stdout
    assert "brought together by: links of both to a third record" in told
    assert "never compares" not in told


def test_a_pair_whose_customers_are_not_what_its_verdict_says_tells_why(
    inside: Inside, small: Any, tmp_path: Path
) -> None:
    """Of the sample: two without a better partner, a weak pair among several records, a link that is not followed."""
    shutil.copytree(Path(flows.__file__).parent / "sample", tmp_path / "sample")
    sample = replace(small, folder=tmp_path / "sample")
    sample.run()
    links = sample.table("profile_link")
    owner = pd.Series(links["golden_id"].to_numpy(), index=links["source"] + ":" + links["source_id"])
    edges = sample.table("match_edge")
    left, right = edges["contact_id_l"].map(owner), edges["contact_id_r"].map(owner)
    records, is_one = left.map(owner.value_counts()), left == right
    cases = {
        "neither had a better partner": is_one & (records == 2) & (edges["verdict"] == "review"),
        "records say of each other outweighs": is_one & (records > 2) & (edges["verdict"] == "reject"),
        "two customers all the same": ~is_one & (edges["verdict"] == "link"),
    }
    for words, rows in cases.items():
        pair = edges.loc[rows, ["contact_id_l", "contact_id_r"]].iloc[0].tolist()
        assert words in inside("explain", *pair, cwd=sample.folder).stdout
    plain = edges.loc[is_one & (edges["verdict"] == "link"), ["contact_id_l", "contact_id_r"]].iloc[0].tolist()
    assert "all the same" not in inside("explain", *plain, cwd=sample.folder).stdout


def test_a_profile_tells_its_records_and_where_values_come_from(inside: Inside, json_of: Parse, small: Any) -> None:
    """By golden ID or by one of its records the same answer."""
    small.run()
    by_record = json_of(inside("explain", "support:900", "--json", cwd=small.folder))
    by_golden = json_of(inside("explain", by_record["golden_id"], "--json", cwd=small.folder))
    assert by_record | {"asked": ""} == by_golden | {"asked": ""}
    assert [(r["source"], r["source_id"]) for r in by_golden["records"]] == [("sales", "S000"), ("support", "900")]
    assert by_golden["events"][0]["type"] == "created"
    assert inside("explain", "support:900", cwd=small.folder).returncode == 0


def test_an_id_that_was_merged_away_leads_to_its_customer(inside: Inside, json_of: Parse, small: Any) -> None:
    """Every ID ever published resolves."""
    small.support[0] = small.support[0] | {"name": "別人", "mail": "else@else.example.jp", "tel": "06-6999-8888"}
    small.write().run()
    links = small.table("profile_link").set_index(["source", "source_id"])["golden_id"]
    two = {links["sales", "S000"], links["support", "900"]}
    first = small.sales[0]
    small.support[0] = {"id": "900", "name": first["name"], "mail": first["mail"], "tel": first["tel"]}
    small.write().run()
    now = {json_of(inside("explain", golden_id, "--json", cwd=small.folder))["golden_id"] for golden_id in two}
    assert len(two) == 2
    assert len(now) == 1
    assert now < two


@pytest.mark.parametrize("ids", [["sales:nobody"], ["sales:S000", "sales:nobody"], ["GNOSUCHID"], ["a", "b", "c"]])
def test_unknown_ids_are_exit_2(inside: Inside, small: Any, ids: list[str]) -> None:
    """What is not there cannot be explained; the message says how a record is named."""
    small.run()
    done = inside("explain", *ids, cwd=small.folder)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_record_that_its_source_deleted_is_told_as_such(inside: Inside, small: Any) -> None:
    """It was there, so it is not unknown; neither is one that was read and is not published."""
    small.config.write_text(
        small.config.read_text("utf-8").replace("id: id\n", "id: id\n        snapshot: true\n", 1), "utf-8"
    )
    small.run()
    gone = small.sales.pop()["id"]
    small.write().run()
    assert "its source has deleted it" in inside("explain", f"sales:{gone}", cwd=small.folder).stderr
    small.execute("DELETE FROM profile_link WHERE source_id = 'S000'")
    assert "it was read, yet is no customer's record" in inside("explain", "sales:S000", cwd=small.folder).stderr


def test_training_stores_a_model_for_the_next_night(inside: Inside, json_of: Parse, small: Any) -> None:
    """A dry run stores none; a trained model is active, and no profile changed before the next night."""
    small.run()
    before = small.tables()
    dry = json_of(inside("train", "--dry-run", "--json", cwd=small.folder))
    assert dry["trained_on"] == 80
    assert len(small.table("model_version")) == 1
    trained = json_of(inside("train", "--json", cwd=small.folder))
    models = small.table("model_version").set_index("version")["is_active"].to_dict()
    assert trained["model"] == dry["model"]
    assert models[trained["model"]]
    assert sum(models.values()) == 1
    assert small.tables() == before
    assert small.run()["model"]["version"] == trained["model"]


def test_without_contacts_there_is_nothing_to_learn_from(inside: Inside, small: Any) -> None:
    """Before the first night: an error that says what to run."""
    done = inside("train", cwd=small.folder)
    assert done.returncode == 1
    assert "meibo nightly" in done.stderr


def test_a_customer_is_shown_with_its_contacts_and_as_a_page(inside: Inside, json_of: Parse, small: Any) -> None:
    """--timeline lists each contact once, newest first; --page writes the same as HTML; a pair has neither."""
    text = small.config.read_text("utf-8").rstrip("\n")
    more = "\n      chats:\n        path: chats.csv\n        preset: event\n"
    small.config.write_text(text + more, "utf-8")
    (small.folder / "chats.csv").write_text(
        "event_id,contact_id,type,channel,occurred_at,subject,metric,score\n"
        "1,900,call,phone,2026-02-01T09:00:10Z,見積,,\n2,900,survey_response,survey,2026-02-09T09:00:00Z,<b>,csat,5\n",
        "utf-8",
    )
    small.run()
    facts = json_of(inside("explain", "support:900", "--timeline", "--json", cwd=small.folder))
    told = [(row["type"], row["logged_by"]) for row in facts["timeline"]]
    assert told == [("survey_response", "support"), ("call", "sales, support")]
    assert {row["type"] for row in facts["identifiers"]} == {"email", "phone"}
    shown = inside("explain", "support:900", "--timeline", "--page", "one.html", cwd=small.folder)
    assert "csat 5 of 5" in shown.stdout
    assert "csat 5 of 5" not in inside("explain", "support:900", "--page", "one.html", cwd=small.folder).stdout
    page = (small.folder / "one.html").read_text("utf-8")
    assert "sales, support" in page
    assert "&lt;b&gt;" in page
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")
    assert inside("explain", "support:900", "sales:S000", "--timeline", cwd=small.folder).returncode == 2


def test_a_retired_customer_tells_what_became_of_it(inside: Inside, json_of: Parse, small: Any) -> None:
    """It has no records any more, but a beginning and an end."""
    text = small.config.read_text("utf-8")
    small.config.write_text(text.replace("id: id\n", "id: id\n        snapshot: true\n", 1), "utf-8")
    small.run()
    last = small.sales.pop()["id"]
    links = small.table("profile_link")
    gone = links.loc[links["source_id"] == last, "golden_id"].iloc[0]
    small.write().run()
    told = json_of(inside("explain", gone, "--json", cwd=small.folder))
    assert [event["type"] for event in told["events"]] == ["created", "retired"]
