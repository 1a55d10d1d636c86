"""Calls of another caller, from a hospital's topic to the plan: every step but the broker."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest
from tests.unit.inference.stream import Answers, recorded
from tests.unit.ingestion.given import KEYS, MRN, PATIENT, RULES, on_topic, record
from tests.unit.timeline.records import event, order

from epione.genomes import Allowed
from epione.medicine.pharmacogenomics import Guidelines, gene_of
from epione.medicine.recommendation import Plan, Recommendation
from epione.messaging import Message, Record, topics
from epione.timeline import PatientEvent
from epione.wire import event_from_wire, plan_from_wire
from epione_genomics.answering import answer_by
from epione_inference.handler import Inference
from epione_inference.messages import told_message
from epione_inference.single import plans_of
from epione_ingestion import translate

NAMED = {"ce_patientassigner": MRN, "ce_patientidentifier": "12345", "ce_sample": "COLE_VITO"}
CYRIUS = "Sample\tGenotype\tFilter\nCOLE_VITO\t*4/*4\tPASS\n"
PANEL = "# caller: Panel\nCYP2C19\t{}\n"
CYP2C19 = gene_of("CYP2C19")
VCF = (
    "##fileformat=VCFv4.2\n##reference=hg38\n"
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tCOLE_VITO\n"
) + "".join(
    f"chr10\t{p}\t.\t{at.ref}\t{at.alts[0]}\t.\tPASS\t.\tGT\t0/0\n"
    for p, at in sorted(CYP2C19.positions.items())
)
CODEINE, CLOPIDOGREL = ("2670", "codeine"), ("32968", "clopidogrel")
ABACAVIR = ("190521", "abacavir")
PAROXETINE = ("32937", "paroxetine")


def arriving(text: str, offset: int = 0, **headers: str) -> Record:
    kind = "text/x-vcf" if text.startswith("##fileformat") else "text/tab-separated-values"
    sent = {"content-type": kind, **NAMED, **headers}
    return record(topics.HOSPITAL_GENOME.name, text.encode(), offset, sent)


def through_genomics(raw: Record) -> Message:
    """Take a hospital's message through ingestion and genomics, to its patient's log."""
    (sample,) = on_topic(translate(raw, RULES).messages, topics.GENOME_SAMPLES)
    (message,) = answer_by(KEYS, Allowed())(recorded(sample, 0))
    return message


def ordered(drug: tuple[str, str]) -> PatientEvent:
    return replace(event(order(*drug), drug[1]), patient=PATIENT, origin="")


def plan_after(raw: Sequence[Record], *drugs: tuple[str, str]) -> Plan:
    messages = [*map(through_genomics, raw), *(told_message(ordered(drug)) for drug in drugs)]
    log = [recorded(message, offset) for offset, message in enumerate(messages)]
    plans = asyncio.run(plans_of(log, Inference(Answers(), Guidelines(), epoch=1)))
    return plan_from_wire(plans[f"north/{PATIENT}"])[0]


def advice(plan: Plan, drug: str) -> Recommendation:
    (found,) = (each for each in plan.recommendations if each.key == f"drug/{drug}/CPIC")
    return found


def test_a_plan_advises_on_what_another_caller_called_and_names_it() -> None:
    found = advice(plan_after([arriving(CYRIUS)], CODEINE), "codeine")

    assert found.action.startswith("Avoid codeine: it may not relieve pain.")
    assert found.reasons[0].text == (
        "CYP2D6 *4/*4, called by Cyrius: Poor Metabolizer, activity score 0.0"
    )
    assert found.reasons[0].event_ids == ("hospital.genome.v1/0/0/0",)


def test_beside_an_inhibitor_a_plan_advises_on_what_another_callers_call_counts_as() -> None:
    normal = CYRIUS.replace("*4/*4", "*1/*1")

    found = advice(plan_after([arriving(normal)], CODEINE, PAROXETINE), "codeine")

    assert found.action.startswith("Avoid codeine: it may not relieve pain.")
    assert any("CYP2D6 counts as Poor Metabolizer" in reason.text for reason in found.reasons)


def test_no_name_of_a_sample_reaches_the_log() -> None:
    (sample,) = on_topic(translate(arriving(CYRIUS), RULES).messages, topics.GENOME_SAMPLES)

    assert b"COLE" not in sample.value
    assert b"COLE" not in through_genomics(arriving(CYRIUS)).value


def test_a_later_file_of_the_same_caller_takes_the_place_of_the_earlier() -> None:
    corrected = CYRIUS.replace("*4/*4", "*1/*1")

    found = advice(plan_after([arriving(CYRIUS, 1), arriving(corrected, 2)], CODEINE), "codeine")

    assert found.action.startswith("Give codeine at the dose that its label asks for")


def test_calls_filed_under_the_wrong_patient_are_taken_back() -> None:
    withdrawn = arriving(CYRIUS, 2, ce_status="entered-in-error")
    panel = arriving(PANEL.format("*2/*2"), 3)

    plan = plan_after([arriving(CYRIUS, 1), withdrawn, panel], CODEINE, CLOPIDOGREL)

    assert not any("Cyrius" in r.text for each in plan.recommendations for r in each.reasons)
    assert not any(each.key == "drug/codeine/CPIC" for each in plan.recommendations)
    assert any("CYP2C19 *2/*2" in r.text for each in plan.recommendations for r in each.reasons)


def test_files_of_one_gene_each_stand_beside_each_other() -> None:
    raw = [
        arriving("# gene: CYP2D6\nCOLE_VITO\t*4/*4\n", 1),
        arriving("# gene: CYP2C19\nCOLE_VITO\t*2/*2\n", 2),
    ]

    plan = plan_after(raw, CODEINE, CLOPIDOGREL)

    assert advice(plan, "codeine").reasons[0].text.startswith("CYP2D6 *4/*4, called by StellarPGx")
    assert any("CYP2C19 *2/*2" in r.text for each in plan.recommendations for r in each.reasons)


def test_calls_leave_the_genome_of_the_same_sample_in_place() -> None:
    """A VCF and a file of calls are two facts, though both name the same sample."""
    events = [
        event_from_wire(through_genomics(raw).value)
        for raw in (arriving(VCF), arriving(CYRIUS, 1), arriving(PANEL.format("*1/*1"), 2))
    ]

    assert len({each.entity_id for each in events}) == 3


@pytest.mark.parametrize("turned", [False, True], ids=["genome first", "caller first"])
def test_a_genome_and_a_caller_that_disagree_are_both_told_and_nothing_is_chosen(
    turned: bool,
) -> None:
    raw = [arriving(VCF, 1), arriving(PANEL.format("*2/*2"), 2)]

    plan = plan_after(raw[::-1] if turned else raw, CLOPIDOGREL)
    found = [each for each in plan.recommendations if each.key.startswith("drug/clopidogrel")]
    (test,) = (each for each in plan.recommendations if each.key == "test/gene/CYP2C19")

    texts = [reason.text for reason in found[0].reasons]
    assert all("It depends on which result is true" in each.action for each in found)
    assert "the VCF calls CYP2C19 *38/*38: Normal Metabolizer" in texts
    assert "Panel calls CYP2C19 *2/*2: Poor Metabolizer" in texts
    assert len(found[0].reasons[0].event_ids) == 2
    assert test.reasons[0].text == "two callers disagree on CYP2C19"


def test_two_callers_that_disagree_on_an_hla_allele_ask_for_a_test() -> None:
    lines = ("LabA\nHLA-B\t*57:01/*07:02", "LabB\nHLA-B\t\t*57:01 negative")
    raw = [arriving(f"# caller: {line}\n", n) for n, line in enumerate(lines)]

    plan = plan_after(raw, ABACAVIR)
    found = advice(plan, "abacavir")
    (test,) = (each for each in plan.recommendations if each.key == "test/gene/HLA-B")

    assert "It depends on which result is true" in found.action
    assert test.reasons[0].text == "two callers disagree on HLA-B"


def test_what_one_hla_typing_leaves_open_a_test_of_that_allele_settles() -> None:
    lines = ("LabC\nHLA-B\t*57/*07:02", "LabB\nHLA-B\t\t*57:01 negative")
    raw = [arriving(f"# caller: {line}\n", n) for n, line in enumerate(lines)]

    found = advice(plan_after(raw, ABACAVIR), "abacavir")

    assert "It depends" not in found.action
    assert found.reasons[0].text.endswith(": *57:01 negative")


def test_a_caller_that_means_the_same_is_no_dispute() -> None:
    plan = plan_after([arriving(VCF, 1), arriving(PANEL.format("*1/*1"), 2)], CLOPIDOGREL)
    found = [each for each in plan.recommendations if each.key.startswith("drug/clopidogrel")]

    assert all("It depends" not in each.action for each in found)
    assert "Panel calls CYP2C19 *1/*1: Normal Metabolizer" in [r.text for r in found[0].reasons]
