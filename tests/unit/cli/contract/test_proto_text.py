"""The .proto text of a payload."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from google.protobuf.descriptor import FileDescriptor
from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto
from tests.contract.protoc import descriptors_of

from epione.v1.codes_pb2 import DESCRIPTOR as CODES
from epione.v1.genome_sample_pb2 import DESCRIPTOR as SAMPLE
from epione.v1.patient_event_pb2 import DESCRIPTOR as EVENT
from epione.v1.plan_pb2 import DESCRIPTOR as PLAN
from epione_cli.contract.proto_text import proto_text


def test_what_it_imports_of_its_package_is_written_out() -> None:
    text = proto_text("plan")

    assert "message Code {" in text
    assert 'import "epione' not in text


def test_what_others_define_is_imported_once() -> None:
    assert proto_text("patient_event").count('import "google/protobuf/timestamp.proto";') == 1


@pytest.mark.parametrize(
    ("name", "files"),
    [
        pytest.param("patient_event", [CODES, EVENT], id="events"),
        pytest.param("genome_sample", [SAMPLE], id="samples"),
        pytest.param("plan", [CODES, PLAN], id="plans"),
    ],
)
def test_it_compiles_alone_to_the_same_messages(
    name: str, files: list[FileDescriptor], tmp_path: Path
) -> None:
    (tmp_path / "alone.proto").write_text(proto_text(name))

    (compiled,) = descriptors_of(tmp_path).file

    assert fields_of(compiled.message_type) == [
        field for file in files for field in fields_of(described(file).message_type)
    ]


def described(file: FileDescriptor) -> FileDescriptorProto:
    description = FileDescriptorProto()
    file.CopyToProto(description)
    return description


def fields_of(messages: Iterable[DescriptorProto]) -> list[tuple[str, str, int, int, str]]:
    return [
        (message.name, field.name, field.number, field.type, field.type_name)
        for message in messages
        for field in message.field
    ]
