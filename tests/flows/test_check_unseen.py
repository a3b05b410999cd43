"""What `meibo check` says of columns that a mapping names and no row has."""

import json
import subprocess
from collections.abc import Callable
from typing import Any

Meibo = Callable[..., "subprocess.CompletedProcess[str]"]
Parse = Callable[["subprocess.CompletedProcess[str]"], Any]


def test_check_names_what_the_mapping_names_and_no_row_has(inside: Meibo, json_of: Parse, small: Any) -> None:
    """A mistyped path of JSON is told; one of several rows is enough, and what leads into a null may be there."""
    (small.folder / "support.csv").unlink()
    rows = [{"id": "1", "name": "森", "mail": "a@example.jp"}, {"id": "2", "at": {"tel": "03"}, "more": None}]
    (small.folder / "support.jsonl").write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    text = small.config.read_text("utf-8").replace("support.csv", "support.jsonl")
    own = "full_name: name, email: [mail, at.mail, more.mail, mali], phone: at.tel, x_at: at"
    small.config.write_text(text.replace("full_name: name, email: mail, phone: tel}", f"{own}}}"), "utf-8")
    stream = json_of(inside("check", "--json", cwd=small.folder))["streams"][2]
    assert (stream["error"], stream["unseen"]) == (None, ["at.mail", "mali"])
    done = inside("check", cwd=small.folder)
    assert done.returncode == 0
    told = " ".join(done.stdout.split())
    assert "support.contacts: no row that was looked at has at.mail, mali, which the mapping names" in told
