import pytest

from epione.errors import MalformedEvent
from epione_ingestion.hl7v2.er7 import Segment, parsed_er7

HEADER = b"MSH|^~\\&|APP|FAC|||20260301||ORU^R01|1|P|2.5.1"


def segment(line: str, header: bytes = HEADER) -> Segment:
    return parsed_er7(header + b"\r" + line.encode())[1]


def test_segments_are_numbered_by_name() -> None:
    segments = parsed_er7(HEADER + b"\rPID|1\rOBX|1\rOBX|2\r")

    assert [each.place for each in segments] == ["MSH[1]", "PID[1]", "OBX[1]", "OBX[2]"]


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\r\r\n"])
def test_any_line_end_parts_segments(end: bytes) -> None:
    assert len(parsed_er7(HEADER + end + b"PID|1" + end)) == 2


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(b"\x0b" + HEADER + b"\r\x1c\r", id="in MLLP's frame"),
        pytest.param(b"\xef\xbb\xbf" + HEADER, id="after a byte order mark"),
        pytest.param(b"\r\n" + HEADER, id="after an empty line"),
    ],
)
def test_what_stands_around_a_message_is_no_fault(value: bytes) -> None:
    assert parsed_er7(value)[0].text(9, 2) == "R01"


def test_the_header_s_first_field_is_the_separator() -> None:
    header = parsed_er7(HEADER)[0]

    assert (header.text(1), header.text(3), header.text(12)) == ("|", "APP", "2.5.1")


def test_a_message_may_choose_its_own_delimiters() -> None:
    parsed = segment("OBX#1*2%3*4", b"MSH#*!~%#APP#FAC")

    assert parsed.text(1, 2) == "2"
    assert parsed.first(1).text(2, 2) == "3"


def test_repetitions_components_and_subcomponents_are_counted_from_one() -> None:
    parsed = segment("PID|1||A^B&C~D")

    first, second = parsed.repetitions(3)
    assert [first.text(1), first.text(2), first.text(2, 2), second.text()] == ["A", "B", "C", "D"]


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        (r"A\F\B", "A|B"),
        (r"A\S\B", "A^B"),
        (r"A\T\B", "A&B"),
        (r"A\R\B", "A~B"),
        (r"A\E\B", r"A\B"),
        (r"A\.br\B", "A\nB"),
        (r"A\X4142\B", "AABB"),
        (r"A\H\B\N\C", "ABC"),
        (r"A\E", r"A\E"),
    ],
)
def test_escapes_stand_for_what_they_mean(sent: str, meant: str) -> None:
    assert segment(f"OBX|{sent}").text(1) == meant


def test_what_is_absent_or_null_is_empty() -> None:
    parsed = segment('PID|""|')

    assert [parsed.text(1), parsed.text(2), parsed.text(9), parsed.text(1, 5)] == [""] * 4
    assert not parsed.first(1)


@pytest.mark.parametrize(
    ("named", "value"),
    [
        (b"", "Zoë".encode()),
        (b"UNICODE UTF-8", "Zoë".encode()),
        (b"UTF-8~UNICODE", "Zoë".encode()),
        (b"8859/1", "Zoë".encode("latin-1")),
        (b"8859/15", "Zoë".encode("iso8859-15")),
    ],
)
def test_the_encoding_is_the_one_that_the_header_names(named: bytes, value: bytes) -> None:
    header = HEADER + b"|" * 6 + named

    assert parsed_er7(header + b"\rPID|" + value)[1].text(1) == "Zoë"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        pytest.param(b"", "starts with MSH", id="nothing"),
        pytest.param(b"MSH", "starts with MSH", id="cut off"),
        pytest.param(b"PID|1\r" + HEADER, "starts with MSH", id="no header first"),
        pytest.param(b"FHS|^~\\&|\r" + HEADER, "starts with MSH", id="a batch of files"),
        pytest.param(b"MSH|^~\\\\&|APP", "five different signs", id="one sign twice"),
        pytest.param(b"MSHA^~\\&AAPP", "five different signs", id="a letter"),
        pytest.param(HEADER + b"\r" + HEADER, "more than one MSH", id="two messages"),
        pytest.param(HEADER + b"\rMr Cole", "no segment's name", id="a line of text"),
        pytest.param(HEADER + b"\rPID|\xff", "not in utf-8", id="another encoding than it says"),
        pytest.param(HEADER + b"||||||EBCDIC", "MSH-18", id="an encoding not known"),
    ],
)
def test_what_is_no_message_is_refused(value: bytes, reason: str) -> None:
    with pytest.raises(MalformedEvent, match=reason) as refusal:
        parsed_er7(value)

    assert "Cole" not in str(refusal.value)
