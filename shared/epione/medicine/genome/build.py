"""Genome builds, and how a file says which one it was made on."""

import re
from collections.abc import Iterable
from enum import StrEnum

from epione.errors import UnreadableGenome


class Build(StrEnum):
    """A human reference genome."""

    GRCH37 = "GRCh37"
    GRCH38 = "GRCh38"


# Bases of each chromosome: GRCh37, GRCh38. Source: NCBI assembly reports of GCF_000001405.13 and
# GCF_000001405.26 (patches do not change them).
CHROMOSOME_LENGTHS: dict[str, tuple[int, int]] = {
    "chr1": (249250621, 248956422),
    "chr2": (243199373, 242193529),
    "chr3": (198022430, 198295559),
    "chr4": (191154276, 190214555),
    "chr5": (180915260, 181538259),
    "chr6": (171115067, 170805979),
    "chr7": (159138663, 159345973),
    "chr8": (146364022, 145138636),
    "chr9": (141213431, 138394717),
    "chr10": (135534747, 133797422),
    "chr11": (135006516, 135086622),
    "chr12": (133851895, 133275309),
    "chr13": (115169878, 114364328),
    "chr14": (107349540, 107043718),
    "chr15": (102531392, 101991189),
    "chr16": (90354753, 90338345),
    "chr17": (81195210, 83257441),
    "chr18": (78077248, 80373285),
    "chr19": (59128983, 58617616),
    "chr20": (63025520, 64444167),
    "chr21": (48129895, 46709983),
    "chr22": (51304566, 50818468),
    "chrX": (155270560, 156040895),
    "chrY": (59373566, 57227415),
}

_NAMES = (
    (Build.GRCH38, re.compile(r"grch38|hg38|\bb38\b|hs38|gcf_000001405\.(2[6-9]|[34]\d)", re.I)),
    (
        Build.GRCH37,
        re.compile(r"grch37|hg19|\bb37\b|g1k_v37|hs37|gcf_000001405\.(1[3-9]|2[0-5])", re.I),
    ),
)
_OTHER = re.compile(r"hg18|ncbi36|\bb36\b|chm13|hs1\b", re.I)


def chromosome_of(contig: str) -> str:
    """Give a contig's name as GRCh38 names it.

    >>> chromosome_of("1"), chromosome_of("chrX"), chromosome_of("MT")
    ('chr1', 'chrX', 'chrM')
    """
    bare = contig.removeprefix("chr")
    return "chrM" if bare in ("M", "MT") else f"chr{bare}"


def build_stated(header: Iterable[str]) -> Build | None:
    """Give the build that the `##` lines of a VCF state; None where they are silent.

    Raises:
        UnreadableGenome: They state two builds, or one that is neither GRCh37 nor GRCh38.
    """
    stated: set[Build] = set()
    for line in header:
        if line.startswith("##contig="):
            stated |= _by_length(line) | _by_name(_attribute(line, "assembly"))
        elif line.startswith(("##reference=", "##assembly=")):
            stated |= _by_name(line)
    if len(stated) > 1:
        raise UnreadableGenome(f"the header states two builds: {', '.join(sorted(stated))}")
    return next(iter(stated), None)


def _attribute(line: str, name: str) -> str:
    found = re.search(rf"[<,]{name}=\"?([^,>\"]+)", line)
    return found[1] if found else ""


def _by_length(line: str) -> set[Build]:
    length, contig = _attribute(line, "length"), _attribute(line, "ID")
    lengths = CHROMOSOME_LENGTHS.get(chromosome_of(contig))
    if lengths is None or not length.isdecimal():
        return set()
    if int(length) not in lengths:
        raise UnreadableGenome(f"{contig} has {length} bases in neither GRCh37 nor GRCh38")
    return {(Build.GRCH37, Build.GRCH38)[lengths.index(int(length))]}


def _by_name(text: str) -> set[Build]:
    named = {build for build, pattern in _NAMES if pattern.search(text)}
    if not named and _OTHER.search(text):
        raise UnreadableGenome("the header states a build that is neither GRCh37 nor GRCh38")
    return named
