"""`meibo train` with labels, and models that an older version of Meibo has left in the warehouse."""

import sqlite3
import subprocess
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
import yaml

from flows.commands import learn

Inside = Callable[..., "subprocess.CompletedProcess[str]"]
Parse = Callable[["subprocess.CompletedProcess[str]"], Any]


@pytest.fixture
def grown(small: Any) -> Any:
    """Return a project of 240 people, 160 of them in both sources, after its first night."""
    names = [row["name"] for row in small.sales]
    small.sales = [
        small.sales[0]
        | {
            "id": f"S{i:03}",
            "name": f"{names[i % 60].split()[0]} {names[(i * 7 + i // 60 * 13) % 60].split()[1]}",
            "mail": f"m{i * 7919 % 10007}@example.jp",
            "tel": f"080-{1000 + i * 31:04}-{2000 + i * 17:04}",
        }
        for i in range(240)
    ]
    small.support = [
        {"id": f"{9000 + i}", "name": p["name"], "mail": p["mail"] if i % 3 else "", "tel": p["tel"]}
        for i, p in enumerate(small.sales[:160])
    ]
    small.write().run()
    return small


def entities(small: Any) -> pd.DataFrame:
    """Return the person of every record: support's rows are copies of sales' first ones."""
    sales = [("sales", row["id"], str(i)) for i, row in enumerate(small.sales)]
    support = [("support", row["id"], str(i)) for i, row in enumerate(small.support)]
    return pd.DataFrame(sales + support, columns=["source", "source_id", "person_id"])


def test_training_says_what_the_rules_and_the_stop_are_worth(inside: Inside, json_of: Parse, small: Any) -> None:
    """Pairs and links of every rule, the links it alone finds, estimates by stop; people see the same in words."""
    small.run()
    told = json_of(inside("train", "--dry-run", "--json", cwd=small.folder))
    assert {"rule", "pairs", "links", "only"} == set(told["rules"][0])
    assert sum(rule["links"] for rule in told["rules"]) > 20
    assert 0.9 < told["expected_precision"] <= 1
    assert set(told["class_sizes"]) == {"match", "household", "colleague"}
    assert told["proposed_stop"] is None
    assert "labels" not in told
    shown = inside("train", "--dry-run", cwd=small.folder)
    assert "only it finds" in shown.stdout
    assert "one household" in shown.stdout
    assert "model.yaml" not in shown.stdout  # the project names no such file
    assert "no `model:` is set: the rules are those of Meibo" in shown.stdout


def test_pairs_that_people_judged_check_the_calibration(inside: Inside, json_of: Parse, small: Any) -> None:
    """A file of pairs: unsure ones are left out, unknown records are counted; few teach nothing and say so."""
    small.run()
    rows = [("sales", f"S{i:03}", "support", f"{900 + i}", "match") for i in range(20)]
    rows += [("sales", f"S{i:03}", "sales", f"S{i + 1:03}", "non_match") for i in range(20)]
    rows += [("sales", "S001", "sales", "S050", "unsure"), ("sales", "S001", "crm", "7", "match")]
    columns = ["source_l", "source_id_l", "source_r", "source_id_r", "label"]
    pd.DataFrame(rows, columns=columns).to_csv(small.folder / "labels.csv", index=False)
    told = json_of(inside("train", "--dry-run", "--json", "--labels", "labels.csv", cwd=small.folder))["labels"]
    assert (told["pairs"], told["same"], told["unknown"]) == (40, 20, 1)
    assert told["calibration"][0]["true"] == 0
    assert told["calibration"][-1]["true"] == 1
    assert told["held_back"] == []
    shown = inside("train", "--dry-run", "--labels", "labels.csv", cwd=small.folder).stdout
    assert "too few labels" in shown
    assert "about 67 of each are needed; there are 20 of one person, 20 that are not" in shown
    refused = inside("train", "--use-labels", "--labels", "labels.csv", cwd=small.folder)
    assert refused.returncode == 2
    assert "too few labels" in refused.stderr


