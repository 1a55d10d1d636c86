"""Where a function's time goes, by room."""

import cProfile
import pstats
from collections import Counter
from collections.abc import Callable, Mapping
from typing import cast

ROOTS = (("/shared/epione/", "epione/"), ("/services/", ""), ("/site-packages/", ""))
OTHER = "python"  # its library, and what called no room

_Function = tuple[str, int, str]  # file, line, name
_Timed = tuple[int, int, float, float]  # calls, of them first ones, own seconds, seconds in all
_Stats = Mapping[_Function, tuple[int, int, float, float, Mapping[_Function, _Timed]]]


def room_of(file: str) -> str:
    """Name the room of a file; "" where it is of none.

    >>> room_of("/somewhere/shared/epione/medicine/risk/prevent.py")
    'epione/medicine'
    >>> room_of("/usr/lib/python3.11/dataclasses.py")
    ''
    """
    for root, prefix in ROOTS:
        if root in file:
            return prefix + file.partition(root)[2].partition("/")[0]
    return ""


def by_room(work: Callable[[], object]) -> Mapping[str, float]:
    """Do the work, and give each room's share of the time, the largest first.

    What is of no room, such as built-in functions, counts where it was called from. The profiler
    makes calls dearer than they are: shares, not seconds.
    """
    profile = cProfile.Profile()
    profile.runcall(work)
    stats = cast(_Stats, pstats.Stats(profile).stats)  # type: ignore[attr-defined]
    seconds: Counter[str] = Counter()
    for (file, _, _), (_, _, own, _, callers) in stats.items():
        if room := room_of(file):
            seconds[room] += own  # type: ignore[assignment]
            continue
        for (caller, _, _), (_, _, own_there, _) in callers.items():
            seconds[room_of(caller) or OTHER] += own_there  # type: ignore[assignment]
    total = sum(seconds.values())
    return {room: share / total for room, share in seconds.most_common()}
