"""Contact in, scored pair out: encode, block, compare, score.

- the path: `engine` (begin here), `encode`, `block`, `compare`, `score`, `scored` (the result)
- the rules as data: `rules`, `rules_text`, `says_text`, `upgrade_text`
- columns as codes: `columns`, `columns_read`, `texts`, `arrays`, `buffers`, `workers` (threads)
- blocking: `keys`, `groups`, `components` (pairs across two links); for changed contacts `index_keys`,
  `neighbour_keys`, `restricted`
- comparing: `compare_names` with `parts`, `part_agreement`, `name_levels`; `compare_identifiers` with `mailboxes`,
  `local_numbers`, `sharing`, `witness`; `compare_places` with `similar_streets`; `compare_organisations`;
  `compare_values` with `short_texts`, `filler_dates`; `frequency` (what is rare says more)
- rules on single columns, pruned on the way: `slices`, `bound`, `signature`, `cascade`
- behind the interfaces of recordlinkage: `contracts`
"""

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
