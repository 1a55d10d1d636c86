"""Run the protocol buffer compiler of the development environment."""

import subprocess
import sys
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorSet


def descriptors_of(folder: Path, *, with_comments: bool = False) -> FileDescriptorSet:
    """Compile every .proto file below `folder` into one descriptor set, its own files alone."""
    options = ["--descriptor_set_out=/dev/stdout"]
    options += ["--include_source_info"] if with_comments else []
    return FileDescriptorSet.FromString(compile_protos(folder, *options))


def compile_protos(folder: Path, *options: str) -> bytes:
    """Give what protoc prints for every .proto file below `folder`."""
    protos = sorted(str(path.relative_to(folder)) for path in folder.rglob("*.proto"))
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{folder}", *options, *protos]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
