"""Operation: what a process says of itself, and where it says it."""

from epione.operations.door import door
from epione.operations.health import Claim, Claims, Health, Verdict
from epione.operations.listening import Server, listen, listening
from epione.operations.logs import set_up_logging

__all__ = [
    "Claim",
    "Claims",
    "Health",
    "Server",
    "Verdict",
    "door",
    "listen",
    "listening",
    "set_up_logging",
]
