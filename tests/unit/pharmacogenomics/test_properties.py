"""What must hold of any genome: phase, order and padding do not matter, and less is never more."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.pharmacogenomics.genomes import genome_with

from epione.medicine.genome import Genome, Genotype, Record, Site
from epione.medicine.pharmacogenomics import call_gene, gene_of
from epione.medicine.pharmacogenomics.alternatives import if_known
from epione.medicine.pharmacogenomics.definitions import Gene
from epione.medicine.pharmacogenomics.notation import strands_of

GENES = ("CYP2C19", "CYP2C9", "VKORC1", "SLCO1B1", "TPMT", "NUDT15", "DPYD", "UGT1A1", "CYP2B6")
WHOLE = {"0/0": 60, "0/1": 2, "1/1": 1, "": 3}
PHASED = {"0|0": 60, "0|1": 2, "1|0": 2, "1|1": 1, "": 3}


def genes() -> st.SearchStrategy[Gene]:
    return st.sampled_from(GENES).map(gene_of)


@st.composite
def people(draw: st.DrawFn, choices: dict[str, int]) -> tuple[Gene, Genome]:
    """Give a gene, and a genome that is mostly the reference at its positions."""
    gene = draw(genes())
    texts = [text for text, weight in choices.items() for _ in range(weight)]
    drawn = draw(
        st.lists(st.sampled_from(texts), min_size=len(gene.positions), max_size=len(gene.positions))
    )
    return gene, genome_with(gene, dict(zip(gene.positions, drawn, strict=True)))


def with_genotypes(genome: Genome, flip: bool = False, phase_set: str | None = None) -> Genome:
    """Give the same genome with strands swapped, or its phase set renamed."""

    def written(record: Record) -> Record:
        alleles = record.genotype.alleles[::-1] if flip else record.genotype.alleles
        named = record.genotype.phase_set if phase_set is None else phase_set
        return replace(record, genotype=Genotype(alleles, named))

    records = {site: tuple(map(written, found)) for site, found in genome.records.items()}
    return replace(genome, records=records)


@given(people(WHOLE))
def test_the_order_of_an_unphased_genotype_does_not_matter(person: tuple[Gene, Genome]) -> None:
    gene, genome = person

    assert call_gene(gene, with_genotypes(genome, flip=True)) == call_gene(gene, genome)


@given(people(PHASED))
def test_which_strand_comes_first_does_not_matter(person: tuple[Gene, Genome]) -> None:
    gene, genome = person

    assert call_gene(gene, with_genotypes(genome, flip=True)) == call_gene(gene, genome)


@given(people(PHASED))
def test_the_name_of_the_phase_set_does_not_matter(person: tuple[Gene, Genome]) -> None:
    gene, genome = person

    assert call_gene(gene, with_genotypes(genome, phase_set="4711")) == call_gene(gene, genome)


@given(people(WHOLE), st.text("ACGT", max_size=3))
def test_padding_behind_an_allele_does_not_matter(person: tuple[Gene, Genome], more: str) -> None:
    gene, genome = person

    padded = {
        site: tuple(
            replace(
                record,
                ref=record.ref + more,
                alts=tuple(alt + more for alt in record.alts),
                end=record.end + len(more),
            )
            for record in found
        )
        for site, found in genome.records.items()
    }

    assert call_gene(gene, replace(genome, records=padded)) == call_gene(gene, genome)


@given(people(WHOLE))
def test_an_alternative_that_no_one_has_does_not_matter(person: tuple[Gene, Genome]) -> None:
    gene, genome = person

    more = {
        site: tuple(replace(record, alts=(*record.alts, "<*>")) for record in found)
        for site, found in genome.records.items()
    }

    assert call_gene(gene, replace(genome, records=more)) == call_gene(gene, genome)


@given(people(WHOLE))
def test_a_genotype_split_by_alternative_is_the_same(person: tuple[Gene, Genome]) -> None:
    gene, genome = person

    split = {
        site: tuple(part for record in found for part in split_by_alternative(record))
        for site, found in genome.records.items()
    }
    backwards = {site: found[::-1] for site, found in split.items()}

    assert call_gene(gene, replace(genome, records=split)) == call_gene(gene, genome)
    assert call_gene(gene, replace(genome, records=backwards)) == call_gene(gene, genome)


def split_by_alternative(record: Record) -> tuple[Record, ...]:
    return tuple(
        replace(
            record,
            alts=(alt,),
            genotype=Genotype(tuple(int(index == n) for index in record.genotype.alleles)),
        )
        for n, alt in enumerate(record.alts, 1)
    )


def without(genome: Genome, site: Site) -> Genome:
    return replace(genome, records={s: r for s, r in genome.records.items() if s != site})


@given(people(WHOLE), st.data())
def test_a_record_taken_away_is_missed_and_nothing_else_is(
    person: tuple[Gene, Genome], data: st.DataObject
) -> None:
    gene, genome = person
    before = call_gene(gene, genome)
    site = data.draw(st.sampled_from(sorted(gene.sites.values())))

    after = call_gene(gene, without(genome, site))

    if before is not None and after is not None:
        assert set(after.missing_positions) == {*before.missing_positions, site.position}


@given(people(PHASED), st.data())
def test_a_record_taken_away_never_rules_out_what_was_found(
    person: tuple[Gene, Genome], data: st.DataObject
) -> None:
    """Less data may leave more possible: each allele found before is still called, or named."""
    gene, genome = person
    before = call_gene(gene, genome)
    site = data.draw(st.sampled_from(sorted(gene.sites.values())))

    after = call_gene(gene, without(genome, site))

    if before is not None and after is not None and after.diplotypes:
        assert alleles_of(before.diplotypes) <= alleles_of(after.diplotypes) | alleles_of(
            tuple(alternative.answer for alternative in if_known(after))
        )


def alleles_of(diplotypes: tuple[str, ...]) -> set[str]:
    return {name for text in diplotypes for strand in strands_of(text) for name in strand}


@given(genes())
def test_nothing_read_is_nothing_called(gene: Gene) -> None:
    assert call_gene(gene, genome_with(gene, {}, elsewhere="")) is None
