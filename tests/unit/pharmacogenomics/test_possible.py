"""What a gene may turn out to be, against every genotype that may stand where nothing was read."""

from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from itertools import combinations, combinations_with_replacement, product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.unit.pharmacogenomics.genomes import (
    Genotypes,
    called,
    genome_of_records,
    genome_with,
)

from epione.medicine.genome import Record, genotype_of
from epione.medicine.pharmacogenomics import call_gene, gene_names, gene_of
from epione.medicine.pharmacogenomics.definitions import Gene
from epione.medicine.pharmacogenomics.possible import (
    MOST_LISTED,
    Answer,
    Possible,
    answers_of,
    possible_of,
)
from epione.medicine.pharmacogenomics.settling import Settling
from epione.timeline import GeneCall

# How a file writes genotypes: "0/1", "0|1", or "1" where there is one strand.
HOW = {"unphased": "/", "phased": "|"}
GENES = [
    name
    for name in gene_names()
    if len(gene_of(name).positions) > 1 and not gene_of(name).calling.research_only
]
ONES = [
    *(pytest.param(name, mark, id=f"{name} {how}") for name in GENES for how, mark in HOW.items()),
    pytest.param("G6PD", "", id="G6PD of a man"),
]
MOST_COMPLETIONS = 90  # that are tried one by one for a person


def possible(name: str, genotypes: Genotypes, *, elsewhere: str = "0/0") -> Possible:
    """Say what a gene of the pinned release may be."""
    gene = gene_of(name)
    call = called(name, genotypes, elsewhere=elsewhere)
    return possible_of(call, gene, genome_with(gene, genotypes, elsewhere=elsewhere))


def reference(mark: str) -> str:
    return f"0{mark}0" if mark else "0"


def texts(gene: Gene, position: int, mark: str, known: str = "") -> list[str]:
    """Give every genotype that a position may have, as a file writes it."""
    indices = "".join(str(n) for n in range(len(gene.positions[position].alts) + 1))
    pairs: Iterable[Sequence[str]] = combinations_with_replacement(indices, 2)
    if mark != "/":
        pairs = product(indices, repeat=2) if mark else indices
    return [mark.join(pair) for pair in pairs if not known or known in pair]


def completed(gene: Gene, genotypes: Genotypes, mark: str) -> Iterator[Genotypes]:
    """Give the genotypes with every whole one where they have none, or half of one."""
    unread = {p: text.strip("./|") for p, text in genotypes.items() if "." in text or not text}
    choices = [texts(gene, p, mark, known) for p, known in unread.items()]
    for chosen in product(*choices):
        yield {**genotypes, **dict(zip(unread, chosen, strict=True))}


def calls_of(gene: Gene, genotypes: Genotypes, mark: str) -> list[tuple[Genotypes, GeneCall]]:
    """Call a gene for each completion; one that is not called at all is left out."""
    every = list(completed(gene, genotypes, mark))
    genomes = (genome_with(gene, each, elsewhere=reference(mark)) for each in every)
    found = zip(every, (call_gene(gene, genome) for genome in genomes), strict=True)
    return [(each, call) for each, call in found if call and call.phenotypes]


def settles(
    positions: Collection[int], answers: Sequence[tuple[Genotypes, Hashable]], mark: str
) -> bool:
    """Say whether completions that are alike at positions, and where read, have one answer."""
    seen: dict[Hashable, set[Hashable]] = {}
    unread = {p for each, _ in answers for p in each if len({e[p] for e, _ in answers}) > 1}
    for each, answer in answers:
        told = [text for p, text in sorted(each.items()) if p in positions or p not in unread]
        swapped = [text[::-1] for text in told] if mark == "|" else told
        seen.setdefault(min(tuple(told), tuple(swapped)), set()).add(answer)
    return all(len(found) == 1 for found in seen.values())


def is_fewest(
    found: Settling | None, answers: Sequence[tuple[Genotypes, Hashable]], mark: str
) -> bool:
    """Say whether positions settle an answer, and no fewer of all there are do."""
    if found is None:
        return not answers
    unread = sorted({p for each, _ in answers for p in each})
    fewer = combinations(unread, max(len(found.positions) - 1, 0))
    return settles(found.positions, answers, mark) and (
        not found.positions or not any(settles(some, answers, mark) for some in fewer)
    )


def test_of_a_gene_that_small_variants_do_not_decide_nothing_is_said() -> None:
    assert possible("CYP2D6", {42128945: ""}) == Possible((), 0, (), None, None)


