"""The contract on the wire: compatible with the last release, reproduced, and documented."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto, FileDescriptorSet
from tests.contract.compatibility import breaks
from tests.contract.protoc import compile_protos, descriptors_of

ROOT = Path(__file__).parents[2]
PROTO = ROOT / "proto"
GENERATED = ROOT / "shared"
RELEASED = sorted((Path(__file__).parent / "released").glob("*.binpb"))

# Field numbers of descriptor.proto, of which a comment's path is made.
MESSAGE_OF_FILE, NESTED_OF_MESSAGE = (
    FileDescriptorProto.MESSAGE_TYPE_FIELD_NUMBER,
    DescriptorProto.NESTED_TYPE_FIELD_NUMBER,
)


@pytest.mark.parametrize("release", RELEASED, ids=lambda path: path.stem)
def test_no_released_reader_or_writer_is_broken(release: Path) -> None:
    released = FileDescriptorSet.FromString(release.read_bytes())

    assert breaks(released, descriptors_of(PROTO)) == []


def test_generated_code_is_reproduced_without_a_difference(tmp_path: Path) -> None:
    plugin = Path(sys.executable).with_name("protoc-gen-mypy")

    compile_protos(
        PROTO, f"--plugin={plugin}", f"--python_out={tmp_path}", f"--mypy_out=quiet:{tmp_path}"
    )

    assert contents(tmp_path) == contents(GENERATED)


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.glob("epione/v1/*_pb2.py*")}


def test_every_message_says_what_it_is() -> None:
    compiled = descriptors_of(PROTO, with_comments=True)

    undocumented = [name for file in compiled.file for name in undocumented_messages(file)]

    assert undocumented == []


def undocumented_messages(file: FileDescriptorProto) -> Iterator[str]:
    comments = {
        tuple(place.path) for place in file.source_code_info.location if place.leading_comments
    }
    for path, name in message_paths(file.message_type, (MESSAGE_OF_FILE,), file.package):
        if path not in comments:
            yield name


def message_paths(
    messages: Sequence[DescriptorProto], path: tuple[int, ...], owner: str
) -> Iterator[tuple[tuple[int, ...], str]]:
    for number, message in enumerate(messages):
        if message.options.map_entry:
            continue
        here, name = (*path, number), f"{owner}.{message.name}"
        yield here, name
        yield from message_paths(message.nested_type, (*here, NESTED_OF_MESSAGE), name)
