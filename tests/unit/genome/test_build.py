"""Which build a header states."""

import pytest

from epione.errors import UnreadableGenome
from epione.medicine.genome import Build, chromosome_of
from epione.medicine.genome.build import build_stated


@pytest.mark.parametrize(
    ("header", "build"),
    [
        pytest.param("##contig=<ID=chr1,length=248956422>", Build.GRCH38, id="by length"),
        pytest.param("##contig=<ID=1,length=249250621>", Build.GRCH37, id="by length, bare name"),
        pytest.param("##contig=<ID=chr1,assembly=GRCh38.p14>", Build.GRCH38, id="by assembly"),
        pytest.param('##contig=<ID=chr1,assembly="hg19">', Build.GRCH37, id="quoted assembly"),
        pytest.param("##reference=file:///x/hs37d5.fa", Build.GRCH37, id="by reference"),
        pytest.param("##reference=human_g1k_v37.fasta", Build.GRCH37, id="by the project of 1000"),
        pytest.param("##reference=hg38", Build.GRCH38, id="by the UCSC name"),
        pytest.param("##assembly=GCF_000001405.40", Build.GRCH38, id="by accession"),
        pytest.param("##contig=<ID=chrUn_KI270742v1,length=186739>", None, id="no chromosome"),
        pytest.param("##source=hg19 to hg38 pipeline", None, id="other lines state nothing"),
    ],
)
def test_a_header_states_its_build(header: str, build: Build | None) -> None:
    assert build_stated([header]) is build


@pytest.mark.parametrize(
    ("header", "word"),
    [
        pytest.param(
            ["##reference=hg38", "##contig=<ID=chr1,length=249250621>"], "two builds", id="both"
        ),
        pytest.param(["##contig=<ID=chr1,length=247249719>"], "neither", id="NCBI36 by length"),
        pytest.param(["##reference=hg18.fa"], "neither", id="NCBI36 by name"),
        pytest.param(["##reference=chm13v2.0"], "neither", id="T2T-CHM13"),
    ],
)
def test_a_header_that_contradicts_itself_or_us_is_refused(header: list[str], word: str) -> None:
    with pytest.raises(UnreadableGenome, match=word):
        build_stated(header)


def test_a_contig_is_known_with_and_without_its_prefix() -> None:
    assert [chromosome_of(name) for name in ("7", "chr7", "MT", "chrM")] == [
        "chr7",
        "chr7",
        "chrM",
        "chrM",
    ]
