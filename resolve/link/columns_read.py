"""Which columns of contacts linking reads: whoever loads contacts to link them needs no others."""

from resolve.link.keys import BUILT_IN
from resolve.link.rules import LinkRules

# What comparisons and keys read by themselves, whatever columns the rules name.
ALWAYS = frozenset({
    "party_type", "reading_source", "name_key", "suffix_key", "phones", "phone_keys", "phone_extensions", "email_keys",
    "role_emails", "work_domain", "organization", "org_key", "org_form", "org_branch", "postal_key", "region_key",
    "city_key", "street_key", "number_key", "unit_key", "gender", "birth_key",
    *(f"{part}_{field}" for part in ("family", "given") for field in ("key", "variants", "readings", "script")),
})  # fmt: skip


def columns_read(rules: LinkRules) -> frozenset[str]:
    """Return the names of all columns that keys, comparisons and frequencies of the rules read, contact_id left out."""
    keys = {key.partition(":")[0] for rule in rules.blocking for key in rule.keys} - BUILT_IN.keys()
    compared = {column for comparison in rules.comparisons for column in comparison.columns}
    return ALWAYS | keys | compared
