"""Reads StructureDefinitions by their differentials, and says what a resource has against them.

Read are: cardinalities, fixed values and patterns, types of a value, profiles of extensions and of
data types, slices told apart by a value or by an extension's address, bindings that are required to
a value set that is at hand, and what references point to where it can be resolved. Slices told
apart by what is referred to (`resolve()`) may hold any number here, and are not counted. What
profiles say beyond that, in words or as FHIRPath, is not read.
"""

import gzip
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

Fault = str
Values = Sequence[Any]
Resolve = Callable[[str], Mapping[str, Any] | None]

BASE = "http://hl7.org/fhir/StructureDefinition/"
# LOINC's answer lists are not in the guide. Of this one, the codes that its examples use with their
# displays: "Consider alternative medication", "Decrease dose", "Increase dose".
LOINC_LISTS = {
    "http://loinc.org/vs/LL4049-4": frozenset(
        {("http://loinc.org", code) for code in ("LA26421-0", "LA26422-8", "LA26423-6")}
    )
}


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Give the resources of a packed file of lines."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            read = json.loads(line)
            yield read.get("resource", read)


@dataclass
class Node:
    """An element of a profile, or a slice of one, with the elements below it."""

    name: str
    rules: dict[str, Any] = field(default_factory=dict)
    children: dict[str, "Node"] = field(default_factory=dict)  # by name, and "name:slice"

    def slices_of(self, name: str) -> Iterator["Node"]:
        return (node for key, node in self.children.items() if key.startswith(f"{name}:"))

    @property
    def expected(self) -> tuple[str, Any] | None:
        """Give the value that is demanded here: "fixed" as it stands, or "pattern" in part."""
        for rule, value in self.rules.items():
            for kind in ("fixed", "pattern"):
                if rule.startswith(kind):
                    return kind, value
        return None


class Guide:
    """The profiles, value sets and code systems of a guide, by their addresses."""

    def __init__(self, conformance: Iterable[Mapping[str, Any]]) -> None:
        self._by_url = {each["url"]: each for each in conformance if "url" in each}
        self._trees: dict[str, Node] = {}

    def faults(
        self, resource: Mapping[str, Any], profile: str, resolve: Resolve = lambda _: None
    ) -> Iterator[Fault]:
        """Give what a resource has against a profile.

        Args:
            resource: A resource, an extension or a value of a data type.
            profile: The profile's address.
            resolve: Gives what a reference points to; None where it is not known.
        """
        definition = self._by_url[profile]
        expected = definition["type"]
        if resource.get("resourceType", expected) != expected:
            yield f"{expected}: is a {resource['resourceType']}"
            return
        check = _Check(self, resolve)
        yield from check.node(self.tree(profile), resource, expected)

    def claims(self, resource: Mapping[str, Any]) -> list[str]:
        """Give the profiles of this guide that a resource says it keeps to."""
        return [url for url in resource.get("meta", {}).get("profile", ()) if url in self._by_url]

    def has(self, url: str) -> bool:
        return url in self._by_url

    def tree(self, profile: str) -> Node:
        """Give a profile with those that it builds on, as one tree."""
        if profile not in self._trees:
            self._trees[profile] = self._grown(profile)
        return self._trees[profile]

    def _grown(self, profile: str) -> Node:
        definition = self._by_url[profile]
        root = Node(definition["type"])
        for url in reversed(list(self._lineage(profile))):
            for element in self._by_url[url]["differential"]["element"]:
                node = root
                for name in element["id"].split(".")[1:]:
                    node = node.children.setdefault(name, Node(name))
                node.rules.update(element)
        return root

    def _lineage(self, profile: str) -> Iterator[str]:
        while profile in self._by_url:
            yield profile
            profile = self._by_url[profile]["baseDefinition"]

    def codes_of(self, value_set: str) -> frozenset[tuple[str, str]] | None:
        """Give a value set's codes with their systems; None where it is not at hand."""
        if value_set in LOINC_LISTS:
            return LOINC_LISTS[value_set]
        codes: set[tuple[str, str]] = set()
        for include in self._by_url.get(value_set, {}).get("compose", {}).get("include", ()):
            concepts = include.get("concept")
            if concepts is None:
                concepts = self._by_url.get(include.get("system"), {}).get("concept")
            if concepts is None or "filter" in include:
                return None
            codes |= {(include["system"], each["code"]) for each in concepts}
        return frozenset(codes) or None


