"""Tables of labels and of clusters that people hand in: read as text, columns found by their usual names."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from connectors.sources.files.whole_file import read_whole_file
from connectors.sources.plan import Header
from flows import console
from flows.files import replacing
from resolve.errors import ConfigError, SourceError, counted

PAIR_COLUMNS = ("source_l", "source_id_l", "source_r", "source_id_r")
CONTACT_COLUMNS = ("contact_id_l", "contact_id_r")  # as review_queue and judgement name a pair
ANSWER_COLUMNS = ("label", "judgement", "match")
ANSWERS = {
    **dict.fromkeys(("match", "same", "true", "yes", "1"), True),
    **dict.fromkeys(("non_match", "different", "false", "no", "0"), False),
}
RECORD_COLUMNS = ("source_id", "record_id")
ENTITY_COLUMNS = ("person_id", "entity_id", "cluster_id", "golden_id", "cluster", "entity", "person")
_KNOWN = ("source", "kind", *RECORD_COLUMNS, *ENTITY_COLUMNS, *PAIR_COLUMNS, *CONTACT_COLUMNS, *ANSWER_COLUMNS)
_ROUNDED = r"\d(?:[.,]\d+)?[Ee]\+\d+"


def read_text_table(path: Path) -> pd.DataFrame:
    """Return a table that people hand in, every cell as text without blanks around it, "" where there is none.

    Formats, encodings and delimiters are those of source files: Excel writes cp932 and semicolons. Columns that this
    module knows get their usual names, whatever case and signs they have. Raises ConfigError for a file or rows that
    cannot be read, and for ids that a spreadsheet has rounded.
    """
    try:
        whole = read_whole_file(path, path.stem)
    except SourceError as error:
        raise ConfigError(str(error)) from error
    if whole.rejects:
        raise ConfigError([f"{reject.row_key}: {reject.reason}: {reject.detail}" for reject in whole.rejects])
    for note in whole.notes:
        console.say(f"{path}: {note}")
    header = Header(str(column) for column in whole.rows.columns)
    names = {own: name for name in _KNOWN if (own := header.find(name)) is not None and name not in header.columns}
    rows = whole.rows.rename(columns=names)
    table = rows.apply(lambda cells: cells.fillna("").astype(str).str.strip()) if len(rows) else rows
    for column in (name for name in (*RECORD_COLUMNS, *PAIR_COLUMNS) if name in table.columns):
        if rounded := int(table[column].str.fullmatch(_ROUNDED).sum()):
            raise ConfigError(
                f"{path}: {column}: {counted(rounded, 'id is a number', 'ids are numbers')} "
                "that a spreadsheet has rounded, such as 1.5E+12. "
                "Give the column the format Text before the ids go in, or hand in the file as it was"
            )
    return table


def write_text_table(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame as CSV (UTF-8) or Parquet, by suffix; raises ConfigError where it cannot be written."""
    with replacing(path) as beside:
        if path.suffix == ".parquet":
            frame.to_parquet(beside, index=False)
        else:
            frame.to_csv(beside, index=False, encoding="utf-8", lineterminator="\n")


def memberships(frame: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return (source, record_id, entity) of a table of labels or clusters; source is None where it has no such column.

    Rows without an entity are left out. Raises ConfigError for missing columns and for a record that stands twice.
    """
    record = next((c for c in RECORD_COLUMNS if c in frame.columns), None)
    entity = next((c for c in ENTITY_COLUMNS if c in frame.columns), None)
    mistakes = []
    if record is None:
        mistakes.append(f"{path}: no column with the record's id; expected one of {', '.join(RECORD_COLUMNS)}")
    if entity is None:
        mistakes.append(f"{path}: no column with the entity; expected one of {', '.join(ENTITY_COLUMNS)}")
    if mistakes:
        raise ConfigError(mistakes)
    source = frame["source"] if "source" in frame.columns else pd.Series([None] * len(frame), frame.index, dtype=object)
    table = pd.DataFrame({"source": source, "record_id": frame[record], "entity": frame[entity]})
    table = table[table["entity"] != ""].reset_index(drop=True)
    twice = table.duplicated(["source", "record_id"])
    if twice.any():
        raise ConfigError(
            f"{path}: {counted(int(twice.sum()), 'record stands', 'records stand')} there more than once; "
            "give each record one entity"
        )
    return table


@dataclass(frozen=True, slots=True)
class LabelFile:
    """Labels to train with: pairs (contact_id_l, contact_id_r, same) or the entity by contact_id, never both."""

    pairs: pd.DataFrame | None = None
    entity: pd.Series | None = None


def read_labels(path: Path, contacts: pd.DataFrame) -> LabelFile:
    """Return the labels of a file: pairs where it has PAIR_COLUMNS or CONTACT_COLUMNS, else records with their entity.

    Records without a source are matched to CONTACTS by id alone. Raises ConfigError for columns, answers and sources
    that cannot be used.
    """
    frame = read_text_table(path)
    if any(set(pair) <= set(frame.columns) for pair in (PAIR_COLUMNS, CONTACT_COLUMNS)):
        return LabelFile(pairs=_labelled_pairs(frame, path))
    if "kind" in frame.columns:
        frame = frame[frame["kind"] == "person"]
    table = memberships(frame, path)
    known = contacts[["contact_id", "source", "source_id"]].rename(columns={"source_id": "record_id"})
    keys = ["source", "record_id"]
    if table["source"].isna().any():
        if contacts["source_id"].duplicated().any():
            raise ConfigError(f"{path}: record ids repeat between sources, so the labels need a column source")
        keys, table = ["record_id"], table.drop(columns="source")
    found = table.merge(known, on=keys)
    if found.empty:
        raise ConfigError(f"{path}: none of its records is among the contacts: compare source and record id of both")
    if len(found) < len(table):
        console.say(
            f"{path}: {len(table) - len(found):,} of {len(table):,} labelled records are not among the contacts"
        )
    return LabelFile(entity=pd.Series(found["entity"].to_numpy(), index=pd.Index(found["contact_id"])))


def _labelled_pairs(frame: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return contact_id_l, contact_id_r, same; rows that are unsure or empty are left out."""
    column = next((c for c in ANSWER_COLUMNS if c in frame.columns), None)
    if column is None:
        raise ConfigError(f"{path}: no column with the answer; expected one of {', '.join(ANSWER_COLUMNS)}")
    answer = frame[column].str.strip().str.lower()
    unknown = sorted(set(answer) - set(ANSWERS) - {"", "unsure"})
    if unknown:
        raise ConfigError(
            f"{path}: {column}: {len(unknown)} kinds of answer are neither match nor non_match nor unsure"
        )
    frame = frame[answer.isin(list(ANSWERS))]
    if not set(CONTACT_COLUMNS) <= set(frame.columns):
        sides = ((frame[f"source_{side}"], frame[f"source_id_{side}"]) for side in ("l", "r"))
        frame = frame.assign(**dict(zip(CONTACT_COLUMNS, (source + ":" + own for source, own in sides), strict=True)))
    return frame[list(CONTACT_COLUMNS)].assign(same=answer[frame.index].map(ANSWERS).astype(bool))
