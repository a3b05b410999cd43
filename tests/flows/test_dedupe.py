"""`meibo dedupe` and `meibo evaluate` on files, as a person uses them."""

import csv
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from connectors.sources.files.whole_file import recognise_frame

Meibo = Callable[..., "subprocess.CompletedProcess[str]"]
Parse = Callable[["subprocess.CompletedProcess[str]"], Any]

CUSTOMERS = """顧客番号,氏名,メール,電話番号,住所
A1,山田 太郎,taro.yamada@example.jp,090-1111-2222,東京都千代田区丸の内1-2-3
A2,鈴木 花子,hanako@example.jp,03-3333-4444,大阪府大阪市北区梅田2-4-9
A3,佐藤 健,ken.sato@example.jp,080-5555-6666,北海道札幌市中央区北一条西2-1
"""
LEADS = """name,e-mail,phone
山田太郎,TARO.YAMADA@example.jp,09011112222
高橋 一,hajime@example.org,090-7777-8888
"""


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Customers in cp932 with an id, leads in UTF-8 without one; one person is in both."""
    customers, leads = tmp_path / "customers.csv", tmp_path / "leads.csv"
    customers.write_text(CUSTOMERS, "cp932")
    leads.write_text(LEADS, "utf-8")
    return customers, leads


def rows_of(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_two_files_become_clusters_with_exactly_four_columns(
    meibo: Meibo, files: tuple[Path, Path], tmp_path: Path
) -> None:
    """`source` is the file's name, `record_id` its id column or else the row number; what was recognised is told."""
    done = meibo("dedupe", "customers.csv", "leads.csv", "--out", "out.csv")
    assert done.returncode == 0, done.stderr
    rows = rows_of(tmp_path / "out.csv")
    assert list(rows[0]) == ["source", "record_id", "cluster_id", "match_probability"]
    assert [(r["source"], r["record_id"]) for r in rows] == [
        ("customers", "A1"), ("customers", "A2"), ("customers", "A3"), ("leads", "1"), ("leads", "2"),
    ]  # fmt: skip
    clusters = [r["cluster_id"] for r in rows]
    assert clusters[0] == clusters[3]
    assert len(set(clusters)) == 4
    assert "氏名" in done.stderr
    assert done.stdout == ""


def test_dedupe_is_the_same_every_time_and_needs_no_prefect(
    inside: Meibo, files: tuple[Path, Path], tmp_path: Path
) -> None:
    """Two runs write the same bytes, and none of them leaves anything else behind."""
    for name in ("one.csv", "two.csv"):
        assert inside("dedupe", "customers.csv", "leads.csv", "--out", name).returncode == 0
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["customers.csv", "leads.csv", "one.csv", "two.csv"]


def test_parquet_in_and_out_with_golden_profiles(
    inside: Meibo, json_of: Parse, files: tuple[Path, Path], tmp_path: Path
) -> None:
    """The suffix decides the format; --golden has one row a cluster; --json tells the facts."""
    pd.read_csv(files[0], dtype=str, encoding="cp932").to_parquet(tmp_path / "people.parquet")
    done = inside("dedupe", "people.parquet", "--out", "out.parquet", "--golden", "golden.csv", "--json")
    facts = json_of(done)
    assert (facts["records"], facts["clusters"]) == (3, 3)
    out = pd.read_parquet(tmp_path / "out.parquet")
    assert out["record_id"].tolist() == ["A1", "A2", "A3"]
    golden = rows_of(tmp_path / "golden.csv")
    assert {row["cluster_id"] for row in golden} == set(out["cluster_id"])
    assert {row["full_name"] for row in golden} == {"山田 太郎", "鈴木 花子", "佐藤 健"}


