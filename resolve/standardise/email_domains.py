"""What is known of mail domains and local parts: free-mail providers, carriers, roles, placeholders."""

from resolve.standardise.words import word_list

SAME_DOMAIN = {
    "googlemail.com": "gmail.com",
    "me.com": "icloud.com",
    "mac.com": "icloud.com",
    "protonmail.com": "proton.me",
    "protonmail.ch": "proton.me",
    "pm.me": "proton.me",
}
"""Domains under which one provider serves the same mailbox, with the name that keys use."""

TAG_PROVIDERS = word_list("mail.tag_providers")
"""Providers that deliver name+tag to name; names after SAME_DOMAIN."""

LEGACY_CARRIERS = word_list("mail.legacy_carriers")
"""Japanese carriers that once gave out addresses with dots at the start, at the end or doubled."""

FREE_MAIL = TAG_PROVIDERS | LEGACY_CARRIERS | frozenset(SAME_DOMAIN) | word_list("mail.free")
"""Domains that anybody may have an address at: providers, carriers and access lines; no evidence of a company."""

DISPOSABLE = word_list("mail.disposable")
"""A short list of throw-away mailboxes, Western and Japanese."""

PLACEHOLDER_DOMAINS = word_list("mail.placeholder_domains")
"""Domains that forms are filled with where no address is known."""

PLACEHOLDERS = word_list("mail.placeholders")
"""Local parts, without dots and hyphens, that stand for no address at all, at whatever domain."""

PLACEHOLDER_TWINS = word_list("mail.placeholder_twins")
"""Words that are a placeholder where they are both the local part and the domain: mail@mail.com."""

ROLES = word_list("mail.roles")
"""Local parts, without dots, hyphens and digits at the end, that belong to a role."""
PLACES = word_list("mail.places")
"""Words of local parts that say where a role sits."""
