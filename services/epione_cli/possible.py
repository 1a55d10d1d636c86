"""What a gene may turn out to be, as JSON and in lines for people."""

from collections.abc import Iterator, Sequence

from epione.medicine.genome import Genome
from epione.medicine.pharmacogenomics import Answer, Possible, Settling, gene_of, possible_of
from epione.timeline import GeneCall

MOST_SHOWN = 4  # answers or positions in a line for people
COUNTLESS = 1_000_000
MOST_COUNTED = 2**53  # a number that every reader of JSON keeps exactly (RFC 8259, section 6)


def possible_as_json(call: GeneCall, genome: Genome) -> dict[str, object]:
    """Give the entries of a gene that say what it may be, and what settles it.

    `n_possible_diplotypes` counts those too that are not listed, and is null beyond 2^53. Positions
    that settle are null where none does; `…_smallest` is there, and false, where fewer may do.
    """
    possible = possible_of(call, gene_of(call.gene), genome)
    return {
        "possible_diplotypes": list(map(_answer_as_json, possible.answers)),
        "n_possible_diplotypes": possible.n_answers if possible.n_answers < MOST_COUNTED else None,
        "possible_phenotypes": list(possible.phenotypes),
        **_settling_as_json("settled_by", call.gene, possible.settled_by),
        **_settling_as_json("diplotype_settled_by", call.gene, possible.diplotype_settled_by),
    }


def possible_lines(call: GeneCall, genome: Genome) -> Iterator[str]:
    """Say what a call may become, and by which positions; nothing where all was read."""
    possible = possible_of(call, gene_of(call.gene), genome)
    meaning, diplotype = possible.settled_by, possible.diplotype_settled_by
    if meaning is None:
        yield "no position that was not read settles it"
    elif meaning.positions or possible.n_answers > len(call.diplotypes or (call,)):
        yield f"may be {_answers(possible)}"
        yield f"what it means {_settled(call.gene, meaning)}"
        if diplotype and diplotype != meaning:
            yield f"the diplotype {_settled(call.gene, diplotype)}"


def _answer_as_json(answer: Answer) -> dict[str, object]:
    entry: dict[str, object] = {"diplotype": answer.diplotype, "phenotype": answer.phenotype}
    if answer.component_haplotypes:
        entry["component_haplotypes"] = list(answer.component_haplotypes)
    return entry


def _settling_as_json(name: str, gene: str, settling: Settling | None) -> dict[str, object]:
    if settling is None:
        return {name: None}
    places = gene_of(gene).positions
    entry: dict[str, object] = {
        name: [{"position": p, "rsid": places[p].rsid} for p in settling.positions]
    }
    return entry if settling.is_smallest else {**entry, f"{name}_smallest": False}


def _answers(possible: Possible) -> str:
    shown = [
        answer.diplotype or " + ".join(answer.component_haplotypes) or "no known pair"
        for answer in possible.answers
    ]
    phenotypes = " or ".join(phenotype or "none assigned" for phenotype in possible.phenotypes)
    return f"{_some(shown, possible.n_answers)}: {phenotypes}"


def _settled(gene: str, settling: Settling) -> str:
    if not settling.positions:
        return "is settled"
    places = [gene_of(gene).where(position) for position in settling.positions]
    fewer = "" if settling.is_smallest else " (fewer may do)"
    return f"is settled by reading {_some(places, len(places))}{fewer}"


def _some(texts: Sequence[str], n: int) -> str:
    """List the first texts, and say how many of n are left out."""
    shown = ", ".join(texts[:MOST_SHOWN])
    if n <= MOST_SHOWN:
        return shown
    return (
        f"{shown} and {n - MOST_SHOWN:,} more" if n < COUNTLESS else f"{shown} and countless more"
    )