def test_a_mapping_of_the_user_wins(inside: Meibo, json_of: Parse, files: tuple[Path, Path]) -> None:
    """--map gives a column another field; the column is not used for its recognised one any more."""
    done = inside("dedupe", "customers.csv", "--out", "o.csv", "--map", "organization=氏名", "--json")
    columns = json_of(done)["files"][0]["columns"]
    assert columns["organization"] == ["氏名"]
    assert "full_name" not in columns


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no.csv", "--out", "o.csv"], "no.csv"),
        (["customers.csv", "--out", "customers.csv"], "the same"),
        (["customers.csv", "--out", "no/folder/o.csv"], "no such folder"),
        (["customers.csv", "--out", "o.csv", "--id", "氏"], "no such column"),
        (["customers.csv", "--out", "o.csv", "--map", "emial=メール"], "did you mean email"),
        (["customers.csv", "--out", "o.csv", "--map", "email=Mail"], "no file has a column Mail"),
        (["customers.csv", "--out", "o.csv", "--map", "email"], "FIELD=COLUMN"),
        (["customers.csv", "--out", "o.csv", "--model", "no.yaml"], "no.yaml"),
        (["customers.csv", "sub/customers.csv", "--out", "o.csv"], "customers"),
        (["customers.csv", "--out", "o.csv", "--country", "JPN"], "two-letter country code"),
        (["header.csv", "--out", "o.csv"], "there are no rows"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value[1:]),
)  # fmt: skip
def test_what_cannot_be_done_is_exit_2_and_said(
    inside: Meibo, files: tuple[Path, Path], arguments: list[str], said: str
) -> None:
    """Wrong files, columns, fields and models: no result is written, no traceback is shown."""
    (files[0].parent / "header.csv").write_text("id,name,email\n", "utf-8")
    done = inside("dedupe", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (files[0].parent / "o.csv").exists()


def test_evaluate_counts_pairs_and_people_only(
    inside: Meibo, json_of: Parse, files: tuple[Path, Path], tmp_path: Path
) -> None:
    """Labels of other kinds than person are left out, and said; a labelled record without a cluster stands alone."""
    inside("dedupe", "customers.csv", "leads.csv", "--out", "out.csv")
    (tmp_path / "truth.csv").write_text(
        "source,record_id,entity_id,kind\ncustomers,A1,1,person\nleads,1,1,person\ncustomers,A2,2,person\n"
        "leads,9,2,person\ncustomers,A3,9,role\n",
        "utf-8",
    )
    done = inside("evaluate", "truth.csv", "--clusters", "out.csv", "--json")
    facts = json_of(done)
    assert (facts["labels"], facts["labels_of_other_kinds"], facts["missing"]) == (4, 1, 1)
    assert facts["pairwise_precision"] == 1.0
    assert facts["pairwise_recall"] == 0.5
    assert facts["exit_code"] == 0
    text = inside("evaluate", "truth.csv", "--clusters", "out.csv")
    assert "1 label of other kinds than person was left out" in text.stderr


def test_evaluate_reads_the_links_of_a_project(inside: Meibo, small: Any) -> None:
    """Without --clusters it is the published links; before the first run it says what to run."""
    truth = small.folder / "truth.csv"
    lines = [f"sales,{p['id']},{i}" for i, p in enumerate(small.sales)] + [f"support,{900 + i},{i}" for i in range(20)]
    truth.write_text("source,source_id,person_id\n" + "\n".join(lines), "utf-8")
    early = inside("evaluate", "truth.csv", cwd=small.folder)
    assert early.returncode == 1
    assert "meibo nightly" in early.stderr
    small.run()
    done = inside("evaluate", "truth.csv", cwd=small.folder)
    assert done.returncode == 0
    assert "1.0000" in done.stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2\n", "no column"),
        ("source_id,person_id\n1,2\n1,3\n", "more than once"),
        ("source_id,person_id\n", "no labels"),
    ],
    ids=["columns missing", "record twice", "empty"],
)
def test_labels_that_cannot_be_used_are_exit_2(inside: Meibo, tmp_path: Path, text: str, said: str) -> None:
    """Missing columns, contradictory and absent labels are told apart."""
    (tmp_path / "truth.csv").write_text(text, "utf-8")
    (tmp_path / "out.csv").write_text("source,record_id,cluster_id\nx,1,1\n", "utf-8")
    done = inside("evaluate", "truth.csv", "--clusters", "out.csv")
    assert done.returncode == 2
    assert said in done.stderr


@pytest.mark.parametrize(
    ("encoding", "separator"), [("cp932", ","), ("utf-8-sig", ";"), ("utf-16", "\t"), ("xlsx", "")]
)
def test_labels_are_read_as_a_spreadsheet_leaves_them(
    inside: Meibo, json_of: Parse, tmp_path: Path, encoding: str, separator: str
) -> None:
    """Excel in Japan: cp932, semicolons, tabs, a workbook; headers in capitals, blanks behind cells."""
    rows = [("商談", "001", "甲 "), ("商談", "002", "甲"), ("窓口", "001", "乙"), ("窓口", "002", "")]
    frame = pd.DataFrame(rows, columns=["Source", "Record ID", "PERSON_ID"])
    name = "truth.xlsx" if encoding == "xlsx" else "truth.csv"
    if encoding == "xlsx":
        frame.to_excel(tmp_path / name, index=False)
    else:
        frame.to_csv(tmp_path / name, index=False, encoding=encoding, sep=separator)
    clusters = "source,record_id,cluster_id\n商談,001,a\n商談,002,a\n窓口,001,a\n窓口,002,b\n"
    (tmp_path / "out.csv").write_text(clusters, "utf-8")
    told = json_of(inside("evaluate", name, "--clusters", "out.csv", "--json"))
    assert (told["labels"], told["missing"], told["true_pairs"], told["true_pairs_found"]) == (3, 0, 1, 1)


