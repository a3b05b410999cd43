"""Where golden profiles go, and what Meibo remembers.

- the database: `dialects` (engines), `reasons` (of errors), `lock`, `tables`, `versions` (create, upgrade), `missing`
  (dropped by others), `trial` (may it be written?), `views`, `view_history`, `view_words`
- values in and out: `cells`, `bodies`, `touchpoints`, `upsert`, `bulk`, `copying`, `filling`, `staging_file`,
  `prefetch`, `asked` (many values in one query)
- landing raw rows: `landing`, `written` (pages as text), `canonical` (hash of a row), `changed`, `order` (of their
  times), `landed` (read back), `columns`, `quarantine`, `merges`, `chunks` (windows of a backfill), `retention`
- publishing: `publish` (begin here), `plans` (table by table), `diff`, `staged_rows`, `profiles` (their versions),
  `first_rows`, `emptied` (by others), `early` and `early_copies` (a first run), `lake` (Parquet)
- asked by the next run: `store`, `runs`, `judgements`, `links`, `neighbours`, `denials`, `shapes` (for the report), and
  the blocking index: `blocking_index`, `buckets`, `index_runs`
"""