def test_pairs_may_be_named_as_the_review_queue_names_them(inside: Inside, json_of: Parse, small: Any) -> None:
    """The queue with a column of answers beside it, and the table of judgements as it is."""
    small.run()
    queue = small.table("review_queue").assign(label="")
    queue.loc[:3, "label"] = ["match", "non_match", "unsure", "non_match"]
    queue.to_csv(small.folder / "queue.csv", index=False)
    told = json_of(inside("train", "--dry-run", "--json", "--labels", "queue.csv", cwd=small.folder))["labels"]
    assert (told["pairs"], told["same"], told["unknown"]) == (3, 1, 0)
    queue.rename(columns={"label": "judgement"}).iloc[:, [0, 1, -1]].to_csv(small.folder / "judged.csv", index=False)
    again = json_of(inside("train", "--dry-run", "--json", "--labels", "judged.csv", cwd=small.folder))["labels"]
    assert again == told


def test_labels_are_used_only_when_asked_for(inside: Inside, json_of: Parse, grown: Any) -> None:
    """The model that learnt them is compared on labels held back; `--use-labels` makes it the active one."""
    entities(grown).to_csv(grown.folder / "truth.csv", index=False)
    plain = json_of(inside("train", "--json", "--labels", "truth.csv", cwd=grown.folder))
    assert len(plain["labels"]["held_back"]) == 5
    assert "would_change_with_labels" in plain
    assert not plain["uses_labels"]
    used = json_of(inside("train", "--json", "--labels", "truth.csv", "--use-labels", cwd=grown.folder))
    assert used["model"] != plain["model"]
    models = grown.table("model_version").set_index("version")
    assert bool(models.loc[used["model"], "is_active"])
    assert yaml.safe_load(models.loc[used["model"], "body"])["trained_on"]["labels"] > 0
    accepted = frozenset({"rekeyed_records", "split_profiles", "merged_profiles"})
    assert grown.run(accept=accepted)["model"]["version"] == used["model"]


