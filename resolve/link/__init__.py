"""Contact in, scored pair out: encode, block, compare, score."""

from resolve.link.engine import link_contacts, score_listed
from resolve.link.rules import BlockingRule, ClassSizes, Comparison, Frequencies, LinkRules
from resolve.link.scored import Linkage, LinkStats

__all__ = [
    "BlockingRule",
    "ClassSizes",
    "Comparison",
    "Frequencies",
    "LinkRules",
    "LinkStats",
    "Linkage",
    "link_contacts",
    "score_listed",
]
