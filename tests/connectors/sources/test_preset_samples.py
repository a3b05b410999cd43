"""Each preset on a small export of its kind: every field that comes out of the file, against what was agreed.

The people in the samples are made up. `UPDATE_SAMPLES=1` writes what comes out; the difference is for a person to judge.
"""

import json
import os
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from connectors.settings.project import SourceSettings, parse_settings
from connectors.sources.catalog import open_source
from connectors.sources.mapping.streams import map_contacts, map_touchpoints
from connectors.sources.preset import load_preset, preset_names
from connectors.warehouse.canonical import payload_text

SAMPLES = Path(__file__).parent / "samples"
RAW = ["source", "source_id", "payload", "updated_at", "deleted", "merged_into"]


def settings_of(preset: str) -> SourceSettings:
    """Return the settings that a user writes: a path and the preset, nothing else."""
    text = f"sources:\n  crm:\n    kind: sales\n    streams:\n      s: {{path: {preset}.*, preset: {preset}}}\n"
    return parse_settings(text, "meibo.yaml", SAMPLES, {}).sources["crm"]


def filled(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the filled values of each record as JSON holds them."""
    left_out = ("source", "stream")
    return [
        {str(k): v.isoformat() if isinstance(v, pd.Timestamp) else v for k, v in row.items() if not pd.isna(v) and k not in left_out}
        for row in frame.to_dict("records")
    ]  # fmt: skip


@pytest.mark.parametrize("preset", preset_names())
def test_a_sample_is_read_as_agreed(preset: str, tmp_path: Path) -> None:
    """The file is read as a source reads it, encoding and all, and mapped: no row is lost or refused."""
    settings = settings_of(preset)
    agreed = SAMPLES / "agreed" / f"{preset}.json"
    pages = list(open_source("crm", settings, SAMPLES).read("s", None))
    assert [reject.reason for page in pages for reject in page.rejects] == []
    rows = [
        ("crm", r.source_id, payload_text(r.payload), r.updated_at, r.deleted, r.merged_into)
        for page in pages
        for r in page.rows
    ]
    to_fields = map_contacts if load_preset(preset).role == "contacts" else map_touchpoints
    mapped = to_fields(pd.DataFrame(rows, columns=RAW, dtype=object), settings, "s")
    assert len(mapped.rejects) == 0
    assert mapped.notes == {}
    found = filled(mapped.records)
    if os.environ.get("UPDATE_SAMPLES"):
        agreed.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
    assert found == json.loads(agreed.read_text("utf-8"))


@pytest.mark.parametrize("preset", preset_names())
def test_a_preset_says_how_far_it_is_confirmed(preset: str) -> None:
    """The note says what the preset reads; one of an unconfirmed form says that it works by header words."""
    note = load_preset(preset).note
    assert len(note.split()) >= 5
    if "could not be confirmed" in note:
        assert "orks by header words" in note
