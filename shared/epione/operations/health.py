"""Whether a service lives and is ready, by claims that each say why not.

Alive is a process that still turns: one that waits for Redis or Kafka is alive, since to be started
again would not help it. Ready is one that can take its part of the work now.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Verdict(NamedTuple):
    """What a claim says now. It is read by operators, and names no patient."""

    holds: bool
    said: str = "ok"


Claim = Callable[[], Verdict]


@dataclass(frozen=True, slots=True)
class Claims:
    """What must hold of a service that is open. To ask must cost nothing."""

    alive: Mapping[str, Claim] = field(default_factory=dict)
    ready: Mapping[str, Claim] = field(default_factory=dict)


class Health:
    """The health of a process, from its start to its end."""

    def __init__(self) -> None:
        self._claims = Claims(ready={"start": lambda: Verdict(False, "it is still opening")})

    def is_open(self, claims: Claims) -> None:
        self._claims = claims

    def is_stopping(self) -> None:
        stopping: Claim = lambda: Verdict(False, "it was told to stop")  # noqa: E731
        self._claims = Claims(self._claims.alive, {**self._claims.ready, "stop": stopping})

    def alive(self) -> dict[str, Verdict]:
        return {name: claim() for name, claim in self._claims.alive.items()}

    def ready(self) -> dict[str, Verdict]:
        return {name: claim() for name, claim in self._claims.ready.items()}
