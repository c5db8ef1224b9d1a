"""Misbehaviour on demand: what fails, how, how often, and for which calls."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from random import Random
from typing import Literal, TypedDict, Unpack

import attrs

from lootlocker_async.routes import Route

BodyKind = Literal["json", "html", "empty"]
"""What an error's body can be."""

Distribution = Literal["fixed", "uniform", "lognormal", "pareto"]
"""How the delays of a latency are spread."""


class FaultKind(enum.StrEnum):
    """The ways to misbehave."""

    LATENCY = "latency"
    STATUS = "status"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"
    EXPIRE_TOKEN = "expire_token"  # noqa: S105 - no secret  # nosec B105
    DROP_BEFORE_EXECUTE = "drop_before_execute"
    DROP_AFTER_EXECUTE = "drop_after_execute"
    HALF_ANSWER = "half_answer"
    GARBAGE = "garbage"
    SLOW_BODY = "slow_body"
    WRONG_CONTENT_LENGTH = "wrong_content_length"
    RESET_BEFORE_READ = "reset_before_read"
    RESET_AFTER_EXECUTE = "reset_after_execute"
    REFUSE_CONNECTIONS = "refuse_connections"


class _When(TypedDict, total=False):
    times: int | None
    probability: float


def _to_tuple(match: str | Iterable[str]) -> tuple[str, ...]:
    return (match,) if isinstance(match, str) else tuple(match)


def _check_probability(_: object, __: object, value: float) -> None:
    if not 0 <= value <= 1:
        raise ValueError("a probability is between 0 and 1")