@st.composite
def people(draw: st.DrawFn, name: str, mark: str) -> Genotypes:
    """Give what is not the reference of someone with two of the gene's alleles, and some gaps."""
    gene = gene_of(name)
    strands = [draw(st.sampled_from(gene.alleles)) for _ in range(2 if mark else 1)]
    genotypes: dict[int, str] = {}
    for p in {p: None for allele in strands for p in allele.defined}:
        bases = (gene.positions[p].ref, *gene.positions[p].alts)
        shown = [min(gene.bases(allele, p)) for allele in strands]
        genotypes[p] = mark.join(str(bases.index(base)) for base in shown)
    places = st.sampled_from(list(gene.positions))
    if genotypes:
        places |= st.sampled_from(list(genotypes))
    halves = ["", "", f".{mark}1", f"0{mark}."] if mark else [""]
    most = min(4, max(1, len(gene.positions) - 2))  # two are read: one may be taken away
    for p in sorted(draw(st.sets(places, min_size=1, max_size=most))):
        genotypes[p] = draw(st.sampled_from(halves))
    assume(sum(1 for _ in completed(gene, genotypes, mark)) <= MOST_COMPLETIONS)
    return genotypes


@pytest.mark.parametrize(("name", "mark"), ONES)
@given(data=st.data())
@settings(max_examples=10, deadline=None)
def test_what_is_possible_is_what_every_completion_is_called(
    name: str, mark: str, data: st.DataObject
) -> None:
    gene, genotypes = gene_of(name), data.draw(people(name, mark))

    found = possible(name, genotypes, elsewhere=reference(mark))

    calls = [call for _, call in calls_of(gene, genotypes, mark)]
    assert set(found.answers) == {answer for call in calls for answer in answers_of(gene, call)}
    assert set(found.phenotypes) == {phenotype for call in calls for phenotype in call.phenotypes}
    assert found.n_answers == len(found.answers)


@pytest.mark.parametrize(("name", "mark"), ONES)
@given(data=st.data())
@settings(max_examples=10, deadline=None)
def test_the_positions_named_settle_the_answer_and_no_fewer_do(
    name: str, mark: str, data: st.DataObject
) -> None:
    gene, genotypes = gene_of(name), data.draw(people(name, mark))

    found = possible(name, genotypes, elsewhere=reference(mark))

    calls = calls_of(gene, genotypes, mark)
    phenotypes = [(each, frozenset(call.phenotypes)) for each, call in calls]
    called_as = [(each, (call.diplotypes, call.component_haplotypes)) for each, call in calls]
    named = [(each, answer) for each, answer in called_as if any(answer)]
    assert is_fewest(found.settled_by, phenotypes, mark)
    assert is_fewest(found.diplotype_settled_by, named, mark)


def test_half_a_tag_that_its_partner_completes_is_not_asked_for() -> None:
    tag, causal, unread = 97573863, 97579893, 97078987

    found = possible("DPYD", {tag: "./1", causal: "0/1", unread: ""}, elsewhere="0/0")

    assert found.diplotype_settled_by == Settling((unread,))


@pytest.mark.parametrize(("name", "mark"), [one for one in ONES if one.values[0] != "CACNA1S"])
@given(data=st.data())
@settings(max_examples=10, deadline=None)
def test_a_record_taken_away_leaves_at_least_as_much_possible(
    name: str, mark: str, data: st.DataObject
) -> None:
    gene, genotypes = gene_of(name), data.draw(people(name, mark))
    kept = [p for p in gene.positions if genotypes.get(p, "whole")]
    taken = data.draw(st.sampled_from(kept))

    before = possible(name, genotypes, elsewhere=reference(mark))
    after = possible(name, {**genotypes, taken: ""}, elsewhere=reference(mark))

    assert set(before.phenotypes) <= set(after.phenotypes)
    assert before.n_answers <= after.n_answers
    assert set(before.answers) <= set(after.answers) or after.n_answers > MOST_LISTED


@pytest.mark.parametrize("name", ["CYP2B6", "CYP2C19", "NAT2", "SLCO1B1"])
@given(data=st.data())
@settings(max_examples=10, deadline=None)
def test_where_several_phase_sets_share_a_gene_what_is_read_later_is_unphased(
    name: str, data: st.DataObject
) -> None:
    gene, genotypes = gene_of(name), data.draw(people(name, "/"))
    heterozygous = [p for p, text in genotypes.items() if text in ("0/1", "1/0")]
    assume(len(heterozygous) > 1)
    for p, phase_set in zip(heterozygous, "789789789", strict=False):
        genotypes = {**genotypes, p: f"{genotypes[p].replace('/', '|')}:{phase_set}"}

    found = possible(name, genotypes)

    calls = [call for _, call in calls_of(gene, genotypes, "/")]
    assert set(found.answers) == {answer for call in calls for answer in answers_of(gene, call)}


