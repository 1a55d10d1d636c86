"""Files of a hospital, told apart by what is in them.

A file's name may name a person: none is ever repeated.
"""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from epione.errors import MalformedEvent
from epione_cli.patients import Kind

GZIP_MAGIC = b"\x1f\x8b"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message. A genome stays compressed as it is: its checksum is of the file."""

    kind: Kind
    content: bytes


def parcels_in(path: Path) -> Iterator[Parcel]:
    """Give the messages of a file, or of the files of a folder in the order of their names.

    Raises:
        MalformedEvent: A file is not there, or is neither FHIR JSON, HL7 v2 nor VCF.
    """
    files = sorted(each for each in path.iterdir() if each.is_file()) if path.is_dir() else [path]
    if not files:
        raise MalformedEvent("the folder holds no file")
    for number, file in enumerate(files, 1):
        place = f"file {number} of {len(files)}"
        try:
            content = file.read_bytes()
        except OSError as fault:
            raise MalformedEvent(f"{place}: {fault.strerror}") from None
        yield from _parcels_of(content, place)


def _parcels_of(content: bytes, place: str) -> Iterator[Parcel]:
    text = _plain(content, place).removeprefix(BYTE_ORDER_MARK).lstrip()
    if text.startswith(b"##fileformat=VCF"):
        yield Parcel(Kind.GENOME, content)
    elif text.startswith((b"MSH", b"FHS", b"BHS")):
        yield from (Parcel(Kind.HL7V2, message) for message in _messages(text))
    elif text.startswith(b"{"):
        yield from (Parcel(Kind.FHIR, resource) for resource in _resources(text, place))
    else:
        raise MalformedEvent(f"{place} is neither FHIR JSON, HL7 v2 nor VCF")


def _plain(content: bytes, place: str) -> bytes:
    if not content.startswith(GZIP_MAGIC):
        return content
    try:
        return gzip.decompress(content)
    except (OSError, EOFError) as fault:
        raise MalformedEvent(f"{place}: broken gzip: {fault}") from None


def _messages(text: bytes) -> Iterator[bytes]:
    """Give each HL7 v2 message of a file, which may wrap them in a batch."""
    lines = text.replace(b"\r\n", b"\r").replace(b"\n", b"\r").split(b"\r")
    message: list[bytes] = []
    for line in lines:
        if line[:3] in (b"FHS", b"BHS", b"BTS", b"FTS") or not line.strip():
            continue
        if line.startswith(b"MSH") and message:
            yield b"\r".join(message) + b"\r"
            message = []
        message.append(line)
    yield b"\r".join(message) + b"\r"


def _resources(text: bytes, place: str) -> Iterator[bytes]:
    """Give the resource of a JSON file, or each line's of newline-delimited JSON."""
    if _is_json(text):
        yield text
        return
    lines = [line for line in text.splitlines() if line.strip()]
    if not all(map(_is_json, lines)):
        raise MalformedEvent(f"{place} is not JSON")
    yield from lines


def _is_json(text: bytes) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
