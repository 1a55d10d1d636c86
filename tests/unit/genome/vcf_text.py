"""Small VCFs, written out for the tests of this room."""

from collections.abc import Iterable

GRCH38 = "##contig=<ID=chr10,length=133797422,assembly=GRCh38>"
FORMAT = "##fileformat=VCFv4.4"


def vcf(
    *records: str,
    header: Iterable[str] = (GRCH38,),
    samples: tuple[str, ...] = ("S1",),
    line_end: str = "\n",
) -> list[bytes]:
    """Give a VCF's lines. A record is written with blanks: chr10 100 C T GT 0/1."""
    columns = ("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *samples)
    lines = [FORMAT, *header, "\t".join(columns), *map(_record, records)]
    return [f"{line}{line_end}".encode() for line in lines]


def _record(text: str) -> str:
    contig, position, ref, alt, form, *calls = text.split()
    info = "."
    if calls and "=" in calls[-1]:
        info = calls.pop()
    return "\t".join((contig, position, ".", ref, alt, ".", "PASS", info, form, *calls))
