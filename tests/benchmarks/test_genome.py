"""How fast a genome is read and called: a whole one, and the genes of one that is warm or cold.

pytest tests/benchmarks/test_genome.py -s
EPIONE_BENCH_RECORDS, of the whole genome; EPIONE_BENCH_ROUNDS. The cases of the reference data are
the genomes of twenty genes. What takes milliseconds is measured by the processor's time, the least
of many times, for others use the machine as well.
"""

import gzip
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import combinations_with_replacement
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

import pysam
import pytest
from tests.benchmarks.stage import size
from tests.end_to_end.command import EPIONE

from epione.errors import UnreadableGenome
from epione.medicine.genome import Build, Genome
from epione.medicine.genome.build import CHROMOSOME_LENGTHS
from epione.medicine.pharmacogenomics import gene_names, gene_of
from epione.medicine.pharmacogenomics.definitions import Gene
from epione.timeline import GenomicFeatures
from epione_genomics.features import features_of, genome_in, genome_of, sites
from epione_genomics.text import text_of

N_RECORDS, ROUNDS = size("RECORDS", 200_000), size("ROUNDS", 5)
SCANNED_GOAL, INDEXED_MS = 2_500_000, 10  # records/s; ms
P50_MS, P99_MS, COLD_S, COLD_MB = 22, 200, 0.5, 150
COLD_RATIO = 5  # of a Python that imports numpy alone
BY_PYSAM = "pysam, its lines"
OFTEN = 20  # times a round, what takes milliseconds
MANY_GENES, NAIVELY = 17, 2  # files that the naive caller is given: it takes seconds
HEADER = (
    "##fileformat=VCFv4.2\n##reference=GRCh38\n"
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\n"
)

IMPORTS = "from epione_cli import app, genome; from epione_genomics import features"
WATCH = """
import json, resource, subprocess, sys, time
began = time.perf_counter()
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
taken, of = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps((taken, of.ru_utime + of.ru_stime, of.ru_maxrss / 1024)))
"""

Bases = Mapping[tuple[str, int], tuple[str, ...]]


