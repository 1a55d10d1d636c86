"""The dose to start warfarin with: what the IWPC's algorithm estimates, and what CPIC adds to it.

Source: Johnson et al. 2017, Clin Pharmacol Ther 102:397-404, doi:10.1002/cpt.668, for adults: dose
by a pharmacogenetic algorithm with VKORC1 and CYP2C9 *2 and *3, then by the alleles below.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from epione.medicine.pharmacogenomics.advice import MOST_CONDITIONS
from epione.medicine.pharmacogenomics.alternatives import if_known
from epione.medicine.pharmacogenomics.answers import DrugAdvice, NoAdvice
from epione.medicine.pharmacogenomics.called import (
    is_looked_up,
    reasons_of,
    why_not_called,
    written_call,
)
from epione.medicine.pharmacogenomics.circumstances import Body, Circumstances, Taken, last_end
from epione.medicine.pharmacogenomics.iwpc import (
    INDUCERS,
    IWPC,
    LOWERED_BY,
    VKORC1_TERMS,
    Alleles,
    Estimate,
    alleles_of,
)
from epione.medicine.pharmacogenomics.knowledge import gene_of
from epione.medicine.pharmacogenomics.notation import strands_of
from epione.medicine.pharmacogenomics.phenoconversion import POOR, conversion_of
from epione.medicine.pharmacogenomics.tables import CPIC, Drug
from epione.medicine.recommendation import Reason
from epione.timeline import RXNORM, Code, GeneCall, Quantity, codes

WARFARIN = Code(RXNORM, "11289", "warfarin")
AMIODARONE_NAME = "amiodarone"
NONE_TAKEN = "none of amiodarone, carbamazepine, phenytoin and rifampin is known to be taken"

# CPIC 2017: by how much each of its alleles lowers the dose, or two of them.
LOWERED_FOR_ONE, LOWERED_FOR_TWO = (0.15, 0.30), (0.20, 0.40)
RAISED_FOR_CYP4F2 = (0.05, 0.10)  # a T at rs2108622, where ancestry is not African
CYP4F2_RSID = "rs2108622"
# "Strong" is known from memory; "Moderate" was read.
STRENGTH = "Strong (Moderate for African ancestry)"

ADULT_YEARS = 18  # our reading of the guideline's "adults"
# Our own rule: beyond these a number is most likely one of another unit.
HEIGHT_CM, WEIGHT_KG = (100.0, 250.0), (25.0, 350.0)
DAYS = 7


def warfarin_advice(
    drug: Drug, calls: Mapping[str, GeneCall], circumstances: Circumstances
) -> DrugAdvice | NoAdvice:
    """Give the dose to start with, or name everything that it cannot be estimated without."""
    name, body = drug.code.display, circumstances.body
    alleles = _alleles(calls, drug)
    of_genes, of_body = tuple(_of_genes(calls, alleles, drug)), tuple(_of_body(body))
    if of_genes or of_body or isinstance(alleles, str):
        is_minor = body.age_years is not None and body.age_years < ADULT_YEARS
        lacks = () if of_genes or is_minor else tuple(_lacking(body))
        unmet = f"no starting dose: {'; '.join((*of_genes, *of_body))}"
        return NoAdvice(name, unmet, lacks, source=CPIC)
    estimate = _estimate(calls, alleles, circumstances)
    if estimate is None or not estimate.weekly_mg:
        unmet = "no starting dose: the algorithm's terms come to nothing"
        return NoAdvice(name, unmet, source=CPIC)
    return _advice(drug, calls, circumstances, estimate, alleles)


def _advice(
    drug: Drug,
    calls: Mapping[str, GeneCall],
    circumstances: Circumstances,
    estimate: Estimate,
    alleles: Alleles,
) -> DrugAdvice:
    counted = _counted(circumstances.taken)
    others = tuple(each for each in circumstances.taken if each not in counted)
    told = conversion_of("CYP2C9", calls["CYP2C9"], others, drug)
    other_doses = dict(_other_doses(drug, calls["CYP2C9"], estimate))
    by_genes = estimate.vkorc1 or estimate.cyp2c9 or alleles.without_term or _raised(drug, calls)
    kind = "adjust" if by_genes else "standard"
    return DrugAdvice(
        drug=drug.code,
        source=CPIC,
        kind="avoid" if POOR in calls["CYP2C9"].phenotypes else kind,
        action=" ".join(_actions(drug, calls, estimate, alleles)),
        strength=STRENGTH,
        population="adults",
        genes=drug.cpic_genes,
        reasons=tuple(
            reason for gene in drug.cpic_genes for reason in reasons_of(gene, calls, drug.release)
        ),
        would_change_if=tuple(_changes(calls, circumstances.taken, estimate, other_doses)),
        evidence=(*drug.cpic_evidence, IWPC, *told.evidence),
        unread=("CYP2C9",) if other_doses else (),
        beside=(
            *circumstances.body.reasons,
            *(_counts(each) for each in counted),
            *(() if counted else (Reason(NONE_TAKEN),)),
            *told.reasons,
            *_of_ancestry(drug, calls["CYP2C9"]),
        ),
        dose=(
            Quantity(round(estimate.weekly_mg, 1), "mg/wk"),
            Quantity(round(estimate.weekly_mg / DAYS, 1), "mg/d"),
        ),
        ends=min(filter(None, (_first_end(counted), circumstances.body.ends)), default=None),
    )


def _alleles(calls: Mapping[str, GeneCall], drug: Drug) -> Alleles | str:
    """Give CYP2C9 as the algorithm takes it, or say why it cannot."""
    if not is_looked_up("CYP2C9", calls):
        return why_not_called("CYP2C9", calls, drug.release)
    call = calls["CYP2C9"]
    if call.disputed:
        return _disputed(call)
    diplotypes = call.diplotypes
    if not diplotypes:
        return "CYP2C9 is called without a diplotype"
    found = {alleles_of(diplotype) for diplotype in diplotypes}
    shown = f"CYP2C9 {' or '.join(diplotypes)}"
    if None in found:
        return f"{shown} has an allele other than *1, *2, *3, *5, *6, *8 and *11"
    one, *others = found
    if others or one is None:
        return f"{shown}: which of them is not known"
    return one


def _disputed(call: GeneCall) -> str:
    return f"{written_call(call)}: {call.caller} disagree on it"


def _of_genes(calls: Mapping[str, GeneCall], alleles: Alleles | str, drug: Drug) -> Iterator[str]:
    if not is_looked_up("VKORC1", calls):
        yield why_not_called("VKORC1", calls, drug.release)
    elif calls["VKORC1"].disputed:
        yield _disputed(calls["VKORC1"])
    elif _vkorc1(calls) is None:
        yield f"VKORC1 {' or '.join(calls['VKORC1'].diplotypes)} has no term in the algorithm"
    if isinstance(alleles, str):
        yield alleles


def _of_body(body: Body) -> Iterator[str]:
    """Say what is not known of the body, or is not to be believed."""
    if body.age_years is None:
        yield "age is not known"
    elif body.age_years < ADULT_YEARS:
        yield f"age {body.age_years} is below {ADULT_YEARS}: the dose is one of adults"
    for name, value, (lowest, highest), unit in _measured(body):
        if value is None:
            yield f"{name} is not known"
        elif not lowest <= value <= highest:
            yield f"{name} {value:g} {unit} is outside {lowest:g} to {highest:g}"


def _measured(body: Body) -> Sequence[tuple[str, float | None, tuple[float, float], str]]:
    return (
        (codes.HEIGHT.name, body.height_cm, HEIGHT_CM, codes.HEIGHT.unit),
        (codes.WEIGHT.name, body.weight_kg, WEIGHT_KG, codes.WEIGHT.unit),
    )


def _lacking(body: Body) -> Iterator[Code]:
    """Give what is to be measured before there is a dose."""
    for measurement, (_, value, (lowest, highest), _) in zip(
        (codes.HEIGHT, codes.WEIGHT), _measured(body), strict=True
    ):
        if value is None or not lowest <= value <= highest:
            yield measurement.code


def _vkorc1(calls: Mapping[str, GeneCall]) -> float | None:
    phenotypes = calls["VKORC1"].phenotypes
    return VKORC1_TERMS.get(phenotypes[0]) if len(phenotypes) == 1 else None


def _estimate(
    calls: Mapping[str, GeneCall], alleles: Alleles, circumstances: Circumstances
) -> Estimate | None:
    body, vkorc1 = circumstances.body, _vkorc1(calls)
    names = {each.drug.display for each in circumstances.taken}
    if body.age_years is None or body.height_cm is None or body.weight_kg is None or vkorc1 is None:
        return None
    return Estimate(
        body.age_years,
        body.height_cm,
        body.weight_kg,
        vkorc1,
        alleles.term,
        inducer=not names.isdisjoint(INDUCERS),
        amiodarone=AMIODARONE_NAME in names,
    )


def _actions(
    drug: Drug, calls: Mapping[str, GeneCall], estimate: Estimate, alleles: Alleles
) -> Iterator[str]:
    """Say where to start, and what the guideline adds for alleles that have no term."""
    weekly = estimate.weekly_mg
    if POOR in calls["CYP2C9"].phenotypes:
        yield "Consider another anticoagulant, for CYP2C9 is poor; where it is warfarin:"
    yield (
        f"Start warfarin near {weekly:.1f} mg a week ({weekly / DAYS:.1f} mg a day), for an INR of "
        "2 to 3: the estimate of a dose to start with, which replaces no INR."
    )
    low, high = weekly, weekly
    if alleles.without_term:
        less, most = LOWERED_FOR_TWO if len(alleles.without_term) > 1 else LOWERED_FOR_ONE
        low, high = weekly * (1 - most), weekly * (1 - less)
        named = " and ".join(alleles.without_term)
        yield (
            f"For CYP2C9 {named}, which the estimate leaves out, lower it by {less * 100:.0f} to "
            f"{most * 100:.0f} %, to {low:.1f} to {high:.1f} mg a week."
        )
    if raised := _raised(drug, calls):
        least, most = RAISED_FOR_CYP4F2
        low, high = low * (1 + least), high * (1 + most)
        yield (
            f"For CYP4F2 {raised}, where ancestry is not African, {least * 100:.0f} to "
            f"{most * 100:.0f} % more may be needed, {low:.1f} to {high:.1f} mg a week (optional)."
        )


def _raised(drug: Drug, calls: Mapping[str, GeneCall]) -> str:
    """Name CYP4F2's diplotypes where each has a T at rs2108622; "" where none surely has."""
    call = calls.get("CYP4F2")
    if call is None or call.disputed or not call.diplotypes:
        return ""
    gene = gene_of("CYP4F2", drug.release)
    at = next(p for p, position in gene.positions.items() if position.rsid == CYP4F2_RSID)
    raising = {allele.star for allele in gene.alleles if "T" in allele.defined.get(at, ())}
    carries = all(
        any(star in raising for strand in strands_of(d) for star in strand) for d in call.diplotypes
    )
    return " or ".join(call.diplotypes) if carries else ""