@attrs.frozen(eq=False, kw_only=True)
class Fault:
    """One misbehaviour; make it with one of the class methods.

    Every one of them takes `times`, how many calls it meets (None: all), and `probability`, the chance that it meets a
    call which it could meet.

    Attributes:
        kind: What happens.
        match: Which calls can meet it: operations or globs of them ("leaderboards_*"), sections ("leaderboards"), or
            verbs ("POST").
        times: How many calls it meets, or None.
        probability: The chance for each call.
        seconds: How long a delay is (the least of a uniform or Pareto one, the median of a log-normal one), the pause
            between two pieces of a slow body, or how long connections are refused.
        distribution: How delays are spread.
        most: The longest delay: where a uniform one ends, and where the tail of a heavy-tailed one is cut.
        shape: How heavy a tail is: the sigma of a log-normal delay, the alpha of a Pareto one.
        pieces: How many pieces a slow body has.
        connections: How many connections are reset, where they aren't refused for a time.
        status: The status answered.
        body: What the body of an error is.
        after_execute: Whether the call is carried out before the error is answered.
        retry_after: What the header Retry-After says.
        retry_after_date: How many seconds ahead the date is that it says instead.
        difference: How much the Content-Length is off.
    """

    kind: FaultKind
    match: tuple[str, ...] = attrs.field(converter=_to_tuple)
    times: int | None = attrs.field(default=None, validator=attrs.validators.optional(attrs.validators.ge(1)))
    probability: float = attrs.field(default=1.0, validator=_check_probability)
    seconds: float = attrs.field(default=0.0, validator=attrs.validators.ge(0))
    distribution: Distribution = attrs.field(
        default="fixed", validator=attrs.validators.in_(("fixed", "uniform", "lognormal", "pareto"))
    )
    most: float | None = None
    shape: float = attrs.field(default=1.0, validator=attrs.validators.gt(0))
    pieces: int = attrs.field(default=8, validator=attrs.validators.ge(1))
    connections: int | None = attrs.field(default=None, validator=attrs.validators.optional(attrs.validators.ge(1)))
    status: int = attrs.field(default=500, validator=[attrs.validators.ge(200), attrs.validators.le(599)])
    body: BodyKind = "json"
    after_execute: bool = False
    retry_after: str | None = None
    retry_after_date: float | None = None
    difference: int = 0

    def __attrs_post_init__(self) -> None:
        if self.distribution == "uniform" and self.most is None:
            raise ValueError("a uniform delay needs `most`")
        if self.most is not None and self.most < self.seconds:
            raise ValueError("the longest delay is shorter than the others")

    @classmethod
    def latency(cls, match: str | Iterable[str] = "*", *, seconds: float, **when: Unpack[_When]) -> Fault:
        """Waits before anything else happens; it goes together with other faults."""
        return cls(kind=FaultKind.LATENCY, match=match, seconds=seconds, **when)

    @classmethod
    def uniform_latency(
        cls, match: str | Iterable[str] = "*", *, seconds: float, most: float, **when: Unpack[_When]
    ) -> Fault:
        """Waits as `latency` does, between `seconds` and `most`."""
        return cls(
            kind=FaultKind.LATENCY, match=match, seconds=seconds, most=most, distribution="uniform", **when
        )  # fmt: skip

    @classmethod
    def heavy_tailed_latency(
        cls,
        match: str | Iterable[str] = "*",
        *,
        seconds: float,
        most: float | None = None,
        shape: float = 1.0,
        distribution: Literal["lognormal", "pareto"] = "lognormal",
        **when: Unpack[_When],
    ) -> Fault:
        """Waits as `latency` does, mostly around `seconds` and now and then far longer, but never beyond `most`."""
        return cls(
            kind=FaultKind.LATENCY, match=match, seconds=seconds, most=most, shape=shape, distribution=distribution,
            **when,
        )  # fmt: skip

    @classmethod
    def error(
        cls,
        match: str | Iterable[str] = "*",
        *,
        status: int = 500,
        body: BodyKind = "json",
        after_execute: bool = False,
        **when: Unpack[_When],
    ) -> Fault:
        """Answers with an error, and carries the call out only where `after_execute` says so."""
        return cls(kind=FaultKind.STATUS, match=match, status=status, body=body, after_execute=after_execute, **when)

    @classmethod
    def rate_limited(
        cls,
        match: str | Iterable[str] = "*",
        *,
        retry_after: int | None = None,
        retry_after_date: float | None = None,
        **when: Unpack[_When],
    ) -> Fault:
        """Answers 429, with Retry-After as seconds, or as a date so many seconds ahead, or without it."""
        return cls(
            kind=FaultKind.RATE_LIMITED, match=match, status=429, retry_after=_text(retry_after),
            retry_after_date=retry_after_date, **when,
        )  # fmt: skip

    @classmethod
    def unavailable(
        cls,
        match: str | Iterable[str] = "*",
        *,
        retry_after: int | None = None,
        retry_after_date: float | None = None,
        after_execute: bool = False,
        **when: Unpack[_When],
    ) -> Fault:
        """Answers 503, with or without Retry-After as `rate_limited` does."""
        return cls(
            kind=FaultKind.UNAVAILABLE, match=match, status=503, retry_after=_text(retry_after),
            retry_after_date=retry_after_date, after_execute=after_execute, **when,
        )  # fmt: skip

    @classmethod
    def expire_token(cls, match: str | Iterable[str] = "*", **when: Unpack[_When]) -> Fault:
        """Lets the token expire that the call came with."""
        return cls(kind=FaultKind.EXPIRE_TOKEN, match=match, **when)

    @classmethod
    def drop_before_execute(cls, match: str | Iterable[str] = "*", **when: Unpack[_When]) -> Fault:
        """Drops the connection instead of carrying the call out."""
        return cls(kind=FaultKind.DROP_BEFORE_EXECUTE, match=match, **when)

    @classmethod
    def drop_after_execute(cls, match: str | Iterable[str] = "*", **when: Unpack[_When]) -> Fault:
        """Carries the call out, and drops the connection instead of answering."""
        return cls(kind=FaultKind.DROP_AFTER_EXECUTE, match=match, **when)

    @classmethod
    def half_answer(cls, match: str | Iterable[str] = "*", **when: Unpack[_When]) -> Fault:
        """Drops the connection in the middle of the answer."""
        return cls(kind=FaultKind.HALF_ANSWER, match=match, **when)

    @classmethod
    def garbage(cls, match: str | Iterable[str] = "*", **when: Unpack[_When]) -> Fault:
        """Carries the call out, and answers 200 with bytes that are neither JSON nor UTF-8."""
        return cls(kind=FaultKind.GARBAGE, match=match, **when)

    @classmethod
    def slow_body(
        cls, match: str | Iterable[str] = "*", *, seconds: float, pieces: int = 8, **when: Unpack[_When]
    ) -> Fault:
        """Lets the body drip, in pieces with a pause before each."""
        return cls(kind=FaultKind.SLOW_BODY, match=match, seconds=seconds, pieces=pieces, **when)

    @classmethod
    def wrong_content_length(
        cls, match: str | Iterable[str] = "*", *, difference: int = 16, **when: Unpack[_When]
    ) -> Fault:
        """Says a wrong Content-Length.

        One too long ends in a dropped connection, one too short (a negative difference) cuts the body.
        """
        return cls(kind=FaultKind.WRONG_CONTENT_LENGTH, match=match, difference=difference, **when)

    @classmethod
    def reset_before_read(cls, match: str | Iterable[str] = "*", **when: Unpack[_When]) -> Fault:
        """Resets the connection when the head of the request is there, before its body is read."""
        return cls(kind=FaultKind.RESET_BEFORE_READ, match=match, **when)

    @classmethod
    def reset_after_execute(cls, match: str | Iterable[str] = "*", **when: Unpack[_When]) -> Fault:
        """Carries the call out, and resets the connection instead of answering."""
        return cls(kind=FaultKind.RESET_AFTER_EXECUTE, match=match, **when)

    @classmethod
    def refuse_connections(
        cls,
        match: str | Iterable[str] = "*",
        *,
        seconds: float | None = None,
        connections: int | None = None,
        **when: Unpack[_When],
    ) -> Fault:
        """Resets the connection instead of carrying the call out, and lets nobody connect from then on.

        Everybody's connection is lost. For `seconds` the port is closed; or so many of the next `connections` are
        reset as soon as they stand, for what the system refuses cannot be counted.

        Raises:
            ValueError: It's neither for a time nor for a number of connections, or it's for both.
        """
        if (seconds is None) is (connections is None):
            raise ValueError("connections are refused either for some seconds or for a number of connections")
        return cls(
            kind=FaultKind.REFUSE_CONNECTIONS, match=match, seconds=seconds or 0.0, connections=connections, **when
        )

    def delay(self, random: Random) -> float:
        """How long a latency is this time; a fixed one draws nothing."""
        if self.distribution == "fixed":
            return self.seconds
        if self.distribution == "uniform":
            return random.uniform(self.seconds, self.seconds if self.most is None else self.most)
        if self.distribution == "lognormal":
            drawn = self.seconds * random.lognormvariate(0.0, self.shape)
        else:
            drawn = self.seconds * random.paretovariate(self.shape)
        return drawn if self.most is None else min(drawn, self.most)

    def meets(self, route: Route, section: str) -> bool:
        """Whether calls of a route can meet it."""
        if self.kind is FaultKind.EXPIRE_TOKEN and route.credential != "token":
            return False
        return any(pattern in {route.verb, section} or fnmatchcase(route.operation, pattern) for pattern in self.match)


