import pytest

from epione.errors import MalformedEvent
from epione_ingestion.genome.vcf_header import without_names

COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT"
RECORD = "chr10\t94781859\trs4244285\tG\tA\t.\tPASS\tPX=CYP2C19\tGT"


def vcf(
    *header: str, names: str = "\tCOLE_VITO", records: tuple[str, ...] = (RECORD + "\t0/1",)
) -> str:
    lines = ["##fileformat=VCFv4.2", *header, COLUMNS + names, *records]
    return "\n".join(lines) + "\n"


def test_the_sample_s_name_is_replaced_and_its_genotypes_are_kept() -> None:
    assert without_names(vcf(), "COLE_VITO") == vcf(names="\tS1")


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        pytest.param("##bcftools_viewCommand=view /home/cole.vcf", None, id="a command"),
        pytest.param('##SAMPLE=<ID=COLE_VITO,Description="Vito Cole">', None, id="a sample"),
        pytest.param("##fileDate=20260301", None, id="a date"),
        pytest.param("##source=Vito Cole's pipeline", None, id="a program"),
        pytest.param("##reference=file:///cole/ref.fa", None, id="a reference's path"),
        pytest.param(
            "##reference=file:///cole/GRCh38.fa", "##reference=GRCh38", id="a reference's build"
        ),
        pytest.param(
            "##reference=/cole/human_g1k_v37.fasta", "##reference=g1k_v37", id="by another name"
        ),
        pytest.param(
            '##contig=<ID=chr1,length=248956422,assembly=GRCh38,species="Vito Cole">',
            "##contig=<ID=chr1,length=248956422,assembly=GRCh38>",
            id="a contig",
        ),
        pytest.param(
            '##FORMAT=<ID=GT,Number=1,Type=String,Description="of, Vito Cole">',
            '##FORMAT=<ID=GT,Number=1,Type=String,Description="">',
            id="a description",
        ),
        pytest.param("##FILTER=<ID=PASS>", '##FILTER=<ID=PASS,Description="">', id="a filter"),
        pytest.param("##contig=<ID=Vito Cole>", None, id="an id that is no word"),
    ],
)
def test_a_header_line_keeps_what_a_reader_of_variants_needs(line: str, kept: str | None) -> None:
    expected = vcf(*([kept] if kept else []), names="\tS1")

    assert without_names(vcf(line), "COLE_VITO") == expected


def test_of_several_samples_the_patient_s_alone_is_kept() -> None:
    several = vcf(names="\tMOTHER\tCHILD", records=(RECORD + "\t0/0\t1/1",))

    assert without_names(several, "CHILD") == vcf(names="\tS1", records=(RECORD + "\t1/1",))


def test_windows_line_ends_are_no_fault() -> None:
    assert without_names(vcf().replace("\n", "\r\n"), "COLE_VITO") == vcf(names="\tS1")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("", "starts with ##fileformat", id="nothing"),
        pytest.param("Vito Cole", "starts with ##fileformat", id="no VCF"),
        pytest.param("##fileformat=VCFv4.2\n", "#CHROM", id="no columns"),
        pytest.param(vcf(names="\tELSE"), "not one by the sample's name", id="another's"),
        pytest.param(vcf(names=""), "0 sample columns", id="no sample"),
        pytest.param(vcf(names="\tCOLE_VITO\tCOLE_VITO"), "2 sample columns", id="twice"),
        pytest.param(vcf(records=(RECORD,)), "fewer columns", id="a short record"),
    ],
)
def test_what_is_no_vcf_of_the_patient_is_refused(text: str, reason: str) -> None:
    with pytest.raises(MalformedEvent, match=reason) as refusal:
        without_names(text, "COLE_VITO")

    assert "Vito" not in str(refusal.value)
