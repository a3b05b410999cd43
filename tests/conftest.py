"""What holds for every test."""

from hypothesis import settings

# A deadline measures the machine, not the code: a busy one would fail tests that are right.
settings.register_profile("meibo", deadline=None)
settings.load_profile("meibo")
