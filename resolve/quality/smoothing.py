"""How far few pairs may move a probability from where it started."""

TOWARDS_U = 10.0  # pseudo pairs that pull a level towards unrelated
TOWARDS_START = 50.0  # pseudo pairs of the starting values
RAREST = 2e-7  # no level of unrelated pairs is rarer
