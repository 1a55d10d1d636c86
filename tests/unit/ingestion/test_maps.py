import json
from pathlib import Path

import pytest

from epione.errors import Misconfigured
from epione.timeline import LOINC, RXNORM, Code
from epione_ingestion import CodeMap, read_maps


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


def concept_map(*targets: dict[str, str], **elements: object) -> str:
    element = {"code": "CHOL", "target": list(targets)}
    group = {"source": "urn:id:L", "target": LOINC, "element": [element]}
    return json.dumps({"resourceType": "ConceptMap", "group": [group], **elements})


def test_a_csv_maps_codes_with_and_without_a_heading(tmp_path: Path) -> None:
    with_heading = written(
        tmp_path, "a.csv", f"system,code,system,code\nurn:id:L,CHOL,{LOINC},2093-3\n"
    )
    without = written(tmp_path, "b.csv", f'"",ASA,{RXNORM},1191\n\n')

    maps = read_maps([with_heading, without])

    assert maps.target_of(Code("urn:id:L", "CHOL")) == Code(LOINC, "2093-3")
    assert maps.target_of(Code("", "ASA")) == Code(RXNORM, "1191")
    assert maps.target_of(Code("", "CHOL")) is None


def test_a_concept_map_maps_what_is_equivalent_or_wider(tmp_path: Path) -> None:
    text = concept_map(
        {"code": "1-8", "equivalence": "narrower"}, {"code": "2093-3", "equivalence": "equivalent"}
    )

    maps = read_maps([written(tmp_path, "map.json", text)])

    assert maps.targets == {("urn:id:L", "CHOL"): Code(LOINC, "2093-3")}


def test_a_target_that_is_narrower_or_unmatched_maps_nothing(tmp_path: Path) -> None:
    text = concept_map({"code": "1-8", "equivalence": "narrower"}, {"equivalence": "unmatched"})

    assert read_maps([written(tmp_path, "map.json", text)]) == CodeMap({})


def test_the_later_file_counts(tmp_path: Path) -> None:
    first = written(tmp_path, "1.csv", f"L,CHOL,{LOINC},1-8\n")
    second = written(tmp_path, "2.csv", f"L,CHOL,{LOINC},2093-3\n")

    assert read_maps([first, second]).target_of(Code("L", "CHOL")) == Code(LOINC, "2093-3")


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        pytest.param("a.csv", "L,CHOL,2093-3\n", "a.csv: line 1", id="three columns"),
        pytest.param("a.csv", "L,CHOL,,2093-3\n", "a.csv: line 1", id="no target system"),
        pytest.param("a.json", "[]", "not a JSON object", id="no object"),
        pytest.param("a.json", '{"resourceType": "Patient"}', "not a ConceptMap", id="no map"),
    ],
)
def test_a_file_that_is_no_map_stops_the_start(
    tmp_path: Path, name: str, text: str, reason: str
) -> None:
    with pytest.raises(Misconfigured, match=reason):
        read_maps([written(tmp_path, name, text)])


def test_an_absent_file_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"map absent\.csv"):
        read_maps([tmp_path / "absent.csv"])
