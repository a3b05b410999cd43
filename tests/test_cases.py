"""Every table of cases against the shipped model, the rules of the engine, and the command `meibo cases`."""

import csv
import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from flows.cli import app
from resolve.errors import ConfigError
from resolve.model import MatchModel
from resolve.quality.cases import COLUMNS, RECORD_FIELDS, check_cases, run_cases, split_record

FOLDER = Path(__file__).parent / "cases"
FILES = sorted(FOLDER.glob("*.csv"))
SAMPLE = Path(__file__).parent.parent.parent / "shared" / "data" / "nayose_cases_sample.csv"


def read(path):
    """Return a table of cases as text."""
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def table(*rows):
    """Return a table of cases from (kind, left, right, expect)."""
    cells = [(str(i), *row, "why") for i, row in enumerate(rows, start=1)]
    return pd.DataFrame(cells, columns=list(COLUMNS), dtype=object)


def verdict(kind, left, right, model=None):
    """Return the verdict on one pair, checked to be the same in the other direction."""
    found = run_cases(table((kind, left, right, "same"), (kind, right, left, "same")), model or MatchModel.shipped())
    assert found["verdict"].iloc[0] == found["verdict"].iloc[1]
    return found["verdict"].iloc[0]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_case_is_as_expected(path):
    """The shipped model answers every case of ours, and of the sample, as expected; never same for different."""
    found = run_cases(read(path), MatchModel.shipped())
    differing = found[found["verdict"] != found["expect"]]
    lines = [
        f"{row.id}: {row.left} | {row.right}: expected {row.expect}, got {row.verdict} ({row.because}); {row.why}"
        for row in differing.itertuples()
    ]
    assert not lines, "\n" + "\n".join(lines)


def test_ids_are_unique_over_all_files_and_there_are_enough_cases():
    """Each case can be named; ours are at least 300 beside the sample."""
    ids = [name for path in FILES for name in read(path)["id"]]
    assert len(ids) == len(set(ids))
    assert len(ids) - len(read(FOLDER / "sample.csv")) >= 300


def test_the_sample_is_as_handed_out():
    """The sample cases are the ones that the project was given."""
    if not SAMPLE.is_file():
        pytest.skip("the sample of the project is not at hand")
    assert (FOLDER / "sample.csv").read_bytes() == SAMPLE.read_bytes()


def test_cases_do_not_lean_on_each_other():
    """A case alone gets the verdict and the weight that it gets among others, in any order."""
    cases = read(FOLDER / "sample.csv")
    among = run_cases(cases.iloc[::-1], MatchModel.shipped()).set_index("id")
    for row in (0, 11, 25, 55):
        alone = run_cases(cases.iloc[[row]], MatchModel.shipped()).iloc[0]
        assert alone["verdict"] == among.loc[alone["id"], "verdict"]
        assert alone["match_weight"] == pytest.approx(among.loc[alone["id"], "match_weight"])


def test_a_cell_of_fields_is_a_whole_record():
    """field=value; field=value is a record; anything else is one value, however many signs it holds."""
    assert split_record("name=森健太; tel=080-1234-9876") == {"full_name": "森健太", "phone": "080-1234-9876"}
    assert split_record("03-3123-4567; 090-1234-5679") is None
    assert split_record("a=b") is None
    assert set(RECORD_FIELDS) == {"name", "kana", "addr", "tel", "email", "dob", "company", "corpno"}


def test_a_record_is_judged_by_its_weight_and_the_thresholds():
    """Thresholds of the model decide on records: the same pair is linked, shown to people or rejected."""
    records = ("person", "name=林花子; tel=03-3123-4567", "name=林花子; tel=03-3123-4567")
    weight = run_cases(table((*records, "same")), MatchModel.shipped())["match_weight"].iloc[0]
    strict = MatchModel.from_yaml(
        f"thresholds: {{link: {weight + 1}, review_low: {weight - 1}, review_high: {weight + 2}}}"
    )
    never = MatchModel.from_yaml(
        f"thresholds: {{link: {weight + 9}, review_low: {weight + 8}, review_high: {weight + 9}}}"
    )
    assert verdict(*records) == "same"
    assert verdict(*records, strict) == "review"
    assert verdict(*records, never) == "different"


def test_what_a_level_says_is_data_of_the_model():
    """A policy that calls tier-2 kanji the same needs one word in model.yaml; the weights stay."""
    shipped = MatchModel.shipped().to_yaml()
    assert verdict("date", "1990-01-02", "1990-02-01") == "review"
    assert "- day and month swapped" in shipped
    loose = MatchModel.from_yaml(
        shipped.replace("    review:\n    - equal, other given name\n    - day and month swapped", "    review: []", 1)
    )
    assert verdict("date", "1990-01-02", "1990-02-01", loose) == "same"  # left out, so the odds of the level decide


