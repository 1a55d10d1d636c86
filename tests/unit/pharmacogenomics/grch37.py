"""Texts of VCFs on GRCh38, as the same person's would be on GRCh37.

By another way than the knowledge goes: whole stretches that UCSC's hg38ToHg19 chain leads over
without a gap, and the five bases that, of all positions, differ (pypgx 0.27.0).
"""

from collections.abc import Sequence

# Chromosome, first and last base on GRCh38, and how much further on a base lies there.
STRETCHES = (
    ("chr1", 93629112, 103300849, -465556),
    ("chr1", 199117452, 205953579, 30872),
    ("chr2", 233145097, 233898440, -908646),
    ("chr4", 86919729, 88456904, -921152),
    ("chr6", 13822214, 21975314, -231),
    ("chr7", 98789641, 100773850, 402377),
    ("chr7", 114986761, 127821592, 359946),
    ("chr8", 18378905, 19270207, 142490),
    ("chr10", 85438015, 96160342, -1759757),
    ("chr12", 11267402, 21910802, -152934),
    ("chr13", 48001074, 52143914, -574136),
    ("chr16", 21042559, 33156679, -11321),
    ("chr19", 15619690, 16157397, -110810),
    ("chr19", 37747524, 39897929, -490640),
    ("chr19", 40617190, 41457256, -505905),
    ("chr22", 42126137, 42132025, -396002),
    ("chrX", 154529162, 154547127, 771785),
)
# Place on GRCh38, and GRCh37's base.
OTHER_BASES = {
    ("chr1", 97883329): "G",
    ("chr7", 99672916): "C",
    ("chr10", 94842866): "G",
    ("chr22", 42126611): "G",
    ("chr22", 42127941): "A",
}
HEADER = "##contig=<ID=1,length=249250621>\n##contig=<ID=MT,length=16569>"


def on_grch37(text: str) -> str:
    """Give a VCF of one sample as it would be on GRCh37, with contigs named as there: 1, X."""
    kept = [line for line in text.splitlines() if not line.startswith(("##contig=", "##ref"))]
    lines = [_line(line) if line and not line.startswith("#") else line for line in kept]
    return "\n".join([lines[0], HEADER, *lines[1:]]) + "\n"


def place_on_grch37(chromosome: str, position: int) -> int:
    (offset,) = (
        offset
        for name, first, last, offset in STRETCHES
        if name == chromosome and first <= position <= last
    )
    return position - offset


def _line(line: str) -> str:
    chromosome, at, name, ref, alts, *more, info, form, call = line.split("\t")
    position = int(at)
    reference = _reference(chromosome, position, ref)
    alleles = [ref, *alts.split(",")] if alts != "." else [ref]
    written = [reference, *(allele for allele in alleles if allele != reference)]
    genotype, *rest = call.split(":")
    return "\t".join(
        (
            chromosome.removeprefix("chr"),
            str(place_on_grch37(chromosome, position)),
            name,
            reference,
            ",".join(written[1:]) or ".",
            *more,
            info,
            form,
            ":".join((_genotype(genotype, alleles, written), *rest)),
        )
    )


def _reference(chromosome: str, position: int, ref: str) -> str:
    bases = (OTHER_BASES.get((chromosome, position + n), base) for n, base in enumerate(ref))
    return "".join(bases)


def _genotype(text: str, alleles: Sequence[str], written: Sequence[str]) -> str:
    sign = "|" if "|" in text else "/"
    called = (written.index(alleles[int(n)]) if n.isdigit() else n for n in text.split(sign))
    return sign.join(map(str, called))
