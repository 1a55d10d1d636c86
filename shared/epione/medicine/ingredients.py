"""The ingredient of a medicine by every map that is held, as models of lives know medicines."""

from epione.medicine.pharmacogenomics import Guidelines
from epione.timeline import Code
from epione.timeline.names import ingredient_of_product


def ingredient_of(code: Code) -> Code | None:
    """Give the RxNorm ingredient of a medicine; None where no map knows it.

    The maps are those that come with the project, whatever release of knowledge is served: a model
    is asked in the names that it was taught.
    """
    known = Guidelines()
    return known.drug_of(code) or known.modulator_of(code) or ingredient_of_product(code)
