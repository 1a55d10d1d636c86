"""What a genome shows at the positions of a gene."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from epione.medicine.genome import Genome, Record
from epione.medicine.pharmacogenomics.definitions import Gene, Places, Position
from epione.medicine.pharmacogenomics.reading import Bases, Reading, agreed, reading_of

HOMOZYGOUS_REFERENCE = (0, 0)


@dataclass(frozen=True, slots=True)
class Observed:
    """A gene's positions, each in exactly one of `bases`, `missing`, `half` and `undocumented`."""

    bases: Mapping[int, tuple[str, ...]]  # whole genotypes, in documented bases
    phase_sets: Mapping[int, str] = field(default_factory=dict)  # "" where not phased
    missing: tuple[int, ...] = ()
    half: tuple[int, ...] = ()  # one strand has an alternative, the other is not known
    undocumented: Mapping[int, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    known: Mapping[int, str] = field(default_factory=dict)  # one strand's base, not the other's

    @property
    def is_haploid(self) -> bool:
        return bool(self.bases) and all(len(bases) == 1 for bases in self.bases.values())

    @property
    def heterozygous(self) -> tuple[int, ...]:
        return tuple(p for p, bases in self.bases.items() if len(set(bases)) > 1)


def observe(gene: Gene, genome: Genome) -> Observed:
    """Read a gene's positions off a genome of any build; one that no record tells of is missing.

    A record is read by the reference of its own build. What it shows are bases, by GRCh38's places.
    """
    places = gene.places[genome.build]
    records = {p: genome.records.get(site, ()) for p, site in places.sites.items()}
    found = {p: _readings(places, places.positions[p], at) for p, at in records.items()}
    haploid = gene.chromosome == "chrX" and _all_haploid(found.values())
    bases: dict[int, tuple[str, ...]] = {}
    phase_sets: dict[int, str] = {}
    missing: list[int] = []
    half: list[int] = []
    undocumented: dict[int, str] = {}
    known: dict[int, str] = {}
    warnings = [_failed(places, p, each) for p, at in records.items() for each in at if each.failed]
    for p, position in gene.positions.items():
        reading = agreed(places.positions[p], found[p]) if found.get(p) else None
        whole = _whole(position.ref, reading.bases, haploid) if reading else None
        if reading is None or whole is None:
            missing.append(p)
            if p not in found:
                warnings.append(f"{gene.where(p)} is not known on {genome.build}: it is not read")
            elif found[p] and reading is None:
                warnings.append(f"records at {gene.chromosome}:{p} contradict each other")
        elif not reading.is_documented:
            undocumented[p] = "/".join(base for base in whole if base)
            warnings.append(
                f"{undocumented[p]} at {gene.chromosome}:{p} is in no definition of {gene.name}"
            )
        elif None in whole:
            half.append(p)
        else:
            bases[p] = tuple(base for base in whole if base is not None)
            phase_sets[p] = reading.phase_set
        if reading and p not in bases and p not in undocumented:
            known.update((p, base) for base in reading.bases if base is not None)
    return Observed(
        bases, phase_sets, tuple(missing), tuple(half), undocumented, tuple(warnings), known
    )


def _readings(places: Places, position: Position, records: Sequence[Record]) -> list[Reading]:
    """Give what records say of a position: its own ones, and those around it.

    Beside its own, one around it counts where it shows an alternative of the position.
    """
    place = position.position, position.ref
    if len(records) == 1 and records[0].genotype.alleles == HOMOZYGOUS_REFERENCE:
        (record,) = records
        if (record.position, record.ref) == place:
            bases = (position.ref, position.ref)  # as nearly every record says: kept quick
            return [Reading(bases, record.genotype.phase_set, frozenset(), is_documented=True)]
    read = [(record, reading_of(places, position, record)) for record in records]
    told = [(record, reading) for record, reading in read if reading is not None]
    own = [r for record, r in told if (record.position, record.ref) == place]
    others = [r for record, r in told if (record.position, record.ref) != place]
    if not own:
        return others
    return own + [r for r in others if r.is_documented and r.has_alternative(position)]


def _all_haploid(found: Iterable[Sequence[Reading]]) -> bool:
    return {len(reading.bases) for readings in found for reading in readings} == {1}


def _whole(ref: str, bases: Bases, haploid: bool) -> Bases | None:
    """Give a genotype of the right ploidy; None where all that is known of it is the reference."""
    if not haploid and len(bases) == 1:
        bases = (*bases, None)
    if None in bases and set(bases) <= {None, ref}:
        return None
    return bases


def _failed(places: Places, p: int, record: Record) -> str:
    at = record.position - places.positions[p].position + p
    return f"the record at {places.chromosome}:{at} failed {record.failed}"
