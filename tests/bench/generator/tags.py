"""What was done to a record, as bits, for the truth file."""

from generator.draw import Bools, Ints, Texts, texts

TAGS = (
    "nickname", "typo_name", "swapped_name", "initial", "no_given", "no_name", "name_from_email", "full_in_last",
    "kana", "romaji", "kanji_variant", "homophone", "maiden_name", "honorific", "old_address", "old_company", "typo_email",
    "plus_email", "dot_email", "other_email", "shared_email", "role_email", "junk_email", "no_email", "shared_phone",
    "typo_phone", "junk_phone", "no_phone", "duplicate", "junior", "twin", "no_suffix", "typo_birth",
)  # fmt: skip
_BIT = {tag: 1 << i for i, tag in enumerate(TAGS)}


def mark(noise: Ints, mask: Bools, tag: str) -> None:
    """Set the bit of a tag on the masked records (edits the fresh array)."""
    noise[mask] |= _BIT[tag]


def spell(noise: Ints) -> Texts:
    """Return the tags of each record, joined by `|`, empty when clean."""
    names = {int(bits): "|".join(tag for tag in TAGS if bits & _BIT[tag]) for bits in set(noise.tolist())}
    return texts([names[int(bits)] for bits in noise])
