"""A limit that clients find by running into it: a token bucket for the server, or for each of its sections."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Literal

import attrs

# What is left of a token after the rounding of many additions counts as a whole one.
_ROUNDING = 1e-9


@attrs.frozen(kw_only=True)
class RateLimit:
    """How many calls are let through.

    Attributes:
        per_second: How many tokens a bucket gains each second; a call takes one.
        burst: How many a bucket holds. It begins full.
        retry_after: What a refusal says: the seconds until there is a token, rounded up (`ceil`) or with their
            fraction (`exact`), or nothing (None).
        per: Whether there is one bucket (`server`), or one for each section.
        clock: What fills the buckets: real time, or the emulator's clock (which may stand still).
    """

    per_second: float = attrs.field(validator=attrs.validators.gt(0))
    burst: int = attrs.field(default=1, validator=attrs.validators.ge(1))
    retry_after: Literal["ceil", "exact"] | None = attrs.field(
        default="ceil", validator=attrs.validators.in_(("ceil", "exact", None))
    )
    per: Literal["server", "section"] = attrs.field(
        default="server", validator=attrs.validators.in_(("server", "section"))
    )
    clock: Literal["real", "emulator"] = attrs.field(
        default="real", validator=attrs.validators.in_(("real", "emulator"))
    )

    def scaled(self, factor: float) -> RateLimit:
        """The same limit with so many times the calls each second; the burst stays."""
        return attrs.evolve(self, per_second=self.per_second * factor)

    def header(self, seconds: float) -> str | None:
        """What Retry-After says, if anything.

        Args:
            seconds: How long it is until there is a token.
        """
        if self.retry_after is None:
            return None
        if self.retry_after == "exact":
            # Rounded up too, or a client that waits exactly so long would come a moment early.
            return f"{math.ceil(seconds * 1e6) / 1e6:.6f}".rstrip("0").rstrip(".")
        return str(max(1, math.ceil(seconds - _ROUNDING)))


@attrs.define
class _Bucket:
    tokens: float
    filled_at: float


class Limiter:
    """The buckets of a limit that can be changed at any time.

    Args:
        limit: The limit, or None for none.
        emulator_time: The seconds of the emulator's clock.
        real_time: The seconds of real time.
    """

    def __init__(
        self,
        limit: RateLimit | None,
        emulator_time: Callable[[], float],
        real_time: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit = limit
        self._times = {"emulator": emulator_time, "real": real_time}
        self._buckets: dict[str, _Bucket] = {}

    @property
    def limit(self) -> RateLimit | None:
        """The limit; set it to change it. What a bucket holds stays in it, up to the new burst."""
        return self._limit

    @limit.setter
    def limit(self, limit: RateLimit | None) -> None:
        old = self._limit
        if old is None or limit is None or (old.per, old.clock) != (limit.per, limit.clock):
            self._buckets.clear()
        else:
            now = self._times[old.clock]()
            for bucket in self._buckets.values():
                _fill(bucket, old, now)
                bucket.tokens = min(bucket.tokens, limit.burst)
        self._limit = limit

    def wait(self, section: str) -> float:
        """Takes a token for a call, if there is one.

        Args:
            section: The call's section.

        Returns:
            0 where it took one, or else the seconds until there is one.
        """
        limit = self._limit
        if limit is None:
            return 0.0
        now = self._times[limit.clock]()
        key = section if limit.per == "section" else ""
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = _Bucket(limit.burst, now)
        _fill(bucket, limit, now)
        if bucket.tokens >= 1 - _ROUNDING:
            bucket.tokens = max(0.0, bucket.tokens - 1)
            return 0.0
        return (1 - bucket.tokens) / limit.per_second


def _fill(bucket: _Bucket, limit: RateLimit, now: float) -> None:
    bucket.tokens = min(limit.burst, bucket.tokens + max(0.0, now - bucket.filled_at) * limit.per_second)
    bucket.filled_at = now