@pytest.fixture(scope="module")
def whole_genome(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write variants all over the genome, of each gene one that is asked about."""
    path = tmp_path_factory.mktemp("genome") / "whole.vcf.gz"
    with pysam.BGZFile(str(path), "w", None) as file:
        file.write(HEADER.encode())
        for line in _variants(random.Random(5)):
            file.write(line.encode())
    pysam.tabix_index(str(path), preset="vcf")
    return path


@pytest.fixture(scope="module")
def indexed(whole_genome: Path) -> Mapping[str, Path]:
    """Give the same file with each kind of index beside it."""
    ways = {"a tabix index": whole_genome}
    for bits in (14, 17):
        path = ways[f"CSI of 2^{bits} bases"] = whole_genome.with_name(f"csi{bits}.vcf.gz")
        path.hardlink_to(whole_genome)
        pysam.tabix_index(str(path), preset="vcf", csi=True, min_shift=bits)
    return ways


def _variants(chance: random.Random) -> Iterator[str]:
    asked_about = sites().on(Build.GRCH38)
    step = sum(length for _, length in CHROMOSOME_LENGTHS.values()) / N_RECORDS
    for contig, (_, length) in CHROMOSOME_LENGTHS.items():
        stretches = asked_about.stretches(contig)
        asked = {place for first, last in stretches for place in range(first, last + 1)}
        places = (int((n + chance.random()) * step) + 1 for n in range(int(length / step)))
        of_others = {place: chance.sample("ACGT", 2) for place in places if place not in asked}
        for place, (ref, alt) in sorted((of_others | _of_genes(contig)).items()):
            depth, quality = chance.randrange(20, 60), chance.randrange(30, 99)
            yield (
                f"{contig}\t{place}\t.\t{ref}\t{alt}\t{quality * 9}.77\tPASS\t"
                f"AC=1;AF=0.500;AN=2;DP={depth};MQ=60.00\tGT:AD:DP:GQ:PL\t0/1:"
                f"{depth // 2},{depth - depth // 2}:{depth}:{quality}:{quality * 9},0,99\n"
            )


def _of_genes(contig: str) -> dict[int, list[str]]:
    """Give one change of a base in each gene of a chromosome, by its place."""
    genes = (gene for gene in map(gene_of, gene_names()) if gene.chromosome == contig)
    changes = (
        next((p for p in gene.positions.values() if len(p.ref + p.alts[0]) == 2), None)
        for gene in genes
    )
    return {change.position: [change.ref, change.alts[0]] for change in changes if change}


def test_a_whole_genome(whole_genome: Path) -> None:
    ways: dict[str, Callable[[], object]] = {
        "line by line": lambda: naive_bases(whole_genome),
        "in blocks": lambda: _streamed(whole_genome),
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            taken[name].append(_seconds(way))
    seconds = {name: median(each) for name, each in taken.items()}
    ratio = seconds["line by line"] / seconds["in blocks"]
    print(f"\n{N_RECORDS:,} records, {whole_genome.stat().st_size / 1e6:.0f} MB bgzip")
    for name, each_s in seconds.items():
        print(f"  {name:15} {each_s * 1e3:8,.1f} ms, {N_RECORDS / each_s / 1e6:6.2f} M records/s")
    print(f"  in blocks {ratio:.1f}x of line by line; goal: {SCANNED_GOAL / 1e6} M records/s")
    assert ratio >= 2


def test_a_whole_genome_with_an_index(whole_genome: Path, indexed: Mapping[str, Path]) -> None:
    found = _streamed(whole_genome)
    ways: dict[str, Callable[[], object]] = {
        name: partial(genome_in, path) for name, path in indexed.items()
    }
    ways[BY_PYSAM] = partial(pysam_lines, whole_genome)
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS * OFTEN):
        for name, way in ways.items():
            began = time.process_time()
            way()
            taken[name].append((time.process_time() - began) * 1e3)
    print(f"\n{N_RECORDS:,} records (goal {INDEXED_MS} ms)")
    for name, each in taken.items():
        print(f"  {name:18} {min(each):5.1f} ms, median {median(each):5.1f}")
    assert all(genome_in(path).records == found.records for path in indexed.values())
    assert min(taken["a tabix index"]) < min(taken[BY_PYSAM])


def pysam_lines(path: Path) -> list[str]:
    """Find the lines near what genes ask about, and read nothing of them."""
    with pysam.TabixFile(str(path)) as file:
        return [
            line
            for contig in file.contigs
            for first, last in sites().on(Build.GRCH38).regions(contig)
            for line in file.fetch(contig, first - 1, last)
        ]


def _streamed(path: Path) -> Genome:
    with path.open("rb") as file:
        return genome_of(text_of(file))


def _seconds(way: Callable[[], object]) -> float:
    began = time.perf_counter()
    way()
    return time.perf_counter() - began


@pytest.mark.reference
def test_twenty_genes_warm(reference_data: Path) -> None:
    files = [
        file
        for file in sorted((reference_data / "pharmacogenomics/cases/vcf").glob("*.vcf"))
        if _n_genes(file) >= MANY_GENES
    ]
    ours = [_seconds(partial(_called, file)) * 1e3 for _ in range(ROUNDS) for file in files]
    naive = [_seconds(partial(naive_calls, file)) * 1e3 for file in files[:NAIVELY]]
    p50, p99 = median(ours), quantiles(ours, n=100)[98]
    ratio = median(naive) / p50
    print(f"\n{len(files)} files of {MANY_GENES} genes or more, {ROUNDS} rounds")
    print(f"  p50 {p50:.1f} ms, p99 {p99:.1f} ms (goals {P50_MS}, {P99_MS})")
    print(f"  a naive caller {median(naive):,.0f} ms: {ratio:.0f}x")
    assert ratio >= 3


def _called(file: Path) -> GenomicFeatures:
    return features_of(genome_in(file), "")


def _n_genes(file: Path) -> int:
    try:
        return len(_called(file).genes)
    except UnreadableGenome:
        return 0


@pytest.mark.reference
def test_twenty_genes_cold(reference_data: Path, tmp_path: Path) -> None:
    """With compiled modules, as an installation has them."""
    file = reference_data / "pharmacogenomics/cases/vcf/pce_pharmcat_example2.vcf"
    ways = {
        "Python": [sys.executable, "-c", "pass"],
        "with numpy": [sys.executable, "-c", "import numpy"],
        "with numpy, typer": [sys.executable, "-c", "import numpy, typer"],
        "all that is imported": [sys.executable, "-c", IMPORTS],
        "epione genome": [*EPIONE, "genome", str(file), "--json"],
    }
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    env["PYTHONPYCACHEPREFIX"] = str(tmp_path)
    for command in ways.values():
        said = subprocess.run(command, check=True, env=env, capture_output=True).stdout
    taken: dict[str, list[Cold]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, command in ways.items():
            taken[name].append(_cold(command, env))
    least = {name: Cold(*map(min, zip(*each, strict=True))) for name, each in taken.items()}
    print("\ncold, the least of each: seconds, of the processor, MB")
    for name, each_least in least.items():
        print(f"  {name:20} {each_least.s:.3f} {each_least.cpu_s:.3f} {each_least.peak_mb:4.0f}")
    ratio = least["epione genome"].cpu_s / least["with numpy"].cpu_s
    print(f"  {ratio:.1f}x of a Python that imports numpy alone; goals {COLD_S} s, {COLD_MB} MB")
    assert json.loads(said)["genes"]
    assert least["epione genome"].peak_mb <= COLD_MB
    assert ratio <= COLD_RATIO


class Cold(NamedTuple):
    """What a process takes; its memory at most."""

    s: float
    cpu_s: float
    peak_mb: float


def _cold(command: Sequence[str], env: Mapping[str, str]) -> Cold:
    """Run a process from a small one: else the memory of this one would count."""
    watched = [sys.executable, "-c", WATCH, *command]
    said = subprocess.run(watched, check=True, env=env, capture_output=True).stdout
    return Cold(*json.loads(said))


def naive_bases(path: Path) -> Bases:
    """Read as one would at first: every line is split, and looked up."""
    wanted = {
        (gene_of(name).chromosome, position)
        for name in gene_names()
        for position in gene_of(name).positions
    }
    found: dict[tuple[str, int], tuple[str, ...]] = {}
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        for line in lines:
            if line.startswith("#"):
                continue
            columns = line.rstrip("\n").split("\t")
            place = columns[0], int(columns[1])
            if place in wanted:
                alleles = (columns[3], *columns[4].split(","))
                called = columns[9].split(":")[0].replace("|", "/").split("/")
                if "." not in called:
                    found[place] = tuple(alleles[int(each)] for each in called)
    return found


def naive_calls(path: Path) -> Mapping[str, list[str]]:
    """Call as one would at first: every pair of alleles is tried."""
    bases = naive_bases(path)
    return {name: _naive_pairs(gene_of(name), bases) for name in gene_names()}


def _naive_pairs(gene: Gene, bases: Bases) -> list[str]:
    best, pairs = 0, list[str]()
    for one, other in combinations_with_replacement(gene.alleles, 2):
        score = 0
        for position, known in gene.positions.items():
            shown = bases.get((gene.chromosome, position))
            if shown is None:
                continue
            first, second = (each.defined.get(position, {known.ref}) for each in (one, other))
            strands = (shown, shown[::-1])
            if not any(a[0] in first and a[-1] in second for a in strands):
                break
            score += (position in one.defined) + (position in other.defined)
        else:
            if score > best:
                best, pairs = score, []
            if score == best:
                pairs.append(f"{one.star}/{other.star}")
    return pairs
