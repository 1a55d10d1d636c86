"""A medicine is known by its ingredient, whichever map knows it."""

import pytest

from epione.medicine.ingredients import ingredient_of
from epione.timeline import RXNORM, SNOMED, Code
from epione.timeline.names import name_of


@pytest.mark.parametrize(
    ("product", "name"),
    [
        pytest.param("617312", "RXNORM/83367", id="atorvastatin 10 mg, by the guidelines' map"),
        pytest.param("897718", "RXNORM/11170", id="verapamil 40 mg, as an inhibitor"),
        pytest.param("314076", "RXNORM/29046", id="lisinopril 10 mg, by the timeline's"),
        pytest.param("83367", "RXNORM/83367", id="an ingredient is its own"),
        pytest.param("1", "RXNORM/1", id="what no map knows keeps its name"),
    ],
)
def test_a_product_is_named_by_its_ingredient(product: str, name: str) -> None:
    assert name_of(Code(RXNORM, product), ingredient_of) == name


def test_a_number_of_another_terminology_is_no_product() -> None:
    assert ingredient_of(Code(SNOMED, "314076")) is None
