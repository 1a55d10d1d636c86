"""Files of a hospital, told apart by what is in them.

A file's name may name a person: none is ever repeated.
"""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from epione.errors import MalformedEvent, UnreadableCalls
from epione.medicine.pharmacogenomics import read_outside
from epione_cli.patients import Kind

GZIP_MAGIC = b"\x1f\x8b"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
VCF = b"##fileformat=VCF"


@dataclass(frozen=True, slots=True, repr=False)
class Parcel:
    """One message; of a genome only where it is, for it may be large."""

    kind: Kind
    content: bytes
    file: Path | None = None


def parcels_in(path: Path) -> Iterator[Parcel]:
    """Give the messages of a file, or of the files of a folder in the order of their names.

    Raises:
        MalformedEvent: A file is not there, or is in none of the formats.
    """
    files = sorted(each for each in path.iterdir() if each.is_file()) if path.is_dir() else [path]
    if not files:
        raise MalformedEvent("the folder holds no file")
    for number, file in enumerate(files, 1):
        place = f"file {number} of {len(files)}"
        try:
            yield from _parcels_of(file, place)
        except (OSError, EOFError) as fault:
            reason = fault.strerror if isinstance(fault, OSError) and fault.strerror else fault
            raise MalformedEvent(f"{place}: {reason}") from None


def opened(file: Path) -> BinaryIO:
    """Open a file, unpacked where it is gzip or bgzip."""
    with file.open("rb") as raw:
        is_packed = raw.read(len(GZIP_MAGIC)) == GZIP_MAGIC
    return cast(BinaryIO, gzip.open(file)) if is_packed else file.open("rb")


def _parcels_of(file: Path, place: str) -> Iterator[Parcel]:
    with opened(file) as content:
        start = content.read(len(BYTE_ORDER_MARK + VCF)).removeprefix(BYTE_ORDER_MARK)
        if start.startswith(VCF):
            yield Parcel(Kind.GENOME, b"", file)
            return
        text = (start + content.read()).lstrip()
    if text.startswith((b"MSH", b"FHS", b"BHS")):
        yield from (Parcel(Kind.HL7V2, message) for message in _messages(text))
    elif text.startswith(b"{"):
        yield from (Parcel(Kind.FHIR, resource) for resource in _resources(text, place))
    else:
        _check_calls(text, place)
        yield Parcel(Kind.OUTSIDE_CALLS, text)


def _check_calls(text: bytes, place: str) -> None:
    """Refuse what is in no form of calls, or says no caller: it is nothing that is known."""
    unknown = f"{place} is neither FHIR JSON, HL7 v2, VCF nor calls of a caller"
    try:
        file = read_outside(text.decode())
    except UnicodeDecodeError:
        raise MalformedEvent(unknown) from None
    except UnreadableCalls as fault:
        raise MalformedEvent(f"{unknown} ({fault})") from None
    if not file.caller:
        raise MalformedEvent(f"{unknown} (these say who made them, by a line '# caller: NAME')")


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