@dataclass
class _Check:
    guide: Guide
    resolve: Resolve

    def node(self, node: Node, value: Any, path: str) -> Iterator[Fault]:
        """Check a value against an element's own rules, and what is below it."""
        yield from self._expected(node, value, path)
        yield from self._types(node, value, path)
        yield from self._binding(node, value, path)
        if not isinstance(value, Mapping):
            return
        for name in dict.fromkeys(key.partition(":")[0] for key in node.children):
            values = _values(value, name)
            at = f"{path}.{name}"
            if plain := node.children.get(name):
                yield from _count(plain, values, at)
                for each in values:
                    yield from self.node(plain, each, at)
            for part in node.slices_of(name):
                yield from self._slice(plain, part, values, f"{path}.{part.name}")

    def _slice(self, whole: Node | None, part: Node, values: Values, path: str) -> Iterator[Fault]:
        by = _discriminators(whole)
        if any(each["type"] == "profile" for each in by):
            if (part.rules.get("min", 0), part.rules.get("max", "*")) != (0, "*"):
                raise AssertionError(f"{part.name} is counted by what is referred to: not read")
            return
        belonging = [each for each in values if self._belongs(part, each, by)]
        yield from _count(part, belonging, path)
        for each in belonging:
            yield from self.node(part, each, path)

    def _belongs(self, part: Node, value: Any, by: Sequence[Mapping[str, str]]) -> bool:
        if part.name.startswith("extension:"):  # by its address, whether said or not
            url = part.children.get("url")
            told = [url.expected[1]] if url and url.expected else _profiles(part)
            return value.get("url") in told
        if not by:
            raise AssertionError(f"{part.name} is told apart by nothing that is read")
        return all(self._shows(part, value, each) for each in by)

    def _shows(self, part: Node, value: Any, by: Mapping[str, str]) -> bool:
        if by["type"] == "type":
            return bool(part.rules["sliceName"] == f"value{_capitalised(value.type_)}")
        expected = part.children[by["path"]].expected
        if expected is None:
            raise AssertionError(f"{part.name} has no value at {by['path']} to be told by")
        return any(matches(expected, found) for found in _values(value, by["path"]))

    def _expected(self, node: Node, value: Any, path: str) -> Iterator[Fault]:
        expected = node.expected
        if expected is not None and not matches(expected, value):
            yield f"{path}: is not {json.dumps(expected[1])}"

    def _types(self, node: Node, value: Any, path: str) -> Iterator[Fault]:
        """Check the type of a value[x], and the profiles of data types and references."""
        types = node.rules.get("type", ())
        allowed = {each["code"] for each in types}
        if isinstance(value, _Typed) and allowed and value.type_ not in allowed:
            yield f"{path}: is a {value.type_}, and not a {' or a '.join(sorted(allowed))}"
            return
        for each in types:
            for url in each.get("profile", ()):
                if self.guide.has(url):
                    yield from self.guide.faults(value, url, self.resolve)
        targets = [url for each in types for url in each.get("targetProfile", ())]
        if targets and isinstance(value, Mapping):
            yield from self._target(value, targets, path)

    def _target(
        self, value: Mapping[str, Any], targets: Sequence[str], path: str
    ) -> Iterator[Fault]:
        target = self.resolve(value.get("reference", ""))
        if target is not None and not any(self._is(target, url) for url in targets):
            yield f"{path}: refers to none of {', '.join(map(_last, targets))}"

    def _is(self, target: Mapping[str, Any], url: str) -> bool:
        if not self.guide.has(url):
            return _last(url) in ("Resource", target["resourceType"])
        return url in self.guide.claims(target)

    def _binding(self, node: Node, value: Any, path: str) -> Iterator[Fault]:
        binding = node.rules.get("binding", {})
        codes = self.guide.codes_of(binding.get("valueSet", ""))
        if binding.get("strength") != "required" or codes is None:
            return
        found = {(each.get("system"), each.get("code")) for each in value.get("coding", ())}
        if not found & codes:
            yield f"{path}: has no code of {_last(binding['valueSet'])}"