def test_status_tells_runs_cursors_ledger_and_counts(inside: Meibo, json_of: Parse, small: Any) -> None:
    """The newest run first; the ledger is that of the last run that published."""
    small.run()
    small.run()
    facts = json_of(inside("status", "--json", cwd=small.folder))
    assert [run["status"] for run in facts["runs"]] == ["unchanged", "succeeded"]
    assert {(row["source"], row["stream"]): row["row_count"] for row in facts["ledger"]} == {
        ("sales", "contacts"): 60, ("sales", "calls"): 10, ("support", "contacts"): 20,
    }  # fmt: skip
    assert facts["tables"]["golden_profile"] == 60
    assert facts["exit_code"] == 0
    text = inside("status", cwd=small.folder)
    assert "Where every row ended" in text.stdout


def test_a_western_file_needs_no_country(meibo: Meibo, json_of: Parse, tmp_path: Path) -> None:
    """The country of rows that name none is seen from the file, told, and can be overridden."""
    (tmp_path / "sites.csv").write_text(
        "Site name,Address,Phone\nEllington School,224 N. Central,5346361\nEllington,224 North Central Ave,534-6361\n"
    )
    told = json_of(meibo("dedupe", "sites.csv", "--out", "out.csv", "--json"))
    assert told["files"][0]["country"] == "US"
    told = json_of(meibo("dedupe", "sites.csv", "--out", "out.csv", "--json", "--country", "gb"))
    assert told["files"][0]["country"] == "GB"


def test_western_letters_of_one_byte_are_read_as_said(inside: Meibo, tmp_path: Path) -> None:
    """Renée in cp1252 is refused by name, not read as kanji; `--encoding` says what it is, under a name Python knows."""
    text = "id,name,email\n1,Renée Mörk,renee@example.org\n2,Thérèse Brèal,therese@example.org\n"
    (tmp_path / "people.csv").write_text(text, "cp1252")
    command = ("dedupe", "people.csv", "--out", "out.csv", "--golden", "golden.csv")
    refused = inside(*command)
    assert refused.returncode == 2
    assert "people.csv holds letters" in refused.stderr
    assert "--encoding" in refused.stderr
    unknown = inside(*command, "--encoding", "cp12525")
    assert unknown.returncode == 2
    assert "--encoding cp12525: is not a known encoding" in unknown.stderr
    assert inside(*command, "--encoding", "windows-1252").returncode == 0
    assert {row["full_name"] for row in rows_of(tmp_path / "golden.csv")} == {"Renée Mörk", "Thérèse Brèal"}


def test_few_records_are_judged_by_the_shipped_model(inside: Meibo, json_of: Parse, tmp_path: Path) -> None:
    """As in a project: so few show nothing of how often values agree by chance."""
    (tmp_path / "few.csv").write_text(
        "id,name,email\n" + "".join(f"{i},佐藤 {i},s{i}@a.jp\n" for i in range(49)), "utf-8"
    )
    models = [
        json_of(inside("dedupe", "few.csv", "--out", "o.csv", "--json", *more))["model"]
        for more in ([], ["--no-train"])
    ]
    assert models[0] == models[1]


