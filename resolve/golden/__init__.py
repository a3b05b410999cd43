"""Scored pair in, golden profile out.

- pair to verdict: `judge`, `thresholds`, `review` (for people)
- verdicts to clusters: `cluster` (begin here), `must_link`, `components`, `sparse_linkage`; `households`
- clusters to golden IDs: `identify`, `board` (as codes), `inherit`, `mint`, `outcome`, `registry`, `events`
- records to profiles: `survive`, `survivorship` (rules), `ballot`, `readings`, `reach`, `consent`, `kept_denials`,
  `identifiers`, `spoken` (names as they are shown)
- events to customers: `history`, `handed_on`, `measures`, `segments`; one event of several systems: `same_event`,
  `same_event_rules`, `same_event_pairs`, `same_subject`
- frames: `order`, `lists`
"""
