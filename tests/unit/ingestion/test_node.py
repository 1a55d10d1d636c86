from collections.abc import Callable

import pytest

from epione.errors import MalformedEvent
from epione_ingestion.node import Node, parsed_json

NODE = Node(
    {"text": " a ", "number": 1, "truth": True, "node": {}, "nodes": [{}], "null": None}, "X"
)


def test_elements_are_read_by_name() -> None:
    assert NODE.text("text") == "a"
    assert NODE.number("number") == 1.0
    assert NODE.truth("truth") is True
    assert [node.path for node in NODE.nodes("nodes")] == ["X.nodes[0]"]


@pytest.mark.parametrize("name", ["absent", "null"])
def test_an_absent_element_reads_as_nothing(name: str) -> None:
    assert NODE.text(name) == ""
    assert NODE.number(name) is None
    assert NODE.truth(name) is None
    assert NODE.node(name) is None
    assert NODE.nodes(name) == []
    assert name not in NODE


@pytest.mark.parametrize(
    ("read", "rule"),
    [
        pytest.param(lambda: NODE.text("number"), "X.number must be text", id="text"),
        pytest.param(lambda: NODE.number("text"), "X.text must be a number", id="number"),
        pytest.param(lambda: NODE.number("truth"), "X.truth must be a number", id="no truth"),
        pytest.param(lambda: NODE.truth("number"), "X.number must be true or false", id="truth"),
        pytest.param(lambda: NODE.node("nodes"), "X.nodes must be an object", id="object"),
        pytest.param(lambda: NODE.nodes("node"), "X.node must be a list of objects", id="list"),
        pytest.param(lambda: NODE.members("node"), "X.node must be a list", id="members"),
    ],
)
def test_an_element_of_another_type_is_refused_by_path_and_rule(
    read: Callable[[], object], rule: str
) -> None:
    with pytest.raises(MalformedEvent) as refusal:
        read()

    assert str(refusal.value) == rule


def test_a_hash_does_not_depend_on_the_order_of_elements() -> None:
    assert parsed_json(b'{"a": 1, "b": 2}').sha256() == parsed_json(b'{"b": 2, "a": 1}').sha256()


def test_json_s_fault_is_said_by_its_position_alone() -> None:
    with pytest.raises(MalformedEvent) as refusal:
        parsed_json(b'{"name": Cole}')

    assert str(refusal.value) == "not JSON in UTF-8 at character 9"
