"""Arrow tables of plain columns are trained, linked and clustered without pandas: its import takes half a second."""

import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet

SCRIPT = """
import sys

import pyarrow.parquet

from resolve.golden.components import Edges, cluster_rows
from resolve.golden.thresholds import Thresholds
from resolve.link.encode import Encoded
from resolve.link.engine import link_contacts
from resolve.link.rules import BlockingRule, Comparison, LinkRules
from resolve.model import MatchModel
from resolve.quality.train import train_model

def compare(name, kind, thresholds):
    even = (0.5, *[0.5 / (len(thresholds) + 1)] * (len(thresholds) + 1))
    levels = ("equal", *map(str, thresholds), "different")
    return Comparison(name, kind, (name,), levels, even, even, even, even, frequency=True, thresholds=thresholds)

rules = LinkRules(
    (BlockingRule("name", ("x_name",)), BlockingRule("code", ("x_code",))),
    (compare("x_name", "similar", (0.92, 0.8)), compare("x_code", "edits", (1.0, 2.0))),
    floor=0.0,
)
contacts = Encoded(pyarrow.parquet.ParquetFile(sys.argv[1], read_dictionary=["x_code"]).read())
contacts.encode(("x_name", "x_code"), workers=2)
model, _ = train_model(contacts, MatchModel(rules, Thresholds(), ()), workers=2)
scored = link_contacts(contacts, model.link, workers=2).scored
found = cluster_rows(len(contacts), Edges(scored.left, scored.right, scored.weight), stop=0.0, unmet=-2.0)
assert len(set(found.tolist())) < 1900, "nothing was joined, so nothing was shown"
print([name for name in ("pandas", "scipy", "sklearn", "recordlinkage") if name in sys.modules])
"""


def test_arrays_are_matched_without_pandas(tmp_path):
    """None of the large packages is imported on the way from a Parquet file to clusters."""
    number = [i // 2 for i in range(2000)]
    table = {
        "contact_id": [f"{i:05d}" for i in range(2000)],
        "x_name": [f"name {n % 700} of some length" + "x" * (i % 7 == 0) for i, n in enumerate(number)],
        "x_code": [f"{n * 7919 % 10**6:06d}" if i % 9 else None for i, n in enumerate(number)],
    }
    pyarrow.parquet.write_table(pa.table(table), tmp_path / "contacts.parquet")
    command = [sys.executable, "-c", SCRIPT, tmp_path / "contacts.parquet"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
