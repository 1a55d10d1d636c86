import pytest

from epione.errors import UnknownPatient
from epione.identity import Assigners, Identifier, MedicalRecord, medical_record

SSN = Identifier("SS", "http://hl7.org/fhir/sid/us-ssn", "999-36-7968")


@pytest.mark.parametrize(
    ("identifiers", "number"),
    [
        pytest.param([Identifier("MR", "A", "1")], "1", id="the only one"),
        pytest.param([Identifier("", "A", "2"), Identifier("MR", "A", "1")], "1", id="MR first"),
        pytest.param([Identifier("PI", "A", "3"), Identifier("", "A", "2")], "3", id="then PI"),
        pytest.param([Identifier("", "A", "2"), SSN], "2", id="then one without a type"),
        pytest.param([Identifier("MRN", "A", "1")], "1", id="MRN is an old word for MR"),
        pytest.param([Identifier("MR", "A", "1")] * 2, "1", id="said twice"),
        pytest.param([Identifier("MR", "A", ""), Identifier("PI", "A", "3")], "3", id="empty MR"),
    ],
)
def test_the_medical_record_number_is_chosen_by_type(
    identifiers: list[Identifier], number: str
) -> None:
    assert medical_record(identifiers, Assigners()) == MedicalRecord("A", number)


@pytest.mark.parametrize(
    "identifiers",
    [
        pytest.param([], id="none at all"),
        pytest.param([SSN], id="by type SS"),
        pytest.param([Identifier("", "urn:oid:2.16.840.1.113883.4.1", "1")], id="by the SSN's OID"),
        pytest.param([Identifier("", "A", "999-36-7968")], id="by its shape"),
        pytest.param([SSN, Identifier("MR", "A", "999367968")], id="the same digits as an MR"),
        pytest.param([Identifier("DL", "A", "S99947620")], id="a driver's licence"),
    ],
)
def test_a_patient_is_never_known_by_a_social_security_number_or_licence(
    identifiers: list[Identifier],
) -> None:
    with pytest.raises(UnknownPatient):
        medical_record(identifiers, Assigners())


def test_contradicting_numbers_are_refused() -> None:
    with pytest.raises(UnknownPatient, match="2 medical record numbers"):
        medical_record([Identifier("MR", "A", "1"), Identifier("MR", "B", "2")], Assigners())


def test_a_preferred_assigner_decides_among_several_numbers() -> None:
    identifiers = [Identifier("MR", "A", "1"), Identifier("MR", "B", "2")]

    assert medical_record(identifiers, Assigners(preferred=("X", "B"))).number == "2"


def test_synonyms_of_an_assigner_name_one_record() -> None:
    assigners = Assigners(synonyms={"MAIN": "http://hospital.example/mrn"})
    identifiers = [
        Identifier("MR", "MAIN", "1"),
        Identifier("MR", "http://hospital.example/mrn", "1"),
    ]

    assert medical_record(identifiers, assigners).assigner == "http://hospital.example/mrn"


def test_an_identifier_without_an_authority_takes_the_sender_s() -> None:
    assert medical_record([Identifier("MR", "", "1")], Assigners(), "LAB").assigner == "LAB"


def test_a_number_without_any_authority_is_refused() -> None:
    with pytest.raises(UnknownPatient, match="no assigning authority"):
        medical_record([Identifier("MR", "", "1")], Assigners())


def test_identifiers_never_show_themselves() -> None:
    shown = repr([Identifier("MR", "A", "12345"), MedicalRecord("A", "12345")])

    assert "12345" not in shown
