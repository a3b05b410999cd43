"""Each kind of file and table, in an empty folder, and a warehouse to land in."""

from pathlib import Path

import pytest
from fakes.landing import Landed
from fakes.tabular import KINDS, Kind


@pytest.fixture(params=list(KINDS))
def kind(request: pytest.FixtureRequest, tmp_path: Path) -> Kind:
    """Each kind of source, in an empty folder."""
    return KINDS[request.param](tmp_path)


@pytest.fixture
def landed() -> Landed:
    """An empty warehouse."""
    return Landed()
