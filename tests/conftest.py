"""Settings of the whole suite: the same cases each time, so that a clone passes or fails by what it holds.

`just explore` runs it on cases of its own, and `just long` on many.
"""

from hypothesis import settings

settings.register_profile("suite", deadline=None, max_examples=100, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=100, derandomize=False, print_blob=True)
settings.load_profile("suite")
