"""Whether a new contract can still read and write what an older release does.

Within one package version (`epione.v1`) nothing that was released is ever removed, renumbered,
retyped or renamed: topics keep old messages for years. What must go is left in place and no longer
written; what must differ gets a new field, or a new package version.
"""

from collections.abc import Iterator

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorSet,
)


def breaks(old: FileDescriptorSet, new: FileDescriptorSet) -> list[str]:
    """Say each way in which `new` breaks a reader or writer of `old`; nothing where it is safe."""
    new_messages, new_enums = dict(_messages(new)), dict(_enums(new))
    found: list[str] = []
    for name, message in _messages(old):
        if name not in new_messages:
            found.append(f"{name} was removed")
        else:
            found += _message_breaks(name, message, new_messages[name])
    for name, enum in _enums(old):
        if name not in new_enums:
            found.append(f"{name} was removed")
        else:
            found += _enum_breaks(name, enum, new_enums[name])
    return found


def _messages(files: FileDescriptorSet) -> Iterator[tuple[str, DescriptorProto]]:
    for file in files.file:
        for message in file.message_type:
            yield from _nested(f"{file.package}.{message.name}", message)


def _nested(name: str, message: DescriptorProto) -> Iterator[tuple[str, DescriptorProto]]:
    yield name, message
    for inner in message.nested_type:
        yield from _nested(f"{name}.{inner.name}", inner)


def _enums(files: FileDescriptorSet) -> Iterator[tuple[str, EnumDescriptorProto]]:
    for file in files.file:
        yield from ((f"{file.package}.{enum.name}", enum) for enum in file.enum_type)
    for name, message in _messages(files):
        yield from ((f"{name}.{enum.name}", enum) for enum in message.enum_type)


def _message_breaks(name: str, old: DescriptorProto, new: DescriptorProto) -> Iterator[str]:
    new_fields = {field.number: field for field in new.field}
    for field in old.field:
        if field.number not in new_fields:
            yield f"{name}.{field.name} = {field.number} was removed"
            continue
        before, after = _meaning(old, field), _meaning(new, new_fields[field.number])
        for aspect, was in before.items():
            if after[aspect] != was:
                yield f"{name}.{field.name}: {aspect} was {was!r}, is {after[aspect]!r}"
    yield from _reservation_breaks(name, old, new)


def _meaning(message: DescriptorProto, field: FieldDescriptorProto) -> dict[str, str]:
    """Give what a reader relies on; the name and JSON name count, for JSON is served too."""
    inside = message.oneof_decl[field.oneof_index].name if field.HasField("oneof_index") else ""
    return {
        "name": field.name,
        "json name": field.json_name,
        "type": FieldDescriptorProto.Type.Name(field.type),
        "type name": field.type_name,
        "label": FieldDescriptorProto.Label.Name(field.label),
        "oneof": inside,
    }


def _enum_breaks(name: str, old: EnumDescriptorProto, new: EnumDescriptorProto) -> Iterator[str]:
    new_names = {value.number: value.name for value in new.value}
    for value in old.value:
        if value.number not in new_names:
            yield f"{name}.{value.name} = {value.number} was removed"
        elif new_names[value.number] != value.name:
            yield f"{name}.{value.name}: name was {value.name!r}, is {new_names[value.number]!r}"
    yield from _reservation_breaks(name, old, new)


def _reservation_breaks(
    name: str,
    old: DescriptorProto | EnumDescriptorProto,
    new: DescriptorProto | EnumDescriptorProto,
) -> Iterator[str]:
    kept = [(span.start, span.end) for span in new.reserved_range]
    for span in old.reserved_range:
        if not any(start <= span.start and span.end <= end for start, end in kept):
            yield f"{name}: numbers {span.start} to {span.end} are no longer reserved"
    for reserved in sorted(set(old.reserved_name) - set(new.reserved_name)):
        yield f"{name}: {reserved!r} is no longer reserved"