class _Typed(dict[str, Any]):
    """The value of a value[x] that is an object, with its type's name."""

    type_ = ""


def _values(value: Mapping[str, Any], name: str) -> Values:
    """Give what is there by a name, in a list; of value[x] with its type."""
    if not name.endswith("[x]"):
        there = value.get(name)
        return there if isinstance(there, list) else [] if there is None else [there]
    stem = name.removesuffix("[x]")
    found = [key for key in value if key.startswith(stem) and key[len(stem) :][:1].isupper()]
    return [_typed(value[key], key.removeprefix(stem)) for key in found]


def _typed(value: Any, type_: str) -> Any:
    typed = _Typed(value if isinstance(value, Mapping) else {"": value})
    typed.type_ = type_ if isinstance(value, Mapping) else type_[0].lower() + type_[1:]
    return typed


def _capitalised(type_: str) -> str:
    return type_[:1].upper() + type_[1:]


def _count(node: Node, values: Values, path: str) -> Iterator[Fault]:
    if len(values) < node.rules.get("min", 0):
        yield f"{path}: {len(values)} of {node.rules['min']} or more"
    most = node.rules.get("max", "*")
    if most != "*" and len(values) > int(most):
        yield f"{path}: {len(values)} of {most} at most"


def _discriminators(whole: Node | None) -> Sequence[Mapping[str, str]]:
    slicing = whole.rules.get("slicing", {}) if whole else {}
    found: Sequence[Mapping[str, str]] = slicing.get("discriminator", ())
    return found


def _profiles(node: Node) -> list[str]:
    return [url for each in node.rules.get("type", ()) for url in each.get("profile", ())]


def _last(url: str) -> str:
    return url.rpartition("/")[2]


def matches(expected: tuple[str, Any], value: Any) -> bool:
    """Say whether a value is the fixed one, or holds the pattern."""
    kind, wanted = expected
    return bool(value == wanted) if kind == "fixed" else _holds(wanted, value)


def _holds(pattern: Any, value: Any) -> bool:
    if isinstance(pattern, Mapping):
        return isinstance(value, Mapping) and all(
            name in value and _holds(each, value[name]) for name, each in pattern.items()
        )
    if isinstance(pattern, list):
        return isinstance(value, list) and all(
            any(_holds(each, there) for there in value) for each in pattern
        )
    return bool(pattern == value)


class Packet:
    """Resources that refer to each other, by "Type/id" and by their addresses in a bundle."""

    def __init__(self, resources: Iterable[Mapping[str, Any]]) -> None:
        self.resources = list(resources)

    @cached_property
    def by_reference(self) -> Mapping[str, Mapping[str, Any]]:
        found: dict[str, Mapping[str, Any]] = {}
        for each in self.resources:
            found[f"{each['resourceType']}/{each.get('id')}"] = each
            for entry in each.get("entry", ()) if each["resourceType"] == "Bundle" else ():
                inner = entry["resource"]
                found[f"{inner['resourceType']}/{inner.get('id')}"] = inner
                if "fullUrl" in entry:
                    found[entry["fullUrl"]] = inner
        return found

    def resolve(self, reference: str) -> Mapping[str, Any] | None:
        return self.by_reference.get(reference)
