"""On registers without households the classes household and colleague end with next to nothing, or they eat matches."""

from functools import partial

import pytest
from labelled import febrl, shared_file
from path import run_path


@pytest.mark.slow
@pytest.mark.parametrize(
    "load",
    [partial(febrl, 3), partial(febrl, 3, with_id=False), partial(shared_file, "fake_1000")],
    ids=["febrl3", "febrl3_no_id", "fake_1000"],
)
def test_sets_without_households_have_none(load):
    """A hundredth of the matches at most; a set whose file is not there is left out."""
    try:
        labelled = load()
    except FileNotFoundError as missing:
        pytest.skip(f"no file {missing.filename}")
    sizes = run_path(labelled).report["class_sizes"]
    assert sizes["match"] > 1000
    assert sizes["household"] + sizes["colleague"] < 0.01 * sizes["match"]
