"""Two callers on one gene: what stands, and what is said of the other."""

from dataclasses import replace

import pytest

from epione.timeline import GeneCall, joined

NORMAL = GeneCall("CYP2C19", "*38/*38", ("*38/*38",), ("Normal",), lookup_keys=("Normal",))
ALSO_NORMAL = GeneCall(
    "CYP2C19", "*1/*1", ("*1/*1",), ("Normal",), lookup_keys=("Normal",), caller="Panel"
)
POOR = GeneCall("CYP2C19", "*2/*2", ("*2/*2",), ("Poor",), lookup_keys=("Poor",), caller="Panel")
OPEN = replace(NORMAL, diplotypes=("*1/*1", "*2/*2"), lookup_keys=("Normal", "Poor"))
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


def test_a_third_caller_does_not_end_a_dispute() -> None:
    third = replace(POOR, caller="Third")

    assert joined(joined(NORMAL, POOR), third).disputed


def test_hla_alleles_that_were_tested_apart_add_up() -> None:
    one = GeneCall("HLA-B", None, (), ("*57:01 positive",), (), ("*57:01 positive",), caller="A")
    other = GeneCall("HLA-B", None, (), ("*58:01 negative",), (), ("*58:01 negative",), caller="B")

    call = joined(one, other)

    assert call.lookup_keys == ("*57:01 positive", "*58:01 negative")
    assert not call.disputed
