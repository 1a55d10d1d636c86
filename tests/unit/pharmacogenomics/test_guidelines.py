"""Which drug an order is of, and what a guideline asks for."""

import pytest

from epione.medicine.pharmacogenomics import Guidelines
from epione.timeline import RXNORM, SNOMED, Code

GUIDELINES = Guidelines()
CLOPIDOGREL = Code(RXNORM, "32968", "clopidogrel")


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(CLOPIDOGREL, id="the ingredient"),
        pytest.param(Code(RXNORM, "309362", "Clopidogrel 75 MG Oral Tablet"), id="a product"),
        pytest.param(Code(RXNORM, "", "Clopidogrel"), id="its exact name"),
        pytest.param(Code("urn:oid:1.2.3", "X7", "clopidogrel"), id="its name in another system"),
    ],
)
def test_an_order_is_known_by_code_or_exact_name(code: Code) -> None:
    assert GUIDELINES.drug_of(code) == CLOPIDOGREL


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(Code(RXNORM, "313782", "Acetaminophen 325 MG Oral Tablet"), id="unmapped"),
        pytest.param(Code(RXNORM, "999999", "clopidogrel 75 MG"), id="a name in part"),
        pytest.param(Code(SNOMED, "32968"), id="the same digits in another system"),
        pytest.param(Code(RXNORM, "", ""), id="nothing"),
    ],
)
def test_an_order_is_never_guessed(code: Code) -> None:
    assert GUIDELINES.drug_of(code) is None
    assert GUIDELINES.genes_of(code) == ()
    assert GUIDELINES.evidence_of(code) == ()


@pytest.mark.parametrize(
    ("product", "ingredient"),
    [
        pytest.param("855332", "warfarin", id="warfarin 5 MG"),
        pytest.param("312961", "simvastatin", id="simvastatin 20 MG"),
        pytest.param("314231", "simvastatin", id="simvastatin 10 MG"),
        pytest.param("259255", "atorvastatin", id="atorvastatin 80 MG"),
        pytest.param("198051", "omeprazole", id="omeprazole 20 MG"),
        pytest.param("1791701", "fluorouracil", id="fluorouracil for injection"),
    ],
)
def test_a_product_is_of_its_ingredient(product: str, ingredient: str) -> None:
    drug = GUIDELINES.drug_of(Code(RXNORM, product))

    assert drug is not None
    assert drug.display == ingredient


@pytest.mark.parametrize(
    ("drug", "genes"),
    [
        pytest.param("clopidogrel", ("CYP2C19",), id="one gene"),
        pytest.param("amitriptyline", ("CYP2C19", "CYP2D6"), id="two genes of its table"),
        pytest.param("abacavir", ("HLA-B",), id="a guideline whose table is not held"),
    ],
)
def test_a_drug_names_the_genes_that_its_guideline_asks_for(
    drug: str, genes: tuple[str, ...]
) -> None:
    assert GUIDELINES.genes_of(Code(RXNORM, "", drug)) == genes


def test_every_known_drug_is_its_own_ingredient() -> None:
    assert all(GUIDELINES.drug_of(drug) == drug for drug in GUIDELINES.drugs())
