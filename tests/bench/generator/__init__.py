"""A seeded generator of customers and of the records that three systems hold on them, with the truth.

Nobody in it is real: names are combinations of common family and given names, companies are made of common words,
company domains lie under example.jp and example.com. Numbers are valid in form only.

`world.make_world(settings)` gives everything; `plain.make_plain` the seven ASCII fields of the engine benchmark.
The same seed gives the same bytes on every platform: all randomness comes from `draw.Draw`.
"""
