"""A genome's report as plain text, for a clinician to read."""

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest

from epione.medicine.drug_recommendations import asks_for_change
from epione.medicine.pharmacogenomics import DrugAdvice, is_looked_up, meaning_of, why_not_called
from epione.medicine.pharmacogenomics.advice import ACTIONABLE, UNDECIDED, USUAL
from epione.reporting.findings import Findings, no_change, old_knowledge, unmet
from epione.timeline import GeneCall

WIDTH = 88  # columns
LABEL = 12
LIMITS = (
    "Not a medical device, and no substitute for judgement. Made by software from a genome file "
    "and published guidelines; confirm a result before it changes treatment.",
    "Named alleles are matched to the genotypes at the positions that define them. A position that "
    "was not read is never taken for the reference: it is listed, and what it may change is said. "
    "Alleles without a position in this release, and variants that no definition names, are not "
    "seen.",
    "Small variants do not show copies and hybrids of CYP2D6, nor HLA types: another caller "
    "answers for these.",
    "Guidelines are those of this release alone; what else the patient takes, and kidney, liver, "
    "age and pregnancy, are not weighed beyond what is listed above.",
)

# A table's columns, each as wide as its heading with the spaces behind it.
HEADINGS = ("Gene     ", "Called                   ", "Means                         ", "Not read")
BETWEEN = "  "


def text_of(findings: Findings, sample: str) -> str:
    """Write the report, with no line longer than `WIDTH`.

    Args:
        findings: What is reported.
        sample: The sample's name as its file states it, for the eyes of whoever gave the file.
    """
    sections = (
        ("PHARMACOGENOMIC REPORT", _header(findings, sample)),
        ("WHAT TO DO DIFFERENTLY", _to_do(findings)),
        ("ONLY IN A RARE DISEASE", _items(_only_in_rare_disease(findings))),
        ("NO RECOMMENDATION FOR THIS RESULT", _items(_undecided(findings))),
        ("AS USUAL", _as_usual(findings)),
        ("GENES", _genes(findings)),
        ("NOT CALLED, OR LEFT OPEN", _open(findings)),
        ("NO ADVICE", _items(unmet(findings))),
        ("METHOD AND LIMITS", _items(LIMITS)),
    )
    return "\n".join(line for title, body in sections for line in _section(title, list(body)))


def _section(title: str, body: Sequence[str]) -> Sequence[str]:
    return (title, "-" * len(title), *body, "") if body else ()


def _header(findings: Findings, sample: str) -> Iterator[str]:
    callers = sorted({call.caller for call in findings.calls.values() if call.caller})
    others = f"; called by others: {', '.join(callers)}" if callers else ""
    yield from _labelled("Sample", f"{sample} (as its file names it)")
    yield from _labelled("Date", f"{findings.issued:%Y-%m-%d}")
    yield from _labelled("Read from", f"a VCF on {findings.build}{others}")
    yield from _labelled("Genes by", f"knowledge release {findings.knowledge_release}")
    for each in findings.guidelines:
        known = f"{each.source} {each.release}, knowledge as of {each.knowledge_as_of}"
        yield from _labelled("Advice by", known)
    for given in findings.beside:
        yield from _labelled("Beside", given)
    for old in old_knowledge(findings):
        yield from _labelled("Mind", old)


def _to_do(findings: Findings) -> Iterator[str]:
    """Give the drugs with what to do, how it is graded, and why."""
    for number, (names, advice) in enumerate(_alike(findings.to_do_differently), 1):
        graded = f"[{advice.kind}; {advice.strength}, {advice.source}]"
        yield from _wrapped(f"{names} {graded}", f"{number:>2}. ", " " * 4)
        yield from _labelled("Do", f"{advice.as_far_as_read}{advice.action}", margin=4)
        for reason in (*advice.reasons, *(each.text for each in advice.beside)):
            yield from _labelled("Why", reason, margin=4)
        for change in advice.would_change_if:
            yield from _labelled("Other if", change, margin=4)
        sources = (f"{each.source} {each.release}, {each.reference}" for each in advice.evidence)
        yield from _labelled("Source", "; ".join(sources), margin=4)
    yield from _items(no_change(findings))


def _only_in_rare_disease(findings: Findings) -> Iterator[str]:
    said = (
        each for each in findings.advice if each.kind in ACTIONABLE and not asks_for_change(each)
    )
    return (f"{names}: {advice.as_far_as_read}{advice.action}" for names, advice in _alike(said))


