"""What is given beside a genome on the command line: medicines taken, and what a dose asks."""

import sys
from collections.abc import Iterator, Sequence

import typer

from epione.medicine.pharmacogenomics import Body, Circumstances, Guidelines, Taken
from epione.medicine.recommendation import Reason
from epione.timeline import RXNORM, Code


def code_of(name: str) -> Code:
    """Read an ingredient's name or an RxNorm code."""
    return Code(RXNORM, name if name.isdigit() else "", "" if name.isdigit() else name)


def beside(
    guidelines: Guidelines,
    taking: Sequence[str],
    age_years: int | None,
    height_cm: float | None,
    weight_kg: float | None,
) -> Circumstances:
    """Put together what was given.

    Raises:
        typer.BadParameter: A medicine is known neither to guidelines nor as one that inhibits or
            induces: it may be misspelt, and would be passed over in silence.
    """
    reasons = (
        Reason(f"{name} {value:g} {unit}, as given")
        for name, value, unit in (
            ("age", age_years, "years"),
            ("height", height_cm, "cm"),
            ("weight", weight_kg, "kg"),
        )
        if value is not None
    )
    body = Body(age_years, height_cm, weight_kg, tuple(reasons))
    return Circumstances(tuple(_taken(guidelines, taking)), body)


def _taken(guidelines: Guidelines, names: Sequence[str]) -> Iterator[Taken]:
    for name in names:
        code = code_of(name)
        drug = guidelines.modulator_of(code)
        if drug is not None:
            yield Taken(drug)
        elif guidelines.drug_of(code) is None:
            raise typer.BadParameter(
                f"{name} is no medicine that this release knows: leave it out if it is spelt right",
                param_hint="--taking",
            )
        else:
            nothing = f"{name} inhibits or induces no enzyme that this release knows of"
            print(f"epione: {nothing}: it changes no answer", file=sys.stderr)