def _changes(
    calls: Mapping[str, GeneCall],
    taken: tuple[Taken, ...],
    estimate: Estimate,
    other_doses: Mapping[str, str],
) -> Iterator[str]:
    """Say what would lead to another dose."""
    for group in _groups(taken):
        names = dict.fromkeys(each.drug.display for each in group)
        is_inducer = not INDUCERS.isdisjoint(names)
        without = (
            replace(estimate, inducer=False) if is_inducer else replace(estimate, amiodarone=False)
        )
        stops = "stops" if len(names) == 1 else "stop"
        yield f"{' and '.join(names)} {stops}: {without.weekly_mg:.1f} mg a week"
    for condition, then in list(other_doses.items())[:MOST_CONDITIONS]:
        yield f"{condition}: {then}"
    if len(other_doses) > MOST_CONDITIONS:
        n_more = len(other_doses) - MOST_CONDITIONS
        yield f"one of {n_more} more positions of CYP2C9 that were not read differs → another dose"
    if not is_looked_up("CYP4F2", calls):
        yield f"CYP4F2 is called: a T at {CYP4F2_RSID} asks for 5 to 10 % more"


def _other_doses(drug: Drug, call: GeneCall, estimate: Estimate) -> Iterator[tuple[str, str]]:
    """Give what the dose would be were a position read that was not, by the condition.

    An allele that changes the dose does so on one strand already.
    """
    on_one = (each for each in if_known(call, drug.release) if not each.is_on_both)
    for alternative in on_one:
        alleles = alleles_of(alternative.answer)
        shown = f"CYP2C9 {alternative.answer}"
        if alleles is None:
            yield alternative.condition, f"{shown} → no dose by the algorithm"
        elif alleles.without_term or alleles.term != estimate.cyp2c9:
            other = replace(estimate, cyp2c9=alleles.term).weekly_mg
            less = ", and less for its own sake" if alleles.without_term else ""
            yield alternative.condition, f"{shown} → {other:.1f} mg a week{less}"


