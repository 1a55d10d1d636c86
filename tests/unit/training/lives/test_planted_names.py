"""A patient's record is named as the planted world names what it holds."""

from epione.medicine.ingredients import ingredient_of
from epione.medicine.pharmacogenomics import gene_names, gene_of
from epione.timeline.codes import BODY_MASS_INDEX
from epione.timeline.names import standard_name
from epione.timeline.tokens import NO_SMOKER, SMOKER
from epione.timeline.vocabulary import Kind
from epione_training.lives.planted import planted, world_of

VOCABULARY = world_of(planted()).vocabulary
GENES = planted()["genome"]


def test_a_gene_that_is_called_means_what_its_calls_say() -> None:
    called = [gene for gene in GENES if gene in gene_names()]

    unsaid = {gene: set(GENES[gene]) - set(gene_of(gene).phenotypes.values()) for gene in called}

    assert {"CYP2C19", "SLCO1B1"} <= unsaid.keys()
    assert {gene: levels for gene, levels in unsaid.items() if levels} == {}


def test_habits_have_the_names_that_records_are_given() -> None:
    mass = VOCABULARY.scales[f"LOINC/{BODY_MASS_INDEX.code.code}"]
    names = {
        VOCABULARY.names[token]
        for token in VOCABULARY.of_kind(Kind.LIFESTYLE)
        if token not in mass.tokens
    }

    assert names == {SMOKER, NO_SMOKER}
    assert (mass.unit, mass.edges) == (BODY_MASS_INDEX.unit, (25.0, 30.0))


def test_codes_have_the_names_that_records_are_given() -> None:
    names = [VOCABULARY.names[token] for token in VOCABULARY.of_kind(Kind.EVENT)]

    assert [name for name in names if standard_name(name, ingredient_of) != name] == []
