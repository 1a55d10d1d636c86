"""A genome on GRCh37 is read by GRCh37's places and bases, and means what it would on GRCh38."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.pharmacogenomics.genomes import Genotypes, genome_with, record
from tests.unit.pharmacogenomics.grch37 import OTHER_BASES, place_on_grch37

from epione.medicine.genome import Build, Genome, Record
from epione.medicine.pharmacogenomics import call_gene, gene_names, gene_of, possible_of
from epione.medicine.pharmacogenomics.definitions import Gene
from epione.medicine.pharmacogenomics.knowledge import text_of
from epione.timeline import GeneCall

# CYP2C19: rs3758581, of which GRCh37 has the G of *1 and GRCh38 the A of *38.
C19 = 94842866
TA_REPEAT = 233760233
WHOLE = st.sampled_from(["0/0"] * 40 + ["0/1", "0/1", "1/1", "", "./1", "0/.", "./."])
PHASED = st.sampled_from(["0|0"] * 40 + ["0|1", "1|0", "1|1", "", ".|1", "0|1:7"])


def on_grch37(gene: Gene, *records: Record) -> Genome:
    """Give a genome with records of GRCh37 at the sites of a gene that they touch."""
    sites = gene.places[Build.GRCH37].sites.values()
    kept = {
        site: tuple(
            r for r in records if r.position <= site.end + site.reach and r.end >= site.position
        )
        for site in sites
    }
    return Genome(Build.GRCH37, "S1", {site: found for site, found in kept.items() if found})


def called(gene: Gene, *records: Record) -> GeneCall:
    call = call_gene(gene, on_grch37(gene, *records))
    assert call is not None
    return call


def same_person(gene: Gene, genome: Genome) -> Genome:
    """Give a genome of GRCh38 as it would be on GRCh37: by bases, strand by strand."""
    records = [_on_grch37(gene, each) for found in genome.records.values() for each in found]
    return on_grch37(gene, *records)


def _on_grch37(gene: Gene, read: Record) -> Record:
    at = place_on_grch37(gene.chromosome, read.position)
    ref = OTHER_BASES.get((gene.chromosome, read.position), read.ref)
    alleles = (ref, *(base for base in (read.ref, *read.alts) if base != ref))
    called = tuple(
        None if n is None else alleles.index(read.allele(n)) for n in read.genotype.alleles
    )
    genotype = replace(read.genotype, alleles=called)
    return Record(at, ref, alleles[1:], genotype, at + len(ref) - 1, read.failed)


@st.composite
def people(draw: st.DrawFn, genotypes: st.SearchStrategy[str]) -> tuple[Gene, Genome]:
    gene = gene_of(
        draw(st.sampled_from([name for name in gene_names() if gene_of(name).positions]))
    )
    texts: Genotypes = {p: draw(genotypes) for p in gene.positions}
    return gene, genome_with(gene, texts)


@given(people(WHOLE) | people(PHASED))
def test_on_which_build_a_file_was_made_does_not_matter(person: tuple[Gene, Genome]) -> None:
    gene, genome = person
    other = same_person(gene, genome)

    call = call_gene(gene, genome)

    assert call_gene(gene, other) == call
    if call is not None:
        assert possible_of(call, gene, other) == possible_of(call, gene, genome)


def test_every_position_of_the_release_lies_on_grch37_once() -> None:
    rows = [line.split("\t") for line in text_of("grch37.tsv").splitlines()[1:]]
    genes = [gene_of(name) for name in gene_names()]
    known = {(gene.chromosome, str(p)) for gene in genes for p in gene.positions}

    assert {(chromosome, p) for chromosome, p, *_ in rows} == known
    assert (
        len({(chromosome, there) for chromosome, _, there, *_ in rows}) == len(rows) == len(known)
    )


@pytest.mark.parametrize("name", gene_names())
def test_positions_lie_where_the_stretches_of_the_chain_lead(name: str) -> None:
    gene = gene_of(name)

    assert {p: place.position for p, place in gene.on_grch37.items()} == {
        p: place_on_grch37(gene.chromosome, p) for p in gene.positions
    }
    assert {p: place.ref for p, place in gene.on_grch37.items()} == {
        p: OTHER_BASES.get((gene.chromosome, p), position.ref)
        for p, position in gene.positions.items()
    }


@pytest.mark.parametrize(
    ("alts", "genotype", "diplotype"),
    [
        pytest.param(("A",), "0/0", "*1/*1", id="GRCh37's own base is *1, not GRCh38's *38"),
        pytest.param(("A",), "0/1", "*1/*38", id="one of each"),
        pytest.param(("A",), "1/1", "*38/*38", id="the alternative is GRCh38's reference"),
        pytest.param((), "0/0", "*1/*1", id="no alternative was seen"),
        pytest.param(("<NON_REF>",), "0/0", "*1/*1", id="a block that starts here"),
    ],
)
def test_where_the_builds_differ_a_genotype_means_its_bases(
    alts: tuple[str, ...], genotype: str, diplotype: str
) -> None:
    gene = gene_of("CYP2C19")
    others = [
        record(place.position, place.ref, place.alts, "0/0")
        for p, place in gene.on_grch37.items()
        if p != C19
    ]

    call = called(gene, *others, record(96602623, "G", alts, genotype))

    assert (call.diplotype, call.missing_positions) == (diplotype, ())


def test_a_block_of_grch37s_reference_is_that_of_grch37() -> None:
    call = called(gene_of("CYP2C19"), record(96500000, "A", ["<*>"], "0/0", end=96650000))

    assert (call.diplotype, call.missing_positions) == ("*1/*1", ())


def test_what_no_record_tells_of_is_missing_by_its_place_on_grch38() -> None:
    gene = gene_of("CYP2C19")
    every = [
        record(place.position, place.ref, place.alts, "0/0") for place in gene.on_grch37.values()
    ]

    call = called(gene, *(each for each in every if each.position != 96602623))

    assert call.missing_positions == (C19,)
    assert set(call.diplotypes) == {"*38/*38", "*1/*38", "*1/*1"}


def test_a_deletion_that_was_looked_for_says_nothing_of_a_base_within_it() -> None:
    gene = gene_of("CYP2C19")

    call = called(gene, record(96540410, "G", ["A"], "0/0"), record(96602622, "TG", ["T"], "0/0"))

    assert C19 in call.missing_positions


@pytest.mark.parametrize(
    ("position", "ref", "alts", "genotype", "diplotype"),
    [
        pytest.param(234668879, "CAT", ["CATAT"], "0/1", "*1/*28", id="as the definition has it"),
        pytest.param(234668879, "C", ["CAT"], "1/1", "*28/*28", id="by its anchor"),
        pytest.param(234668881, "T", ["TAT"], "1/1", "*28/*28", id="further on in the repeat"),
    ],
)
def test_a_repeat_is_the_same_change_however_it_is_written(
    position: int, ref: str, alts: list[str], genotype: str, diplotype: str
) -> None:
    gene = gene_of("UGT1A1")
    others = [
        record(place.position, place.ref, place.alts, "0/0")
        for p, place in gene.on_grch37.items()
        if p != TA_REPEAT
    ]

    call = called(gene, *others, record(position, ref, alts, genotype))

    assert (call.diplotype, call.missing_positions) == (diplotype, ())


def test_a_failed_filter_is_told_by_its_place_on_grch38() -> None:
    failed = replace(record(96602623, "G", ["A"], "0/0"), failed="LowQual")

    call = called(gene_of("CYP2C19"), failed)

    assert call.warnings == (f"the record at chr10:{C19} failed LowQual",)


def test_a_position_that_no_one_could_place_is_missing_and_said_to_be() -> None:
    known = gene_of("CYP2C19")
    placed = {p: place for p, place in known.on_grch37.items() if p != C19}
    gene = replace(known, on_grch37=placed)
    every = (record(place.position, place.ref, place.alts, "0/0") for place in placed.values())

    call = called(gene, *every)

    assert call.missing_positions == (C19,)
    assert call.warnings == (f"chr10:{C19} (rs3758581) is not known on GRCh37: it is not read",)
