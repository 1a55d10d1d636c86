"""How the state of partitions is named in Redis.

All that belongs to one partition has one hash tag, whatever its namespace: so one Lua call may
compare one namespace with another, and with the pointer that names the live one.
"""

import re
from importlib.resources import files

from epione.errors import Misconfigured

LIVE = "live"  # the namespace of a partition that no pointer speaks of
NAMESPACE = re.compile(r"[A-Za-z0-9_.-]{1,64}")
PARTS = ("applied", "states", "due", "outbox")
TOLD, SUSPECTS = "told", "suspects"
BESIDE = (TOLD, SUSPECTS)  # what is known of outputs: it moves by itself, and with the pointer


def checked(namespace: str) -> str:
    """Give a namespace back.

    Raises:
        Misconfigured: It is no name.
    """
    if not NAMESPACE.fullmatch(namespace):
        raise Misconfigured(
            f"{namespace=} is no namespace: letters, digits, dots, dashes, 64 at most"
        )
    return namespace


def state_key(partition: int, namespace: str, part: str) -> str:
    """Give the key of one part of a partition's state.

    >>> state_key(3, "live", "applied")
    'epione:{3}:live:applied'
    """
    return f"epione:{{{partition}}}:{namespace}:{part}"


def pointer_key(partition: int) -> str:
    """Give the key that names the live namespace of a partition."""
    return f"epione:{{{partition}}}:namespace"


def paused_key(partition: int) -> str:
    """Give the key that, while it is there, keeps the live namespace of a partition as it is."""
    return f"epione:{{{partition}}}:paused"


def lua(name: str) -> str:
    """Give one of the scripts that do in one step what must not be done in two."""
    return files(__package__).joinpath(name).read_text()