def test_what_would_change_is_told_of_the_model_that_is_used(
    inside: Inside, json_of: Parse, grown: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With `--use-labels` that is the one that learnt them, without it the other."""
    entities(grown).to_csv(grown.folder / "truth.csv", index=False)
    resolutions: list[Any] = []

    def number(resolution: Any) -> dict[str, int]:
        if not any(resolution is one for one in resolutions):
            resolutions.append(resolution)
        return {"merged": next(n for n, one in enumerate(resolutions) if one is resolution)}

    monkeypatch.setattr(learn, "_changes", number)
    train = ("train", "--dry-run", "--json", "--labels", "truth.csv")
    plain = json_of(inside(*train, cwd=grown.folder))
    assert plain["would_change"] != plain["would_change_with_labels"]
    used = json_of(inside(*train, "--use-labels", cwd=grown.folder))
    assert used["would_change"] == used["would_change_with_labels"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "source_l,source_id_l,source_r,source_id_r,label\nsales,S001,sales,S002,perhaps\n",
            "neither match nor non_match",
        ),
        ("source_l,source_id_l,source_r,source_id_r\nsales,S001,sales,S002\n", "no column with the answer"),
        ("source,source_id,person_id\ncrm,1,a\n", "none of its records"),
        ("who,what\n1,2\n", "no column with the record's id"),
        (
            "source,source_id,person_id\nsales,1.50E+12,a\nsales,S001,a\n",
            "1 id is a number that a spreadsheet has rounded",
        ),
        ("source_l,source_id_l,source_r,source_id_r,label\nsales,S1,sales,2E+15,match\n", "source_id_r: 1 id is"),
        (
            'source,source_id,person_id\nsales,S001,"a" b\nsales\n',
            "labels.csv:3: ragged_row: 1 cells where the header has 3",
        ),
    ],
)
def test_labels_that_cannot_be_used_are_a_mistake(inside: Inside, small: Any, text: str, says: str) -> None:
    """The file and what is wrong with it are named; nothing is trained."""
    small.run()
    (small.folder / "labels.csv").write_text(text)
    done = inside("train", "--labels", "labels.csv", cwd=small.folder)
    assert done.returncode == 2
    assert says in done.stderr
    assert len(small.table("model_version")) == 1


def test_records_that_are_not_there_are_counted(inside: Inside, small: Any) -> None:
    """Ids that lost their zeros, say: how many of the labels say nothing is told beside what the others say."""
    small.run()
    rows = [f"support,{900 + i},{i}" for i in range(20)] + [f"sales,{i},{i}" for i in range(20)]
    (small.folder / "labels.csv").write_text("source,source_id,person_id\n" + "\n".join(rows))
    done = inside("train", "--dry-run", "--labels", "labels.csv", cwd=small.folder)
    assert done.returncode == 0
    assert "labels.csv: 20 of 40 labelled records are not among the contacts" in done.stderr


def test_a_model_of_an_older_version_is_upgraded_on_the_next_night(inside: Inside, small: Any) -> None:
    """Its levels are put right, what changed is said once, and the new version is kept; explain reads the old one."""
    small.run()
    stored = small.table("model_version").set_index("version")
    version = stored.index[0]
    data = yaml.safe_load(stored.loc[version, "body"])
    address = next(c for c in data["comparisons"] if c["kind"] == "address")
    address["levels"]["same block"] = address["levels"].pop("same house")
    address["says"]["same"] = ["same block" if n == "same house" else n for n in address["says"]["same"]]
    body = yaml.safe_dump(data, sort_keys=False, allow_unicode=True)
    with sqlite3.connect(small.folder / "meibo.db") as warehouse:
        warehouse.execute("UPDATE model_version SET body = ? WHERE version = ?", (body, version))
    warehouse.close()
    explained = inside("explain", "sales:S001", "support:901", cwd=small.folder)
    assert explained.returncode == 0, explained.stderr
    night = inside("nightly", cwd=small.folder)
    assert night.returncode == 0, night.stderr
    assert "was upgraded to" in night.stderr
    assert "'same house' is new" in " ".join(night.stderr.split())
    models = small.table("model_version").set_index("version")["is_active"]
    assert models.sum() == 1
    assert not models[version]
    assert "upgraded" not in inside("nightly", cwd=small.folder).stderr


def test_only_what_training_starts_from_fits_a_new_model(inside: Inside, grown: Any) -> None:
    """A bar or a rule of what follows links is taken over as the file has it: nothing has to be learnt for that."""
    path = grown.folder / "model.yaml"
    path.write_text("thresholds: {link: 0.5}\n", "utf-8")
    grown.config.write_text("model: model.yaml\n" + grown.config.read_text("utf-8"), "utf-8")
    assert inside("train", cwd=grown.folder).returncode == 0
    everything = frozenset({"all"})
    fitted = grown.run(accept=everything)["model"]
    path.write_text("thresholds: {link: 1.0}\nsame_event: []\n", "utf-8")
    edited = grown.run(accept=everything)["model"]
    assert (fitted["origin"], edited["origin"], grown.run()["status"]) == ("stored", "edited", "unchanged")
    known = grown.table("model_version").set_index("version").loc[[fitted["version"], edited["version"]]]
    assert known["trained_on"].tolist() == [400, 400]
    bodies = [yaml.safe_load(body) for body in known["body"]]
    assert [body["thresholds"]["link"] for body in bodies] == [0.5, 1.0]
    assert bodies[0]["comparisons"] == bodies[1]["comparisons"]
    path.write_text("floor: -2.5\n", "utf-8")
    assert grown.run(accept=everything)["model"]["origin"] == "given"
