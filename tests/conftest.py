"""Settings for all tests."""

from hypothesis import settings

# The same examples each time: a test that fails now and then tells nobody anything.
settings.register_profile("deterministic", derandomize=True, deadline=None)
settings.load_profile("deterministic")
