"""Payloads read as columns: at once where they are flat text, row by row otherwise, with the same result."""

import orjson
from hypothesis import given
from hypothesis import strategies as st

from connectors.sources.mapping.cells import RowBlock, cell_text, translate
from connectors.sources.mapping.payload_columns import read_flat

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
FLAT = st.lists(st.dictionaries(st.sampled_from(["a", "氏名", "x.y"]), st.none() | TEXT, max_size=3), max_size=6)


@given(FLAT)
def test_both_ways_of_reading_agree(payloads: list[dict[str, str | None]]) -> None:
    """Whatever text the cells hold, blanks of every script included, the quick way gives what the plain way gives."""
    texts = [orjson.dumps(payload).decode() for payload in payloads]
    quick, plain = RowBlock.of_payloads(texts), RowBlock(payloads)
    for name in ("a", "氏名", "x.y"):
        assert quick.column(name) == plain.column(name)
        assert quick.has(name) == plain.has(name)


def test_blanks_are_missing_the_quick_way() -> None:
    """Empty text and blanks, the ideographic one too, are no values."""
    assert read_flat(['{"a": ""}', '{"a": " \\u3000\\n"}', '{"a": " x"}', '{"a": null}', "{}"]) == {
        "a": [None, None, " x", None, None]
    }


def test_anything_but_flat_text_is_left_to_the_plain_way() -> None:
    """Numbers, nested values, and keys that the first row lacks are not forced into text."""
    for other in ('{"a": 1}', '{"a": {"b": "c"}}', '{"a": ["x"]}', '{"b": "x"}', "{}"):
        assert read_flat([other, '{"a": "x"}']) is None or other == "{}"
        assert read_flat(['{"a": "x"}', other]) is None or other == "{}"
    assert read_flat([]) is None


def test_json_values_as_text() -> None:
    """Numbers keep their digits, lists give one value a line, objects stay JSON."""
    values = [True, 12, 1.0, 0.5, float("nan"), ["a", None, 2], {"b": 1}, {}, [], "  "]
    expected = ["true", "12", "1", "0.5", None, "a\n2", '{"b":1}', None, None, None]
    assert [cell_text(value) for value in values] == expected


def test_value_lists_fold_case_and_width() -> None:
    """A star stands for any other value; without it others stay; an empty target is no value."""
    assert translate(["Ａ", "a ", "b", None], {"a": "1"}) == ["1", "1", "b", None]
    assert translate(["a", "b", None], {"a": "", "*": "2"}) == [None, "2", None]


def test_values_of_several_columns_are_translated_one_by_one() -> None:
    """An opt-out that the second column tells is found; a list may still name the whole cell."""
    assert translate(["購読\n解約", "解約\n他"], {"購読": "yes", "解約": "no"}) == ["yes\nno", "no\n他"]
    assert translate(["a\nb", "b\na"], {"a\nb": "1", "a": "", "*": "2"}) == ["1", "2"]
