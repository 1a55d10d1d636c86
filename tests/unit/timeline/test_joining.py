"""Two callers on one gene: what stands, and what is said of the other."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epione.timeline import GeneCall, joined

NORMAL = GeneCall("CYP2C19", "*38/*38", ("*38/*38",), ("Normal",), lookup_keys=("Normal",))
ALSO_NORMAL = GeneCall(
    "CYP2C19", "*1/*1", ("*1/*1",), ("Normal",), lookup_keys=("Normal",), caller="Panel"
)
POOR = GeneCall("CYP2C19", "*2/*2", ("*2/*2",), ("Poor",), lookup_keys=("Poor",), caller="Panel")
OPEN = replace(NORMAL, diplotypes=("*1/*1", "*2/*2"), lookup_keys=("Normal", "Poor"))
UNKNOWN = GeneCall(
    "CYP2C19", "*1/*99", ("*1/*99",), (None,), (), ("n/a",), no_call_reason="no *99", caller="Panel"
)
NO_CALL = GeneCall("CYP2C19", None, missing_positions=(7,), no_call_reason="half a genotype")
FAILED = GeneCall("CYP2C19", None, no_call_reason="no call", caller="Panel")
RESEARCH = GeneCall("CYP2D6", None, no_call_reason="research", research_diplotypes=("*1/*1",))
CYRIUS = GeneCall("CYP2D6", "*4/*4", ("*4/*4",), ("Poor",), (0.0,), ("0.0",), caller="Cyrius")


@pytest.mark.parametrize(
    ("one", "other", "stands", "warnings"),
    [
        pytest.param(
            NORMAL,
            ALSO_NORMAL,
            "*38/*38",
            ("Panel calls CYP2C19 *1/*1: Normal",),
            id="another name of the same meaning: ours",
        ),
        pytest.param(
            OPEN, POOR, "*2/*2", ("the VCF calls CYP2C19 *1/*1 or *2/*2: Normal",), id="settled"
        ),
        pytest.param(NO_CALL, POOR, "*2/*2", (), id="what the VCF does not call"),
        pytest.param(NORMAL, FAILED, "*38/*38", ("Panel gives no result",), id="what they do not"),
        pytest.param(RESEARCH, CYRIUS, "*4/*4", (), id="research only"),
        pytest.param(
            NORMAL,
            UNKNOWN,
            "*38/*38",
            ("Panel calls CYP2C19 *1/*99: no *99",),
            id="an allele that no definition knows contradicts nothing, and is told",
        ),
        pytest.param(NO_CALL, UNKNOWN, "*1/*99", (), id="such an allele, where the VCF calls none"),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_one_of_two_calls_stands(
    one: GeneCall, other: GeneCall, stands: str, warnings: tuple[str, ...], turned: bool
) -> None:
    call = joined(other, one) if turned else joined(one, other)

    assert (call.diplotype, call.warnings, call.disputed) == (stands, warnings, False)


def test_what_stands_keeps_what_is_known_beside_it() -> None:
    assert joined(RESEARCH, CYRIUS).research_diplotypes == ("*1/*1",)
    assert joined(NO_CALL, POOR).missing_positions == (7,)


@pytest.mark.parametrize("turned", [False, True])
def test_results_of_other_meaning_are_a_dispute(turned: bool) -> None:
    call = joined(POOR, NORMAL) if turned else joined(NORMAL, POOR)

    assert call.disputed
    assert (call.diplotype, call.diplotypes) == (None, ("*38/*38", "*2/*2"))
    assert call.lookup_keys == ("Normal", "Poor")
    assert call.caller == "the VCF and Panel"
    assert call.warnings == (
        "the VCF calls CYP2C19 *38/*38: Normal",
        "Panel calls CYP2C19 *2/*2: Poor",
    )


def test_a_known_result_is_disputed_by_known_ones_alone() -> None:
    third = replace(POOR, caller="Third")

    assert joined(NORMAL, UNKNOWN, third).disputed
    assert joined(UNKNOWN, third).diplotype == "*2/*2"


def test_a_third_caller_does_not_end_a_dispute() -> None:
    third = replace(POOR, caller="Third")

    assert joined(NORMAL, POOR, third).disputed
    assert joined(joined(NORMAL, POOR), third).disputed


def hla(caller: str, *results: str) -> GeneCall:
    return GeneCall("HLA-B", None, (), results, lookup_keys=results, caller=caller)


@pytest.mark.parametrize(
    ("one", "other", "results", "is_disputed"),
    [
        pytest.param(
            ["*57:01 positive"],
            ["*58:01 negative"],
            ["*57:01 positive", "*58:01 negative"],
            False,
            id="tested apart, they add up",
        ),
        pytest.param(
            ["*57:01 positive", "*57:01 negative", "*58:01 negative"],
            ["*57:01 negative"],
            ["*57:01 negative", "*58:01 negative"],
            False,
            id="one leaves open what the other is sure of",
        ),
        pytest.param(
            ["*57:01 positive", "*57:01 negative"],
            ["*57:01 positive", "*57:01 negative", "*58:01 positive"],
            ["*57:01 positive", "*57:01 negative", "*58:01 positive"],
            False,
            id="both leave it open",
        ),
        pytest.param(
            ["*57:01 positive", "*58:01 negative"],
            ["*57:01 negative", "*58:01 negative"],
            ["*57:01 positive", "*57:01 negative", "*58:01 negative"],
            True,
            id="there by one and not by the other",
        ),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_hla_results_are_joined_allele_by_allele(
    one: list[str], other: list[str], results: list[str], is_disputed: bool, turned: bool
) -> None:
    calls = [hla("A", *one), hla("B", *other)]

    call = joined(*(calls[::-1] if turned else calls))

    assert call.lookup_keys == call.phenotypes == tuple(results)
    assert call.disputed is is_disputed
    assert call.caller == "A and B"
    assert call.warnings[0] == f"A calls HLA-B: {' or '.join(one)}"


def test_an_hla_result_stands_beside_a_test_that_failed() -> None:
    failed = GeneCall("HLA-B", None, no_call_reason="no call", caller="B")

    call = joined(hla("A", "*57:01 negative"), failed)

    assert (call.lookup_keys, call.caller) == (("*57:01 negative",), "A")
    assert call.warnings == ("B gives no result",)


ANSWERS: Sequence[list[str]] = (
    [],
    ["*57:01 positive"],
    ["*57:01 negative"],
    ["*57:01 positive", "*57:01 negative"],
    ["*57:01 positive", "*57:01 negative", "*58:01 negative"],
    ["*57:01 negative", "*58:01 positive"],
)
MEANINGS: Sequence[list[str]] = (
    [],
    ["Poor"],
    ["Normal"],
    ["Normal", "Poor"],
    ["Normal", "Poor", "Rapid"],
)


@pytest.mark.parametrize(
    ("gene", "answers"), [("HLA-B", ANSWERS), ("CYP2C19", MEANINGS)], ids=["HLA", "another gene"]
)
@given(data=st.data())
def test_three_callers_give_the_same_in_any_order(
    gene: str, answers: Sequence[list[str]], data: st.DataObject
) -> None:
    results = data.draw(st.lists(st.sampled_from(answers), min_size=3, max_size=3))
    calls = [
        GeneCall(gene, None, (), tuple(each), lookup_keys=tuple(each), caller=caller)
        for caller, each in zip("ABC", results, strict=True)
    ]

    assert len({joined(*order) for order in permutations(calls)}) == 1


def test_what_one_caller_leaves_open_is_no_part_of_a_dispute_of_two_others() -> None:
    normal = replace(NORMAL, caller="Aldy")
    wide = replace(OPEN, lookup_keys=("Normal", "Poor", "Rapid"))

    call = joined(wide, normal, POOR)

    assert (call.lookup_keys, call.disputed) == (("Normal", "Poor"), True)
    assert "the VCF calls CYP2C19" in " ".join(call.warnings)
