"""The resources of one message, and what they call each other."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from epione_ingestion.node import Node

# A resource's address on a server: base, type, id; a version after it is ignored (R4, 2.3.0.1).
ADDRESS = re.compile(r"(?:(https?://.+)/)?([A-Z][A-Za-z]+)/([A-Za-z0-9.-]{1,64})(?:/_history/.*)?")
UUID = "urn:uuid:"


@dataclass(frozen=True, slots=True)
class Entry:
    """A resource, by what its bundle says of it."""

    resource: Node
    base: str  # of the server it is on
    full_url: str = ""
    method: str = ""  # what a transaction asks to be done with it

    @property
    def type(self) -> str:
        return self.resource.text("resourceType")

    @property
    def name(self) -> str:
        """Give "Type/id", or "" where the resource has no name that lasts.

        The server gives a posted resource another id (R4, 3.1.0.8): that one counts only where it
        is unique by itself.
        """
        own = self.resource.text("id")
        if not own or (self.method == "POST" and self.full_url != UUID + own):
            return ""
        return f"{self.type}/{own}"


def entry_of(resource: Node, source: str, full_url: str = "", method: str = "") -> Entry:
    match = ADDRESS.fullmatch(full_url)
    return Entry(resource, (match and match[1]) or source, full_url, method)


class Contents:
    """Finds resources of one message by reference (R4, Bundle, "Resolving references")."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._by_address: dict[str, Entry] = {}
        for entry in entries:
            if entry.name:
                self._by_address[f"{entry.base}/{entry.name}"] = entry
        for entry in entries:
            if entry.full_url:
                self._by_address[entry.full_url] = entry

    def find(self, reference: str, referrer: Entry) -> Entry | None:
        """Give the resource that `referrer` refers to, contained ones included."""
        if reference.startswith("#"):
            return _contained(reference[1:], referrer)
        found = self._by_address.get(reference)
        if found is None and (match := ADDRESS.fullmatch(reference)):
            base, kind, key = match.groups()
            found = self._by_address.get(f"{base or referrer.base}/{kind}/{key}")
        return found


def _contained(key: str, referrer: Entry) -> Entry | None:
    for resource in referrer.resource.nodes("contained"):
        if resource.text("id") == key:
            return Entry(resource, referrer.base, method="POST")
    return None
