"""Reads a JSON object by name, and says by path and rule what is wrong with it.

The path of a refusal is made of element names and positions; no value is ever repeated in it.
"""

import hashlib
import json
import math
from collections.abc import Iterator
from typing import cast

from epione.errors import MalformedEvent

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None


class Node:
    """A JSON object and where it stands. An absent element reads as "", None or nothing."""

    __slots__ = ("_elements", "path")

    def __init__(self, elements: dict[str, Json], path: str) -> None:
        self._elements, self.path = elements, path

    def __contains__(self, name: str) -> bool:
        return self._elements.get(name) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self._elements)

    def text(self, name: str) -> str:
        value = self._elements.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self.refusal(name, "must be text")
        return value.strip()

    def number(self, name: str) -> float | None:
        value = self._elements.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.refusal(name, "must be a number")
        try:
            number = float(value)
        except OverflowError as fault:
            raise self.refusal(name, "must be a finite number") from fault
        if not math.isfinite(number):
            raise self.refusal(name, "must be a finite number")
        return number

    def truth(self, name: str) -> bool | None:
        value = self._elements.get(name)
        if value is not None and not isinstance(value, bool):
            raise self.refusal(name, "must be true or false")
        return value

    def node(self, name: str) -> "Node | None":
        value = self._elements.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.refusal(name, "must be an object")
        return Node(value, f"{self.path}.{name}")

    def nodes(self, name: str) -> "list[Node]":
        value = self._elements.get(name)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            raise self.refusal(name, "must be a list of objects")
        objects = cast("list[dict[str, Json]]", value)
        return [Node(each, f"{self.path}.{name}[{i}]") for i, each in enumerate(objects)]

    def members(self, name: str) -> "list[Node | None]":
        """Give the members of a list, None for one that is no object."""
        value = self._elements.get(name)
        if value is not None and not isinstance(value, list):
            raise self.refusal(name, "must be a list")
        return [
            Node(each, f"{self.path}.{name}[{i}]") if isinstance(each, dict) else None
            for i, each in enumerate(value or [])
        ]

    def at(self, path: str) -> "Node":
        return Node(self._elements, path)

    def sha256(self) -> str:
        """Give a hash of the whole content, whatever the order of its elements."""
        text = json.dumps(self._elements, sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def refusal(self, name: str, rule: str) -> MalformedEvent:
        return MalformedEvent(f"{self.path}.{name} {rule}")


def parsed_json(value: bytes, path: str = "$") -> Node:
    """Read a JSON object.

    Raises:
        MalformedEvent: The bytes are not UTF-8 JSON, or no object.
    """
    try:
        content = json.loads(value.decode("utf-8-sig"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as fault:
        where = f" at character {fault.pos}" if isinstance(fault, json.JSONDecodeError) else ""
        raise MalformedEvent(f"not JSON in UTF-8{where}") from fault
    if not isinstance(content, dict):
        raise MalformedEvent("not a JSON object")
    return Node(content, path)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
