"""Each kind of file and table, in an empty folder."""

from pathlib import Path

import pytest
from fakes.tabular import KINDS, Kind


@pytest.fixture(params=list(KINDS))
def kind(request: pytest.FixtureRequest, tmp_path: Path) -> Kind:
    """Each kind of source, in an empty folder."""
    return KINDS[request.param](tmp_path)