def test_unlisted_levels_say_what_their_odds_say():
    """Without `says` a level is judged by how much more often one person shows it than strangers."""
    gender = next(c for c in MatchModel.shipped().link.comparisons if c.name == "company")
    assert [gender.says(level) for level in range(1, 5)] == ["same", "same", "same", "different"]


def test_mistakes_of_says_are_all_told():
    """Unknown words and levels, and levels that stand twice."""
    says = "says: {same: [equal, equal], never: [different], review: [nonsense]}"
    text = f"comparisons: [{{name: sex, kind: exact, columns: [gender], {says}, levels: {{equal: [1, 1, 1, 1], different: [1, 1, 1, 1]}}}}]"
    with pytest.raises(ConfigError) as caught:
        MatchModel.from_yaml(text)
    told = "\n".join(caught.value.mistakes)
    assert all(word in told for word in ("'never'", "'nonsense'", "'equal' is there twice"))


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (("dog", "a", "b", "same"), "kind 'dog'"),
        (("person", "a", "b", "equal"), "expect 'equal'"),
        (("person", "a", None, "same"), "both need a value"),
        (("person", "name=a; tel=1", "b", "same"), "whole record"),
    ],
)
def test_bad_rows_are_named(row, told):
    """A row that is no case is told with its number and id."""
    with pytest.raises(ConfigError, match=r"row 2 \(id 2\)") as caught:
        check_cases(table(("person", "a", "b", "same"), row))
    assert told in str(caught.value)


def run(*arguments):
    """Run the command in this process."""
    return CliRunner().invoke(app, ["cases", *map(str, arguments)])


def write(path, rows, header=COLUMNS):
    """Write a CSV table."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


GOOD = ("1", "person", "佐藤花子", "佐藤 花子", "same", "space")
WRONG = ("2", "person", "高橋一郎", "高橋一朗", "same", "another given name")


def test_the_command_exits_0_when_all_is_as_expected_and_writes_the_verdicts(tmp_path):
    """The result has the columns of the cases, then verdict and match_weight."""
    out = tmp_path / "out.csv"
    done = run(write(tmp_path / "cases.csv", [GOOD]), "--out", out)
    assert done.exit_code == 0
    assert "1 of 1 cases are as expected" in done.output
    result = read(out)
    assert list(result.columns) == [*COLUMNS, "verdict", "match_weight"]
    assert result["verdict"].tolist() == ["same"]
    assert float(result["match_weight"].iloc[0]) > 0


def test_the_command_exits_1_and_shows_what_differs(tmp_path):
    """The table has id, expected and found verdict, the reason and the deciding level."""
    done = run(write(tmp_path / "cases.csv", [GOOD, WRONG]))
    assert done.exit_code == 1
    assert "equal/homophone" in done.output
    assert "1 of 2 cases are as expected" in done.output


def test_the_command_speaks_json(tmp_path):
    """--json gives one object with counts by kind and the differing cases."""
    done = run(write(tmp_path / "cases.csv", [GOOD, WRONG]), "--json")
    facts = json.loads(done.output)
    assert (facts["cases"], facts["as_expected"], facts["wrong_merges"], facts["exit_code"]) == (2, 1, 0, 1)
    assert facts["kinds"] == {"person": {"cases": 2, "differ": 1}}
    assert [case["id"] for case in facts["differing"]] == ["2"]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([("1", "person", "a", "b", "equal", "")], "row 1 (id 1)"),
        ([GOOD, (*WRONG, "one cell too many")], "cases.csv:3"),
        ([], "no case"),
    ],
)
def test_a_bad_table_is_exit_2_with_the_row(tmp_path, rows, told):
    """What cannot be run is a mistake of the table, told with its row."""
    done = run(write(tmp_path / "cases.csv", rows))
    assert done.exit_code == 2
    assert told in " ".join(done.output.split())


def test_other_unusable_input_is_exit_2(tmp_path):
    """A missing file, missing columns, a model that is none, a result that would overwrite the cases, or has no place."""
    cases = write(tmp_path / "cases.csv", [GOOD])
    model = tmp_path / "model.yaml"
    model.write_text("thresholds: {link: nine}\n", encoding="utf-8")
    assert run(tmp_path / "none.csv").exit_code == 2
    assert run(write(tmp_path / "less.csv", [GOOD[:3]], COLUMNS[:3])).exit_code == 2
    assert run(cases, "--out", cases).exit_code == 2
    assert run(cases, "--out", cases / "out.csv").exit_code == 2
    assert run(cases, "--model", tmp_path / "none.yaml").exit_code == 2
    assert run(cases, "--model", model).exit_code == 2
