"""The checker itself: it must catch each kind of break, and let what is safe pass."""

from pathlib import Path

import pytest
from tests.contract.compatibility import breaks
from tests.contract.protoc import descriptors_of

RELEASED = """
syntax = "proto3";
package sample.v1;

message Visit {
  reserved 8, 10 to 12;
  reserved "nickname";
  string place = 1;
  repeated string reasons = 2;
  Kind kind = 3;
  oneof outcome {
    int32 score = 4;
    string verdict = 5;
  }
  Room room = 6;

  message Room {}
  message Unused {}
  enum Kind {
    KIND_UNSPECIFIED = 0;
    KIND_PLANNED = 1;
  }
}

enum Colour {
  reserved 7;
  COLOUR_UNSPECIFIED = 0;
  COLOUR_RED = 1;
}
"""


def breaks_of(folder: Path, was: str, becomes: str) -> list[str]:
    sets = []
    for name, text in {"old": RELEASED, "new": RELEASED.replace(was, becomes, 1)}.items():
        (folder / name).mkdir()
        (folder / name / "sample.proto").write_text(text)
        sets.append(descriptors_of(folder / name))
    return breaks(*sets)


@pytest.mark.parametrize(
    ("was", "becomes", "found"),
    [
        pytest.param(
            "string place = 1;", "", "sample.v1.Visit.place = 1 was removed", id="field removed"
        ),
        pytest.param(
            "string place = 1;",
            "string place = 9;",
            "sample.v1.Visit.place = 1 was removed",
            id="field renumbered",
        ),
        pytest.param(
            "string place = 1;",
            "bytes place = 1;",
            "sample.v1.Visit.place: type was 'TYPE_STRING', is 'TYPE_BYTES'",
            id="field retyped",
        ),
        pytest.param(
            "Room room = 6;",
            "Visit room = 6;",
            "sample.v1.Visit.room: type name was '.sample.v1.Visit.Room', is '.sample.v1.Visit'",
            id="field of another message",
        ),
        pytest.param(
            "string place = 1;",
            "string site = 1;",
            "sample.v1.Visit.place: name was 'place', is 'site'",
            id="field renamed",
        ),
        pytest.param(
            "string place = 1;",
            'string place = 1 [json_name = "site"];',
            "sample.v1.Visit.place: json name was 'place', is 'site'",
            id="field renamed in JSON alone",
        ),
        pytest.param(
            "repeated string reasons = 2;",
            "string reasons = 2;",
            "sample.v1.Visit.reasons: label was 'LABEL_REPEATED', is 'LABEL_OPTIONAL'",
            id="label changed",
        ),
        pytest.param(
            "oneof outcome {\n    int32 score = 4;",
            "int32 score = 4;\n  oneof outcome {",
            "sample.v1.Visit.score: oneof was 'outcome', is ''",
            id="field taken out of its oneof",
        ),
        pytest.param(
            "message Unused {}",
            "",
            "sample.v1.Visit.Unused was removed",
            id="message removed",
        ),
        pytest.param(
            "package sample.v1;",
            "package sample.v2;",
            "sample.v1.Visit was removed",
            id="package renamed",
        ),
        pytest.param(
            "KIND_PLANNED = 1;",
            "",
            "sample.v1.Visit.Kind.KIND_PLANNED = 1 was removed",
            id="enum value removed",
        ),
        pytest.param(
            "COLOUR_RED = 1;",
            "COLOUR_BLUE = 1;",
            "sample.v1.Colour.COLOUR_RED: name was 'COLOUR_RED', is 'COLOUR_BLUE'",
            id="enum value renamed",
        ),
        pytest.param(
            "reserved 8, 10 to 12;",
            "reserved 8, 11 to 12;",
            "sample.v1.Visit: numbers 10 to 13 are no longer reserved",
            id="reserved number free again",
        ),
        pytest.param(
            'reserved "nickname";',
            "",
            "sample.v1.Visit: 'nickname' is no longer reserved",
            id="reserved name free again",
        ),
        pytest.param(
            "reserved 7;",
            "",
            "sample.v1.Colour: numbers 7 to 7 are no longer reserved",
            id="reserved enum number free again",
        ),
    ],
)
def test_a_break_is_named(tmp_path: Path, was: str, becomes: str, found: str) -> None:
    assert found in breaks_of(tmp_path, was, becomes)


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        pytest.param("", "", id="nothing changed"),
        pytest.param("string place = 1;", "string place = 1; string city = 7;", id="new field"),
        pytest.param("COLOUR_RED = 1;", "COLOUR_RED = 1; COLOUR_BLUE = 2;", id="new enum value"),
        pytest.param("enum Colour", "message Other {}\nenum Colour", id="new message"),
        pytest.param("reserved 8, 10 to 12;", "reserved 8, 9, 10 to 14;", id="more is reserved"),
        pytest.param("message Visit", "// A visit.\nmessage Visit", id="comment"),
    ],
)
def test_what_only_adds_is_safe(tmp_path: Path, was: str, becomes: str) -> None:
    assert breaks_of(tmp_path, was, becomes) == []