def test_what_too_many_records_share_is_told(inside: Meibo, json_of: Parse, tmp_path: Path) -> None:
    """450 people with one number: more than are compared. Nobody is joined, and the file's summary says why."""
    rows = [f"{at},P{at} Q{at},+81 3 3123 4567" for at in range(450)]
    (tmp_path / "many.csv").write_text("\n".join(["id,name,phone", *rows]), "utf-8")
    command = ("dedupe", "many.csv", "--out", "o.csv", "--no-train")
    assert json_of(inside(*command, "--json"))["skipped"] == {"keys": 1, "pairs": 450 * 449 // 2}
    assert "101,025 pairs on 1 key that too many contacts share were not compared" in inside(*command).stderr


def test_objects_inside_json_rows_are_columns(inside: Meibo, json_of: Parse, tmp_path: Path) -> None:
    """As a mapping names them: `person.name`."""
    rows = [{"id": i, "person": {"name": f"森 健{i}", "kana": None}, "mail": f"k{i}@example.jp"} for i in range(3)]
    (tmp_path / "p.jsonl").write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    (file,) = json_of(inside("dedupe", "p.jsonl", "--out", "o.csv", "--json"))["files"]
    assert file["columns"]["full_name"] == ["person.name"]


def test_the_only_list_of_a_json_document_holds_the_rows(inside: Meibo, json_of: Parse, tmp_path: Path) -> None:
    """It is taken and told; of several lists none is: a person says which."""
    users = [{"id": str(i), "name": f"森 健{i}"} for i in range(3)]
    (tmp_path / "p.json").write_text(json.dumps({"data": {"users": users}, "count": 3}), "utf-8")
    (file,) = json_of(inside("dedupe", "p.json", "--out", "o.csv", "--json"))["files"]
    assert (file["records"], file["columns"]) == (3, {"full_name": ["name"]})
    assert "`data.users`" in inside("dedupe", "p.json", "--out", "o.csv").stderr
    (tmp_path / "p.json").write_text(json.dumps({"users": users, "groups": users}), "utf-8")
    done = inside("dedupe", "p.json", "--out", "o.csv")
    assert done.returncode == 2
    assert "users, groups" in done.stderr


FIRST = "C001,山田 太郎,ヤマダ タロウ,08020722019,taro@example.jp\n"


def test_a_file_without_a_header_is_refused(inside: Meibo, tmp_path: Path) -> None:
    """Its first customer would be lost as column names; what the line says is not shown."""
    (tmp_path / "a.csv").write_text(FIRST + FIRST.replace("C001", "C002"), "utf-8")
    done = inside("dedupe", "a.csv", "--out", "o.csv")
    assert done.returncode == 2
    assert "looks like a record, not like column names: add a header line" in done.stderr
    assert "08020722019" not in done.stderr
    assert not (tmp_path / "o.csv").exists()


def test_columns_that_nobody_knows_are_no_success(inside: Meibo, tmp_path: Path) -> None:
    """Generic fields alone link nothing: exit 2, with what to say; a mapping of the user is enough."""
    (tmp_path / "a.csv").write_text("k1,k2\nアルファ,x\nベータ,y\nアルファ,z\n", "utf-8")
    done = inside("dedupe", "a.csv", "--out", "out.csv", cwd=tmp_path)
    assert (done.returncode, "no column was recognised" in done.stderr) == (2, True)
    assert inside("dedupe", "a.csv", "--out", "out.csv", "--map", "full_name=k1", cwd=tmp_path).returncode == 0


def test_a_header_with_days_among_its_names_is_one(inside: Meibo, tmp_path: Path) -> None:
    """Columns of days beside a known word are no record."""
    (tmp_path / "a.csv").write_text("氏名,2026-01-01,2026-01-02\n山田 太郎,1,2\n", "utf-8")
    assert inside("dedupe", "a.csv", "--out", "o.csv").returncode == 0


def test_rows_without_an_id_are_told(meibo: Meibo, tmp_path: Path) -> None:
    """How many, and what became of them: all rows are numbered."""
    (tmp_path / "c.csv").write_text(CUSTOMERS.replace("A2,", " ,"), "utf-8")
    done = meibo("dedupe", "c.csv", "--out", "out.csv")
    assert done.returncode == 0, done.stderr
    assert "顧客番号 (looks like an id, but 1 row has none; record_id is the row number)" in done.stderr
    assert [row["record_id"] for row in rows_of(tmp_path / "out.csv")] == ["1", "2", "3"]
    stopped = meibo("dedupe", "c.csv", "--out", "out.csv", "--id", "顧客番号")
    assert stopped.returncode == 2
    assert "has 1 row without a value" in stopped.stderr


@pytest.mark.parametrize(
    ("blank", "shared", "said"),
    [
        (1, 0, "1 row has none"),
        (2, 0, "2 rows have none"),
        (0, 2, "2 rows share one"),
        (1, 2, "1 row has none and 2 rows share one"),
    ],
)
def test_ids_that_a_sample_does_not_show_to_be_none_are_told(blank: int, shared: int, said: str) -> None:
    """Of a large file every third row is looked at; that all have an id, of their own, is asked of all."""
    ids: list[str | None] = [f"A{number}" for number in range(6_000)]
    ids[1], ids[2] = (None if blank else ids[1]), (None if blank > 1 else ids[2])
    ids[5] = ids[4] if shared else ids[5]
    rows = pd.DataFrame({"id": ids, "name": [f"Max Muster{number}" for number in range(6_000)]}, dtype=object)
    found = recognise_frame(rows)
    assert found.id_column is None
    assert found.left_out["id"] == f"looks like an id, but {said}; record_id is the row number"
