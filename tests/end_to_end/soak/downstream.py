"""A service that reads recommendations.v1 and keeps what stands, as a pharmacy or a record would.

Its rule: of each recommendation's key the last change counts; one of a lower revision than the last
comes from a delivery repeated, and is dropped.
"""

from epione.v1 import plan_pb2

RETRACTED = plan_pb2.Recommendation.CHANGE_RETRACTED


class Downstream:
    """The recommendations that stand, by patient and key."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, str], tuple[tuple[int, int], str]] = {}
        self._keys: dict[str, set[str]] = {}

    def apply(self, patient: str, change: plan_pb2.Recommendation) -> bool:
        """Take a change in; say whether it was news."""
        revision = change.revision.epoch, change.revision.offset
        known = self._last.get((patient, change.key))
        if known is not None and revision < known[0]:
            return False
        stands = "" if change.change == RETRACTED else change.id
        self._last[patient, change.key] = revision, stands
        self._keys.setdefault(patient, set()).add(change.key)
        return known is None or revision > known[0]

    def standing(self, patient: str) -> dict[str, str]:
        """Give the ids that stand, by key."""
        last = ((key, self._last[patient, key][1]) for key in self._keys.get(patient, ()))
        return {key: stands for key, stands in last if stands}