def _undecided(findings: Findings) -> Iterator[str]:
    """Give the drugs with the result and what is said of it; sources are not told here."""
    said = (replace(e, evidence=()) for e in findings.advice if e.kind == UNDECIDED)
    for names, advice in _alike(said):
        yield f"{names}: {'; '.join(advice.reasons)}. {advice.as_far_as_read}{advice.action}"


def _alike(advice: Iterable[DrugAdvice]) -> Iterator[tuple[str, DrugAdvice]]:
    """Put advice together that is the same but for the drug's name; give the names, and it once."""
    alike: dict[DrugAdvice, list[DrugAdvice]] = {}
    for each in advice:
        alike.setdefault(_of_any_drug(each), []).append(each)
    for said, every in alike.items():
        names = ", ".join(dict.fromkeys(each.drug.display for each in every))
        of_whom = f" ({said.heading})" if said.heading else ""
        yield f"{names}{of_whom}", every[0] if len(every) == 1 else said


def _of_any_drug(advice: DrugAdvice) -> DrugAdvice:
    """Say advice of "the drug", whichever it is."""

    def unnamed(text: str) -> str:
        return re.sub(rf"\b{re.escape(advice.drug.display)}\b", "the drug", text)

    return replace(
        advice,
        drug=replace(advice.drug, code="", display=""),
        action=unnamed(advice.action),
        would_change_if=tuple(map(unnamed, advice.would_change_if)),
    )


def _as_usual(findings: Findings) -> Iterator[str]:
    usual = [_for_whom(advice) for advice in findings.advice if advice.kind == USUAL]
    return _wrapped(", ".join(usual), "", "")


def _for_whom(advice: DrugAdvice) -> str:
    """Name the drug, whom it is usual for, and the genes of which a position may change that."""
    read = f"as far as {' and '.join(advice.unread)} was read" if advice.unread else ""
    told = "; ".join(filter(None, (advice.heading, read)))
    return f"{advice.drug.display} ({told})" if told else advice.drug.display


def _genes(findings: Findings) -> Iterator[str]:
    called = [call for gene, call in findings.calls.items() if is_looked_up(gene, findings.calls)]
    if called:
        yield BETWEEN.join(HEADINGS)
        yield BETWEEN.join("-" * len(heading) for heading in HEADINGS)
    for call in called:
        n_unread = len(call.missing_positions)
        unread = f"{n_unread} position{'' if n_unread == 1 else 's'}" if n_unread else "none"
        yield from _row((call.gene, _result(call), meaning_of(call), unread))


def _result(call: GeneCall) -> str:
    found = " or ".join(call.diplotypes) or " + ".join(call.component_haplotypes)
    caller = f" (by {call.caller})" if call.caller else ""
    disputed = ", disputed" if call.disputed else ""
    return f"{found or 'no diplotype'}{disputed}{caller}"


def _row(cells: Sequence[str]) -> Iterator[str]:
    """Lay out a row of the table, each cell wrapped in its column."""
    wrapped = [
        textwrap.wrap(_printable(cell), len(heading))
        for cell, heading in zip(cells, HEADINGS, strict=True)
    ]
    for line in zip_longest(*wrapped, fillvalue=""):
        padded = (f"{part:<{len(heading)}}" for part, heading in zip(line, HEADINGS, strict=True))
        yield BETWEEN.join(padded).rstrip()


def _open(findings: Findings) -> Iterator[str]:
    """Say why genes are not called, what others may still be, and what settles each."""
    for gene, call in findings.calls.items():
        told = [] if is_looked_up(gene, findings.calls) else [why_not_called(gene, findings.calls)]
        if call.research_diplotypes:
            told.append(f"for research use only: {' or '.join(call.research_diplotypes)}")
        told += [*call.warnings, *findings.left_open.get(gene, ())]
        for line in told:
            yield from _labelled(gene, line)
            gene = ""
    for gene, why in findings.unread.items():
        yield from _labelled(gene, why)


def _items(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield from _wrapped(text, "- ", "  ")


def _labelled(label: str, text: str, margin: int = 0) -> Iterator[str]:
    indent = " " * margin
    return _wrapped(text, f"{indent}{label:<{LABEL}}", f"{indent}{'':<{LABEL}}")


def _wrapped(text: str, first: str, then: str) -> Iterator[str]:
    yield from textwrap.wrap(_printable(text), WIDTH, initial_indent=first, subsequent_indent=then)


def _printable(text: str) -> str:
    """Take out what would steer a terminal: a file's names may hold anything."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