RS4149056 = 21178615  # SLCO1B1 c.521T>C
STAR_2, STAR_2_PARTNER, STAR_1 = 94781859, 94775367, 94842866  # CYP2C19
HAPB3, HAPB3_TAG = 97579893, 97573863  # DPYD


def written(found: Possible) -> list[tuple[str | None, str | None]]:
    return [(answer.diplotype, answer.phenotype) for answer in found.answers]


def test_a_gene_that_was_read_whole_is_what_it_is_called() -> None:
    found = possible("SLCO1B1", {RS4149056: "0/1"})

    assert written(found) == [("*1/*5", "Decreased Function")]
    assert (found.settled_by, found.diplotype_settled_by) == (Settling(()), Settling(()))


def test_each_genotype_of_a_missing_position_is_possible_the_reference_first() -> None:
    found = possible("SLCO1B1", {RS4149056: ""})

    assert written(found) == [
        ("*1/*1", "Normal Function"),
        ("*1/*5", "Decreased Function"),
        ("*5/*5", "Poor Function"),
    ]
    assert found.settled_by == Settling((RS4149056,))


def test_half_a_genotype_rules_out_what_it_contradicts() -> None:
    found = possible("SLCO1B1", {RS4149056: "./1"})

    assert [diplotype for diplotype, _ in written(found)] == ["*1/*5", "*5/*5"]


def test_either_of_two_positions_that_always_go_together_settles() -> None:
    found = possible("CYP2C19", {STAR_1: "1/1", STAR_2: "", STAR_2_PARTNER: ""})

    assert ("*1/*2", "Intermediate Metabolizer") in written(found)
    assert found.settled_by is not None
    assert len(found.settled_by.positions) == 1


def test_the_meaning_may_be_settled_where_the_diplotype_is_not() -> None:
    found = possible("DPYD", {HAPB3: "0/1", HAPB3_TAG: ""})

    assert found.phenotypes == ("Intermediate Metabolizer",)
    assert found.settled_by == Settling(())
    assert found.diplotype_settled_by == Settling((HAPB3_TAG,))


def test_variants_whose_phase_stays_open_are_named_without_a_diplotype() -> None:
    found = possible("DPYD", {97450058: "0/1", 97515787: ""})

    assert Answer(None, ("c.1679T>G (*13)", "c.1905+1G>A (*2A)"), "Poor Metabolizer") in set(
        found.answers
    )


def test_of_more_answers_than_anyone_reads_the_nearest_are_listed_and_all_counted() -> None:
    gaps = dict.fromkeys(list(gene_of("RYR1").positions)[:40], "")

    found = possible("RYR1", gaps)

    assert found.n_answers > MOST_LISTED > len(found.answers)
    assert found.answers[0].diplotype == "Reference/Reference"
    assert set(found.phenotypes) == {
        "Uncertain Susceptibility",
        "Malignant Hyperthermia Susceptibility",
    }


def test_pairs_beyond_those_listed_are_counted_one_by_one() -> None:
    others = list(gene_of("CYP2C9").positions)[1:]

    found = possible("CYP2C9", dict.fromkeys(others, ""))

    assert found.n_answers > MOST_LISTED > len(found.answers)
    assert {answer.phenotype for answer in found.answers} <= set(found.phenotypes)


def test_an_allele_in_no_definition_leaves_nothing_possible() -> None:
    gene = gene_of("CYP2C19")
    odd = Record(STAR_2, "G", ("T",), genotype_of("0/1"), STAR_2)
    genome = genome_of_records(gene, {STAR_2: [odd]})
    call = call_gene(gene, genome)
    assert call is not None

    found = possible_of(call, gene, genome)

    assert found == Possible((), 0, (), None, None)


def test_where_one_position_decides_alone_it_settles_what_no_pair_explains() -> None:
    gene = gene_of("SLCO1B1")
    odd = Record(21176804, "A", ("T",), genotype_of("0/1"), 21176804)
    genome = genome_of_records(gene, {21176804: [odd]})
    call = call_gene(gene, genome)
    assert call is not None

    found = possible_of(call, gene, genome)

    assert found.phenotypes == ("Normal Function", "Decreased Function", "Poor Function")
    assert (found.settled_by, found.diplotype_settled_by) == (Settling((RS4149056,)), None)


def test_where_no_pair_explains_what_was_read_the_deciding_position_is_asked_for() -> None:
    found = possible("SLCO1B1", {21176868: "1/1", 21239077: "1/1", RS4149056: ""})

    assert written(found) == [(None, meaning) for meaning in found.phenotypes]
    assert set(found.phenotypes) == {"Normal Function", "Decreased Function", "Poor Function"}
    assert (found.settled_by, found.diplotype_settled_by) == (Settling((RS4149056,)), None)