def _counted(taken: tuple[Taken, ...]) -> tuple[Taken, ...]:
    return tuple(each for group in _groups(taken) for each in group)


def _groups(taken: tuple[Taken, ...]) -> Iterator[tuple[Taken, ...]]:
    """Give those that the algorithm counts together: the inducers, and amiodarone."""
    for names in (INDUCERS, {AMIODARONE_NAME}):
        if group := tuple(each for each in taken if each.drug.display in names):
            yield group


def _first_end(counted: tuple[Taken, ...]) -> datetime | None:
    ends = (last_end(each.ends for each in group) for group in _groups(counted))
    return min((end for end in ends if end is not None), default=None)


def _counts(taken: Taken) -> Reason:
    text = f"{taken.drug.display} is {taken.when}: the algorithm has a term for it"
    return Reason(text, (taken.event_id,) if taken.event_id else ())


def _of_ancestry(drug: Drug, call: GeneCall) -> Iterator[Reason]:
    """Say what the guideline would ask of ancestry and the record does not tell."""
    gene = gene_of("CYP2C9", drug.release)
    unread = [
        star
        for star in sorted(LOWERED_BY, key=lambda star: int(star[1:]))
        if not set(gene.by_name[star].defined).isdisjoint(call.missing_positions)
    ]
    were = f"{', '.join(unread)} were not" if unread else "they were"
    if call.caller:
        were = f"what {call.caller} read of them is not known"
    yield Reason("race is not on the record: the algorithm's term for an unknown one counts")
    yield Reason(
        "of African ancestry, the guideline doses without genes unless CYP2C9 *5, *6, *8 and *11 "
        f"were read: here {were}; and rs12777823, which is not read, may ask for 10 to 25 % less"
    )
