"""From a file's lines to features."""

from io import BytesIO
from pathlib import Path

import pysam
import pytest
from hypothesis import given
from hypothesis import strategies as st

from epione.errors import UnreadableGenome
from epione.medicine.pharmacogenomics import RELEASE, gene_names, gene_of
from epione_genomics.features import features_of, genome_in, genome_of, sites
from epione_genomics.text import text_of

HEADER = [
    b"##fileformat=VCFv4.2\n",
    b"##contig=<ID=chr10,assembly=GRCh38.p14>\n",
    b"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\n",
]
STAR_2 = b"chr10\t94781859\trs4244285\tG\tA\t.\tPASS\t.\tGT\t1/1\n"
PARTNER = b"chr10\t94775367\trs12769205\tA\tG\t.\tPASS\t.\tGT\t1/1\n"
STAR_1 = b"chr10\t94842866\trs3758581\tA\tG\t.\tPASS\t.\tGT\t1/1\n"


def test_features_say_what_was_read_and_by_which_knowledge() -> None:
    features = features_of(genome_of([*HEADER, PARTNER, STAR_2, STAR_1]), "abc")

    assert (features.sample_sha256, features.build) == ("abc", "GRCh38")
    assert features.knowledge_release == RELEASE
    assert [(call.gene, call.diplotype) for call in features.genes] == [("CYP2C19", "*2/*2")]
    assert features.observed_sex == ""


@given(st.data())
def test_whatever_the_bytes_they_are_read_or_refused(data: st.DataObject) -> None:
    """A fault of the file is the file's: nothing else may be raised, and no reader stops."""
    text = bytearray(b"".join([*HEADER, PARTNER, STAR_2, STAR_1]))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text) - 1))
        text[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))

    try:
        features = features_of(genome_of(text_of(BytesIO(bytes(text)))), "abc")
    except UnreadableGenome:
        return

    assert {call.gene for call in features.genes} <= set(gene_names())


def test_every_position_of_every_gene_is_asked_about() -> None:
    assert len(gene_names()) == 21
    assert sites().touched("chr16", 31096368, 31096368)
    assert not sites().touched("chr16", 31096369, 31096400)


def test_of_a_genome_on_grch37_with_an_index_the_places_on_grch37_are_read(tmp_path: Path) -> None:
    features = features_of(genome_in(indexed(tmp_path, "hg19")), "abc")

    assert features.build == "GRCh37"
    assert [(call.gene, call.diplotype) for call in features.genes] == [("CYP2C19", "*1/*1")]
    assert features.genes[0].missing_positions == ()


@pytest.mark.parametrize(
    "first",
    [
        pytest.param("", id="no record at a place of GRCh38"),
        pytest.param(
            "chr10\t94000000\t.\tN\t<NON_REF>\t.\tPASS\tEND=95000000\tGT\t0/0\n",
            id="a reference block over all places of GRCh38",
        ),
    ],
)
def test_a_genome_with_an_index_that_lies_as_on_the_other_build_is_refused(
    tmp_path: Path, first: str
) -> None:
    with pytest.raises(UnreadableGenome, match="it states GRCh38, and its records lie as on GRCh"):
        genome_in(indexed(tmp_path, "hg38", first))


def indexed(folder: Path, stated: str, first: str = "") -> Path:
    """Write a bgzip VCF with an index, of a person who is CYP2C19's reference on GRCh37."""
    lines = [
        f"chr10\t{place.position}\t.\t{place.ref}\t.\t.\tPASS\t.\tGT\t0/0\n"
        for place in gene_of("CYP2C19").on_grch37.values()
    ]
    header = HEADER[0] + f"##reference={stated}\n".encode() + HEADER[2]
    # Those of chromosome 1 fill the block that the header stands in, which is always read.
    others = [f"chr1\t{n}\t.\tA\tG\t.\tPASS\t.\tGT\t0/1\n" for n in range(1, 5000)]
    text = "".join([*others, first, *lines]).encode()
    (folder / "genome.vcf").write_bytes(header + text)
    return Path(pysam.tabix_index(str(folder / "genome.vcf"), preset="vcf"))
