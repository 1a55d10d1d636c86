"""What one record of a VCF says of one position of a gene, and several of them together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from epione.medicine.genome import Record, change_of
from epione.medicine.pharmacogenomics.definitions import Places, Position

# The bases of one person at one position, one entry a strand; None is no call.
Bases = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """A genotype at a position; the record rules the alternatives `spoken_of` in or out."""

    bases: Bases
    phase_set: str
    spoken_of: frozenset[str]
    is_documented: bool

    def has_alternative(self, position: Position) -> bool:
        return bool(set(self.bases) - {None, position.ref})


def reading_of(places: Places, position: Position, record: Record) -> Reading | None:
    """Read a position off a record; None where the record does not tell, or is not diploid.

    Beside a strand with one of the position's alternatives, a strand of reference alone is the
    position's: who found the one would have written the other. So `C>CAT 0/1`, as most callers
    write one more repeat, is CAT/CATAT. Where neither strand has it, the other alternatives were
    not looked for, and `C>CAT 0/0` tells nothing.
    """
    indices = record.genotype.alleles
    bases = tuple(
        None if index is None else _bases_of(places, position, record, index) for index in indices
    )
    if not set(position.alts).isdisjoint(bases):
        told = zip(bases, indices, strict=True)
        bases = tuple(position.ref if (b, index) == ("", 0) else b for b, index in told)
    is_documented = {position.ref, *position.alts, None, ""}.issuperset(bases)
    if len(bases) > 2 or ("" in bases and is_documented):
        return None
    spoken_of = _spoken_of(position, record)
    return Reading(
        tuple(base or None for base in bases), record.genotype.phase_set, spoken_of, is_documented
    )


def agreed(position: Position, readings: Sequence[Reading]) -> Reading | None:
    """Put the readings of one position together; None where they contradict each other.

    The record that fits the definition counts: one that shows a documented alternative before one
    of an alternative that no definition has, and one that looked for the alternatives before one
    that only states the reference. Records that split one genotype are joined again.
    """
    if len(readings) == 1:
        return readings[0]
    documented = [reading for reading in readings if reading.is_documented]
    if any(reading.has_alternative(position) for reading in documented):
        readings = documented
    if any(reading.spoken_of for reading in readings):
        readings = [r for r in readings if r.spoken_of or r.has_alternative(position)]
    together: Reading | None = readings[0]
    for reading in readings[1:]:
        together = together and _joined(position, together, reading)
    return together


def _bases_of(places: Places, position: Position, record: Record, index: int) -> str:
    """Give what an allele of a record has at a position, "" where the record does not tell."""
    allele = record.allele(index)
    if (record.position, record.ref) == (position.position, position.ref):
        return allele
    if index == 0:
        return position.ref if _tells_reference(position, record) else ""
    if not allele.isalpha():
        return f"{record.ref}>{allele}"
    change = change_of(record.position, record.ref, allele, _known_bases(position, record))
    if change in position.changes:
        return position.changes[change]
    last = position.position + len(position.ref) - 1
    if change is None or change.position > last:
        return position.ref if _tells_reference(position, record) else ""
    if len(allele) == len(record.ref) and record.position <= position.position:
        offset = position.position - record.position
        return allele[offset : offset + len(position.ref)]
    return "" if change in places.changes else f"{record.ref}>{allele}"


def _tells_reference(position: Position, record: Record) -> bool:
    """Say whether a record's reference allele is a statement about this position.

    A block of the reference is, over its whole length; so is a record that starts here or has this
    position's own alternatives. A deletion that was looked for and not found says nothing of the
    single bases within it.
    """
    last = position.position + len(position.ref) - 1
    if record.end >= last and (
        record.position == position.position
        or (record.position < position.position and record.is_reference_block)
    ):
        return True
    return set(position.changes) <= _changes(position, record)


def _spoken_of(position: Position, record: Record) -> frozenset[str]:
    if (record.position, record.ref) == (position.position, position.ref):
        return frozenset(record.alts).intersection(position.alts)
    changes = _changes(position, record)
    return frozenset(alt for change, alt in position.changes.items() if change in changes)


def _changes(position: Position, record: Record) -> set[object]:
    known = _known_bases(position, record)
    spelled = (alt for alt in record.alts if alt.isalpha())
    return {change_of(record.position, record.ref, alt, known) for alt in spelled}


def _known_bases(position: Position, record: Record) -> Callable[[int], str]:
    """Give the reference bases that the position and the record know between them."""
    stretches = ((position.position, position.ref), (record.position, record.ref))

    def base_at(at: int) -> str:
        for first, bases in stretches:
            if first <= at < first + len(bases):
                return bases[at - first]
        return ""

    return base_at


def _joined(position: Position, one: Reading, other: Reading) -> Reading | None:
    """Join two readings; None where they speak of the same alternative and differ."""
    if sorted(map(str, one.bases)) == sorted(map(str, other.bases)):
        same_strands = (one.bases, one.phase_set) == (other.bases, other.phase_set)
        return one if same_strands else replace(one, phase_set="")
    if one.spoken_of & other.spoken_of or len(one.bases) != len(other.bases):
        return None
    bases = _overlaid(position.ref, one, other)
    if bases is None:
        return None
    bearer = one if one.has_alternative(position) else other
    return Reading(
        bases,
        bearer.phase_set,
        one.spoken_of | other.spoken_of,
        one.is_documented and other.is_documented,
    )


def _overlaid(ref: str, one: Reading, other: Reading) -> Bases | None:
    """Put two genotypes' alternatives on the strands; strand by strand where both are phased."""
    if one.phase_set and one.phase_set == other.phase_set:
        pairs = list(zip(one.bases, other.bases, strict=True))
        if any(ref not in pair for pair in pairs):
            return None
        return tuple(a if b == ref else b for a, b in pairs)
    alternatives = [base for base in (*one.bases, *other.bases) if base != ref]
    if len(alternatives) > len(one.bases):
        return None
    return (*[ref] * (len(one.bases) - len(alternatives)), *alternatives)
