"""From a file's lines to features."""

from io import BytesIO

from hypothesis import given
from hypothesis import strategies as st

from epione.errors import UnreadableGenome
from epione.medicine.pharmacogenomics import RELEASE, gene_names
from epione_genomics.features import features_of, genome_of, sites
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