def _text(seconds: int | None) -> str | None:
    return None if seconds is None else str(seconds)


@attrs.define(eq=False)
class _Active:
    fault: Fault
    left: int | None


class Faults:
    """The faults that are switched on.

    Args:
        random: What decides the probable ones.
        routes: The routes there are, to notice a fault that none can meet.
        section: The section of an operation.
    """

    def __init__(self, random: Random, routes: Iterable[Route], section: Callable[[str], str]) -> None:
        self._random = random
        self._routes = tuple(routes)
        self._section = section
        self._faults: list[_Active] = []
        self.changes: int = 0
        """How often a fault was switched on or off, or was used up."""

    def __len__(self) -> int:
        return len(self._faults)

    def add(self, *faults: Fault) -> None:
        """Switches faults on; the first one that meets a call wins.

        Raises:
            ValueError: No call can ever meet one of them.
        """
        for fault in faults:
            if not any(fault.meets(route, self._section(route.operation)) for route in self._routes):
                raise ValueError(f"no call matches {', '.join(fault.match)}")
        self._faults.extend(_Active(fault, fault.times) for fault in faults)
        self.changes += 1

    def remove(self, fault: Fault) -> None:
        """Switches one fault off, if it still is on."""
        self._faults = [active for active in self._faults if active.fault is not fault]
        self.changes += 1

    def clear(self) -> None:
        """Switches every fault off."""
        self._faults.clear()
        self.changes += 1

    @property
    def active(self) -> tuple[Fault, ...]:
        """The faults that are on; one whose `times` are used up no longer is."""
        return tuple(active.fault for active in self._faults)

    def pick(self, route: Route) -> tuple[float, Fault | None]:
        """What a call meets.

        Returns:
            Seconds to wait, and the other fault it meets.
        """
        seconds = 0.0
        met: Fault | None = None
        for active in tuple(self._faults):
            is_latency = active.fault.kind is FaultKind.LATENCY
            if (is_latency or met is None) and self._fires(active, route):
                if is_latency:
                    seconds += active.fault.delay(self._random)
                else:
                    met = active.fault
        return seconds, met

    def _fires(self, active: _Active, route: Route) -> bool:
        fault = active.fault
        if not fault.meets(route, self._section(route.operation)):
            return False
        if fault.probability < 1 and self._random.random() >= fault.probability:
            return False
        if active.left is not None:
            active.left -= 1
            if not active.left:
                self._faults.remove(active)
                self.changes += 1
        return True
