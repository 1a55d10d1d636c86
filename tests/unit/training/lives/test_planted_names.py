"""A patient's record is named as the planted world names what it holds."""

from epione.medicine.ingredients import ingredient_of
from epione.medicine.pharmacogenomics import gene_names, gene_of
from epione.timeline.codes import MEASUREMENTS
from epione.timeline.names import standard_name
from epione.timeline.tokens import NO_SMOKER, SMOKER
from epione.timeline.vocabulary import Kind
from epione_training.lives.planted import planted
from epione_training.lives.world import world_of

VOCABULARY = world_of(planted()).vocabulary
GENES = planted()["genome"]


def test_a_gene_that_is_called_means_what_its_calls_say() -> None:
    called = [gene for gene in GENES if gene in gene_names()]

    unsaid = {gene: set(GENES[gene]) - set(gene_of(gene).phenotypes.values()) for gene in called}

    assert {"CYP2C19", "SLCO1B1"} <= unsaid.keys()
    assert {gene: levels for gene, levels in unsaid.items() if levels} == {}


def test_habits_have_the_names_that_records_are_given() -> None:
    measured = {token for scale in VOCABULARY.scales.values() for token in scale.tokens}
    habits = set(VOCABULARY.of_kind(Kind.LIFESTYLE)) - measured

    assert {VOCABULARY.names[token] for token in habits} == {SMOKER, NO_SMOKER}


def test_measurements_have_the_names_and_units_that_records_are_read_in() -> None:
    units = {f"LOINC/{each.code.code}": each.unit for each in MEASUREMENTS}
    scales = VOCABULARY.scales

    assert {name: scale.unit for name, scale in scales.items()} == {
        name: units.get(name) for name in scales
    }


def test_codes_have_the_names_that_records_are_given() -> None:
    names = [VOCABULARY.names[token] for token in VOCABULARY.of_kind(Kind.EVENT)]

    assert [name for name in names if standard_name(name, ingredient_of) != name] == []
