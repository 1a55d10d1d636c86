"""The reader of profiles: it takes the guide's own examples, and finds what is spoilt in them."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from tests.unit.reporting.profiles import Guide, Packet
from tests.unit.reporting.reports import Resource, resources

pytestmark = pytest.mark.reference

GENOTYPE, HAPLOTYPE = "Pgx-geno-1001", "HaplotypeExamplePharmVar02"
IMPLICATION, TASK = "TxImp01", "MedicationRecommendationExample1"
REPORT = "PGxGenomicReportEMERGE"
TBD = "http://hl7.org/fhir/uv/genomics-reporting/CodeSystem/tbd-codes-cs"

Spoil = Callable[[dict[str, Any]], object]


def test_the_guides_examples_keep_to_the_profiles_they_claim(
    guide: Guide, examples: list[Resource]
) -> None:
    standing = [each for each in examples if each["resourceType"] != "Bundle"]
    packets = [Packet(standing)]
    packets += [Packet([each]) for each in examples if each["resourceType"] == "Bundle"]

    found = [
        (each.get("id"), fault)
        for packet in packets
        for each in (resources(packet.resources[0]) if packet is not packets[0] else standing)
        for profile in guide.claims(each)
        for fault in guide.faults(each, profile, packet.resolve)
    ]

    assert found == []


@pytest.mark.parametrize(
    ("name", "spoil", "fault"),
    [
        pytest.param(
            GENOTYPE, lambda r: r["category"].pop(0), "labCategory: 0", id="not laboratory"
        ),
        pytest.param(GENOTYPE, lambda r: r["category"].pop(1), "geCategory: 0", id="not genetics"),
        pytest.param(
            GENOTYPE,
            lambda r: r["category"][1]["coding"][0].update(code="CH"),
            "geCategory: 0",
            id="wrong category",
        ),
        pytest.param(
            GENOTYPE,
            lambda r: r["category"].append(r["category"][0]),
            "labCategory: 2 of 1",
            id="a category twice",
        ),
        pytest.param(
            GENOTYPE,
            lambda r: r["category"][0]["coding"].append(
                {"system": "http://x.example", "code": "x"}
            ),
            "coding: 2 of 1",
            id="a second coding of a category",
        ),
        pytest.param(
            GENOTYPE,
            lambda r: r["code"]["coding"][0].update(code="84414-2"),
            "code: is not",
            id="a haplotype's code",
        ),
        pytest.param(
            GENOTYPE, lambda r: r.pop("valueCodeableConcept"), "value[x]: 0", id="no genotype"
        ),
        pytest.param(
            GENOTYPE,
            lambda r: r.update(valueString=r.pop("valueCodeableConcept")["coding"][0]["display"]),
            "is a string",
            id="a genotype as text",
        ),
        pytest.param(
            GENOTYPE,
            lambda r: r["component"][0].pop("valueCodeableConcept"),
            "gene-studied.value[x]: 0",
            id="a gene without a name",
        ),
        pytest.param(
            HAPLOTYPE,
            lambda r: r["code"]["coding"][0].update(code="84413-4"),
            "code: is not",
            id="a genotype's code",
        ),
        pytest.param(
            HAPLOTYPE, lambda r: r.pop("valueCodeableConcept"), "value[x]: 0", id="no haplotype"
        ),
        pytest.param(
            IMPLICATION, lambda r: r.pop("derivedFrom"), "derivedFrom: 0", id="derived from nothing"
        ),
        pytest.param(
            IMPLICATION,
            lambda r: r.update(valueString="poor"),
            "value[x]: 1 of 0",
            id="a value of its own",
        ),
        pytest.param(
            IMPLICATION,
            lambda r: r["component"][0].pop("valueCodeableConcept"),
            "medication-assessed.value[x]: 0",
            id="a nameless medicine",
        ),
        pytest.param(
            IMPLICATION,
            lambda r: r["component"][1].update(
                {"valueString": r["component"][1].pop("valueCodeableConcept")["coding"][0]["code"]}
            ),
            "is a string",
            id="a phenotype as text",
        ),
        pytest.param(
            IMPLICATION,
            lambda r: r["component"].append(r["component"][2]),
            "conclusion-string: 2 of 1",
            id="two conclusions",
        ),
        pytest.param(
            IMPLICATION,
            lambda r: r["component"].append(
                {"code": {"coding": [{"system": TBD, "code": "knowledge-base"}]}}
            ),
            "knowledge-base.value[x]: 0",
            id="a knowledge base without a name",
        ),
        pytest.param(
            TASK, lambda r: r.update(status="draft"), 'status: is not "requested"', id="a draft"
        ),
        pytest.param(
            TASK, lambda r: r.update(intent="order"), 'intent: is not "proposal"', id="an order"
        ),
        pytest.param(
            TASK,
            lambda r: r["code"]["coding"][0].update(code="LA9657-3"),
            "has no code of LL4049-4",
            id="a phenotype for a suggestion",
        ),
        pytest.param(
            TASK,
            lambda r: r["reasonReference"].update(reference="Observation/Pgx-geno-1001"),
            "refers to none of therapeutic-implication",
            id="because of a genotype",
        ),
        pytest.param(REPORT, lambda r: r.pop("category"), "Genetics: 0", id="not of genetics"),
        pytest.param(
            REPORT,
            lambda r: r["code"].update(coding=[r["code"]["coding"][1]]),
            "code: is not",
            id="another report",
        ),
        pytest.param(
            REPORT,
            lambda r: r.update(
                effectivePeriod={"start": r.pop("effectiveDateTime")},
            ),
            "is a Period",
            id="effective for a period",
        ),
        pytest.param(
            REPORT,
            lambda r: r["extension"][1]["valueReference"].update(reference="Observation/TxImp01"),
            "refers to none of medication-recommendation, followup-recommendation",
            id="an observation for an action",
        ),
    ],
)
def test_what_a_profile_refuses_is_found(
    name: str, spoil: Spoil, fault: str, guide: Guide, examples: list[Resource]
) -> None:
    packet = Packet(examples)
    (good,) = [each for each in examples if each.get("id") == name]
    (profile,) = guide.claims(good)
    bad = copy.deepcopy(dict(good))
    spoil(bad)

    found = list(guide.faults(bad, profile, packet.resolve))

    assert any(fault in each for each in found), found
