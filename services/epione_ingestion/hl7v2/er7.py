"""HL7 v2 messages in ER7: the text of segments, fields, components and their escapes.

Source: HL7 v2.9, chapter 2, sections 2.5 to 2.7. A reader of our own, since the libraries for
Python were last released in 2022 (`hl7`) and 2024 (`hl7apy`), and what is needed is small.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from epione.errors import MalformedEvent

START, END = b"\x0b", b"\x1c"  # MLLP's frame, where a sender leaves it on
SEGMENT_NAME = re.compile(r"[A-Z][A-Z0-9]{2}")
LINE_END = re.compile(r"\r\n|\r|\n")
NULL = '""'  # a value that the sender deletes

# HL7 table 0211, as far as it is of one byte a character, or UTF-8.
ENCODINGS = {
    "": "utf-8",
    "ASCII": "utf-8",
    "UTF-8": "utf-8",
    "UNICODE UTF-8": "utf-8",
    **{f"8859/{part}": f"iso8859-{part}" for part in (1, 2, 3, 4, 5, 6, 7, 8, 9, 15)},
}


@dataclass(frozen=True, slots=True)
class Delimiters:
    field: str
    component: str
    repetition: str
    escape: str
    subcomponent: str

    def unescaped(self, text: str) -> str:
        """Put back what escape sequences stand for; formatting commands are left out."""
        if self.escape not in text:
            return text
        escape = re.escape(self.escape)
        return re.sub(f"{escape}([^{escape}]*){escape}", self._meaning, text)

    def _meaning(self, sequence: re.Match[str]) -> str:
        body = sequence[1]
        stands_for = {
            "F": self.field,
            "S": self.component,
            "T": self.subcomponent,
            "R": self.repetition,
            "E": self.escape,
            ".br": "\n",
        }
        if re.fullmatch("X(?:[0-9A-Fa-f]{2})+", body):
            return bytes.fromhex(body[1:]).decode(errors="replace")
        return stands_for.get(body, "")


@dataclass(frozen=True, slots=True)
class Composite:
    """One repetition of a field."""

    raw: str
    delimiters: Delimiters

    def text(self, component: int = 1, subcomponent: int = 1) -> str:
        """Give a part by its number; "" where it is absent or null."""
        part = _nth(self.raw, self.delimiters.component, component)
        value = _nth(part, self.delimiters.subcomponent, subcomponent)
        return "" if value == NULL else self.delimiters.unescaped(value).strip()

    def __bool__(self) -> bool:
        return self.raw not in ("", NULL)


@dataclass(frozen=True, slots=True)
class Segment:
    name: str
    place: str  # "OBX[3]": the third OBX of the message
    fields: tuple[str, ...]  # the first is the segment's name; MSH's second the field separator
    delimiters: Delimiters

    def repetitions(self, field: int) -> list[Composite]:
        raw = self.fields[field] if field < len(self.fields) else ""
        parts = raw.split(self.delimiters.repetition) if raw else []
        return [Composite(part, self.delimiters) for part in parts]

    def first(self, field: int) -> Composite:
        """Give a field's first repetition, an empty one where the field is absent."""
        repetitions = self.repetitions(field)
        return repetitions[0] if repetitions else Composite("", self.delimiters)

    def text(self, field: int, component: int = 1) -> str:
        return self.first(field).text(component)

    def path(self, field: int) -> str:
        return f"{self.place}-{field}"


def parsed_er7(value: bytes) -> list[Segment]:
    """Split a message into its segments, MSH first.

    Raises:
        MalformedEvent: It is no HL7 v2 message, more than one, or in an encoding not known.
    """
    framed = value.strip(START + END + b"\r\n \t").removeprefix(b"\xef\xbb\xbf")
    delimiters = _delimiters_of(framed[:8].decode("latin-1"))
    text = _decoded(framed, delimiters)
    segments = list(_segments_of(text, delimiters))
    if sum(segment.name == "MSH" for segment in segments) > 1:
        raise MalformedEvent("more than one MSH: send each message by itself")
    return segments


def _delimiters_of(start: str) -> Delimiters:
    if not start.startswith("MSH") or len(start) < 8:
        raise MalformedEvent("an HL7 v2 message starts with MSH and its delimiters")
    found = start[3:8]
    if len(set(found)) != len(found) or any(each.isalnum() or each.isspace() for each in found):
        raise MalformedEvent("MSH-1 and MSH-2 must be five different signs")
    return Delimiters(*found)


def _decoded(value: bytes, delimiters: Delimiters) -> str:
    header = re.split(rb"[\r\n]", value, maxsplit=1)[0].decode("latin-1").split(delimiters.field)
    named = header[17] if len(header) > 17 else ""
    encoding = ENCODINGS.get(named.split(delimiters.repetition)[0].strip().upper())
    if encoding is None:
        raise MalformedEvent("MSH-18 names an encoding that is not read")
    try:
        return value.decode(encoding)
    except UnicodeDecodeError as fault:
        raise MalformedEvent(
            f"the message is not in {encoding}, as MSH-18 says or implies"
        ) from fault


def _segments_of(text: str, delimiters: Delimiters) -> Iterator[Segment]:
    numbers: dict[str, int] = {}
    for line in LINE_END.split(text):
        if not line.strip():
            continue
        fields = line.split(delimiters.field)
        name = fields[0].strip()
        if not SEGMENT_NAME.fullmatch(name):
            raise MalformedEvent("a line starts with no segment's name")
        numbers[name] = numbers.get(name, 0) + 1
        if name == "MSH":
            fields.insert(1, delimiters.field)
        yield Segment(name, f"{name}[{numbers[name]}]", tuple(fields), delimiters)


def _nth(text: str, delimiter: str, number: int) -> str:
    if delimiter not in text:
        return text if number == 1 else ""
    parts = text.split(delimiter, number)
    return parts[number - 1] if number <= len(parts) else ""
