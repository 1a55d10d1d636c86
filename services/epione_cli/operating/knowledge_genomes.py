"""Whose advice another release changes, of genomes in files."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from epione.errors import UnreadableGenome
from epione.medicine.pharmacogenomics import DrugAdvice, Guidelines
from epione.timeline import GeneCall
from epione_cli.genome import columns_of, read_genome, vcfs_of
from epione_cli.operating.knowledge_lines import Line, advice_line, call_line
from epione_cli.operating.knowledge_shown import Shown

Calls = Mapping[str, GeneCall]
Advised = Mapping[tuple[str, str], DrugAdvice]  # by drug, and by guideline, gene or population


def compare(paths: Sequence[Path], before: Guidelines, after: Guidelines, shown: Shown) -> int:
    """Show what changes for each sample of each file; give how many cannot be read."""
    n_unread = 0
    for file in _files(paths):
        for column in columns_of(file):
            try:
                sample, one = _called(file, column, before)
                _, other = _called(file, column, after)
            except UnreadableGenome as fault:
                shown.unreadable(file.name, str(fault))
                n_unread += 1
                continue
            advised, newer = _advised(before, one), _advised(after, other)
            shown.genome(file.name, sample, [*_calls(one, other), *_advice(advised, newer)])
    return n_unread


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        yield from vcfs_of(path) if path.is_dir() else [path]


def _called(file: Path, column: int | None, guidelines: Guidelines) -> tuple[str, Calls]:
    read, features = read_genome(file, column, guidelines.folder)
    return read.sample, {call.gene: call for call in features.genes}


def _advised(guidelines: Guidelines, calls: Calls) -> Advised:
    return {
        (drug.display, answer.key): answer
        for drug in guidelines.drugs()
        for answer in guidelines.answers_for(drug, calls)
        if isinstance(answer, DrugAdvice)
    }


def _calls(before: Calls, after: Calls) -> Iterator[Line]:
    for gene in sorted({*before, *after}):
        one, other = before.get(gene), after.get(gene)
        if _means(one) != _means(other):
            yield call_line(gene, one, other)


def _means(call: GeneCall | None) -> object:
    return call and (call.diplotypes, call.component_haplotypes, call.lookup_keys)


def _advice(before: Advised, after: Advised) -> Iterator[Line]:
    for named in sorted({*before, *after}):
        one, other = before.get(named), after.get(named)
        if _says(one) != _says(other):
            yield advice_line(one, other)


def _says(advice: DrugAdvice | None) -> object:
    return advice and (advice.kind, advice.action, advice.strength)
