"""How long hypothesis looks: `FUZZ_PROFILE=long` for minutes, and seconds otherwise."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

_LONG = os.environ.get("FUZZ_PROFILE", "short") == "long"


def looks(short: int, long: int) -> settings:
    """The settings of a test with so many examples in either profile."""
    return settings(
        max_examples=long if _LONG else short,
        deadline=None,
        # The short form is the same in every run; what the long one finds is kept as an `@example`.
        derandomize=not _LONG,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )
