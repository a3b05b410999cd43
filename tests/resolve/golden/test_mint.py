"""New golden IDs are the base 32 of their digests, letter by letter."""

import base64
import hashlib

from hypothesis import given
from hypothesis import strategies as st

from resolve.golden.mint import golden_ids

STANDARD, CROCKFORD = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@given(founders=st.lists(st.text(st.characters(codec="utf-8"), min_size=1), max_size=5), generation=st.integers(0, 3))
def test_an_id_is_written_in_the_letters_of_crockford(founders: list[str], generation: int) -> None:
    """As the base 32 of the standard library, with other letters."""
    expected = []
    for founder in founders:
        digest = hashlib.blake2b(f"{generation}:{founder}".encode(), digest_size=10, key=b"key").digest()
        expected.append("G" + base64.b32encode(digest).translate(bytes.maketrans(STANDARD, CROCKFORD)).decode())
    assert golden_ids(founders, [generation] * len(founders), b"key") == expected
