"""Which genes may be used: called ones first, and none that may be another's."""

from itertools import permutations

import pytest
from tests.unit.timeline.records import DAY, START, consent, event, person

from epione.timeline import Body, Gender, GeneCall, GenomicFeatures, PatientEvent
from epione.timeline.genome import Genome, genome_of
from epione.timeline.history import history_of
from epione.timeline.timeline import Timeline, fold

NORMAL = GeneCall("CYP2C19", "*1/*1", ("*1/*1",), ("Normal Metabolizer",))
POOR = GeneCall("CYP2C19", "*2/*2", ("*2/*2",), ("Poor Metabolizer",))
NO_CALL = GeneCall("CYP2C19", None, no_call_reason="positions are missing")
COMPONENTS = GeneCall("DPYD", None, component_haplotypes=("c.1905+1G>A",))


def genome(*calls: GeneCall, observed_sex: str = "") -> Body:
    return GenomicFeatures("0" * 64, "GRCh38", "2024-04", calls, observed_sex)


def read(*events: PatientEvent) -> Genome:
    return genome_of(history_of(fold(Timeline("north", "p-1"), events), START + 100 * DAY))


def test_a_call_comes_with_the_message_that_brought_it() -> None:
    brought = event(genome(NORMAL))

    assert read(brought).calls["CYP2C19"].event_id == brought.delivery_id


@pytest.mark.parametrize(
    ("gender", "observed_sex", "is_held"),
    [
        pytest.param(Gender.MALE, "XX", True, id="male chart, XX genome"),
        pytest.param(Gender.FEMALE, "XY", True, id="female chart, XY genome"),
        pytest.param(Gender.MALE, "XY", False, id="male chart, XY genome"),
        pytest.param(Gender.FEMALE, "XX", False, id="female chart, XX genome"),
        pytest.param(Gender.MALE, "", False, id="the genome does not tell"),
        pytest.param(Gender.UNKNOWN, "XX", False, id="the chart does not tell"),
        pytest.param(Gender.OTHER, "XX", False, id="the chart says other"),
    ],
)
def test_a_genome_of_the_other_sex_is_held(
    gender: Gender, observed_sex: str, is_held: bool
) -> None:
    found = read(
        event(person(gender=gender), "who"),
        event(genome(NORMAL, observed_sex=observed_sex), "genome"),
    )

    assert bool(found.holds) is is_held
    assert bool(found.calls) is not is_held


def test_nothing_is_read_where_consent_to_genomics_is_denied() -> None:
    found = read(event(genome(NORMAL)), event(consent("genomics", permitted=False), "consent"))

    assert not found.calls
    assert "consent" in found.holds[0]


def test_a_denial_holds_nothing_where_there_is_no_genome() -> None:
    assert read(event(consent("genomics", permitted=False))) == Genome()


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["called first", "uncalled first"])
def test_a_called_gene_counts_before_one_that_is_not_called(order: tuple[int, int]) -> None:
    first, second = (
        event(genome((NORMAL, NO_CALL)[n]), f"g{n}", day=i) for i, n in enumerate(order)
    )

    assert read(first, second).calls["CYP2C19"].value == NORMAL


def test_genomes_that_disagree_leave_the_gene_out() -> None:
    found = read(event(genome(NORMAL, COMPONENTS), "g1"), event(genome(POOR, COMPONENTS), "g2"))

    assert set(found.calls) == {"DPYD"}
    assert found.holds == ("CYP2C19 is held: two genomes disagree on it",)


def test_genomes_that_agree_leave_the_later_one() -> None:
    found = read(event(genome(POOR), "g1", day=1), event(genome(POOR), "g2", day=2))

    assert found.calls["CYP2C19"].event_id == "g2@1"
    assert found.holds == ()


CYRIUS = GeneCall("CYP2D6", "*4/*4", ("*4/*4",), ("Poor",), (0.0,), ("0.0",), caller="Cyrius")
PANEL = GeneCall("CYP2C19", "*2/*2", ("*2/*2",), ("Poor",), (), ("Poor",), caller="Panel")
KEYED = GeneCall("CYP2C19", "*1/*1", ("*1/*1",), ("Normal",), (), ("Normal",))


def test_another_callers_gene_stands_beside_those_of_a_genome() -> None:
    found = read(event(genome(NORMAL), "g1"), event(genome(CYRIUS), "c1"))

    assert [call.gene for call in found.gene_calls] == ["CYP2C19", "CYP2D6"]
    assert found.events_of("CYP2D6") == ("c1@1",)
    assert found.events_of("HLA-B") == ()


@pytest.mark.parametrize("days", [(1, 2), (2, 1)], ids=["genome first", "caller first"])
def test_another_caller_may_dispute_a_genome_and_both_messages_are_named(
    days: tuple[int, int],
) -> None:
    found = read(event(genome(KEYED), "g1", day=days[0]), event(genome(PANEL), "c1", day=days[1]))

    assert found.calls["CYP2C19"].value.disputed
    assert set(found.events_of("CYP2C19")) == {"g1@1", "c1@1"}
    assert found.holds == ()


def test_a_gene_that_is_held_stays_held_whatever_another_caller_says() -> None:
    found = read(event(genome(NORMAL), "g1"), event(genome(POOR), "g2"), event(genome(PANEL), "c1"))

    assert "CYP2C19" not in found.calls
    assert found.holds == ("CYP2C19 is held: two genomes disagree on it",)


@pytest.mark.parametrize("days", list(permutations((1, 2, 3))))
def test_three_callers_of_hla_give_the_same_whichever_came_first(days: tuple[int, ...]) -> None:
    given = (("*57:01 positive", "*57:01 negative"), ("*57:01 negative",), ("*57:01 positive",))
    calls = [
        GeneCall("HLA-B", None, (), results, lookup_keys=results, caller=caller)
        for caller, results in zip("ABC", given, strict=True)
    ]

    found = read(
        *(event(genome(call), call.caller, day=day) for call, day in zip(calls, days, strict=True))
    )

    call = found.calls["HLA-B"].value
    assert (call.lookup_keys, call.disputed) == (("*57:01 positive", "*57:01 negative"), True)
    assert len(set(found.events_of("HLA-B"))) == 3
