"""SourceRecord in, Contact out.

- the path: `contact` (begin here), `contact_*` (columns as codes, countries, times, the content hash), `touchpoints`
- one module for each kind of value: `names` and `names_*`, `companies` and `companies_*`, `addresses` and
  `addresses_*`, `postal`, `regions`, `channels`, `channels_plain`, `phones`, `emails`, `email_domains`, `dates`,
  `country`, `default_country`, `gender`, `language`, `consent`
- the ground of all of them: `text`, `cells`, `words`, `kanji`, `kana`, `kana_romaji`, `readings`

`…_plain` modules read the plain form of a value by a short way; all else goes the long way, with the same result.
"""
