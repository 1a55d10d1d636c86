"""A genome's file is deleted where it is ours and one person's; else it is said why not."""

import gzip
import os
from pathlib import Path

import pytest
from tests.unit.genomes.test_store import INLINE, KEYS, at, below

from epione.errors import Misconfigured
from epione.genomes import Allowed, delete_genome, refuse_out_of_reach

HEAD = b"##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t"
OWN, SHARED = HEAD + b"S1\n", HEAD + b"S1\tS2\n"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(OWN, id="plain"),
        pytest.param(gzip.compress(OWN), id="packed"),
        pytest.param(gzip.compress(OWN)[:-9], id="broken"),
        pytest.param(b"not a VCF", id="of another kind"),
    ],
)
def test_a_file_of_one_person_is_deleted(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "2026").mkdir()
    file = tmp_path / "2026" / "a.vcf"
    file.write_bytes(content)

    assert delete_genome(at(f"file://{file}"), KEYS, below(tmp_path)) == "deleted"
    assert not file.exists()


@pytest.mark.parametrize("content", [SHARED, gzip.compress(SHARED)], ids=["plain", "packed"])
def test_a_file_that_holds_others_too_is_left(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "family.vcf"
    file.write_bytes(content)

    assert "others" in delete_genome(at(f"file://{file}"), KEYS, below(tmp_path))
    assert file.exists()


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        pytest.param("file://{root}/gone.vcf", "not there any more", id="no file"),
        pytest.param("file://{root}/gone/a.vcf", "not there any more", id="no folder"),
        pytest.param("file:///elsewhere/a.vcf", "not below", id="not below a root"),
        pytest.param(
            "https://genomes.example/Cole_Vito.vcf?name=Cole",
            "left: it lies at genomes.example",
            id="at a host, which alone is named",
        ),
        pytest.param(
            "https://other.example/Cole.vcf", "none of EPIONE_GENOME_HOSTS", id="at another"
        ),
    ],
)
def test_what_is_not_deleted_is_said(tmp_path: Path, uri: str, said: str) -> None:
    allowed = Allowed(frozenset({"genomes.example"}), below(tmp_path).roots)

    answer = delete_genome(at(uri.format(root=tmp_path)), KEYS, allowed)

    assert said in answer
    assert "Cole" not in answer


def test_a_genome_in_a_message_has_no_file() -> None:
    assert delete_genome(INLINE, KEYS, Allowed()) == "stood in a message"


def test_a_file_that_would_never_be_found_again_stops_it(tmp_path: Path) -> None:
    known, lost = at(f"file://{tmp_path}/a.vcf"), at("file:///elsewhere/Cole_Vito.vcf")

    with pytest.raises(Misconfigured, match="EPIONE_GENOME_ROOTS") as fault:
        refuse_out_of_reach([known, lost], KEYS, below(tmp_path))
    assert "Cole" not in str(fault.value)


def test_what_lies_in_a_message_or_at_a_host_stops_nothing(tmp_path: Path) -> None:
    samples = [INLINE, at("https://genomes.example/a.vcf"), at(f"file://{tmp_path}/gone.vcf")]

    refuse_out_of_reach(samples, KEYS, below(tmp_path))


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "kept.vcf").write_bytes(OWN)
    (tmp_path / "a.vcf").symlink_to(tmp_path / "kept.vcf")

    assert delete_genome(at(f"file://{tmp_path}/a.vcf"), KEYS, below(tmp_path)) == (
        "not there any more"
    )
    assert (tmp_path / "kept.vcf").exists()


@pytest.mark.parametrize("call", ["unlink", "open"])
def test_a_file_that_may_not_be_deleted_stops_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    (tmp_path / "a.vcf").write_bytes(OWN)
    real = getattr(os, call)

    def refused(*given: object, **named: object) -> object:
        if "dir_fd" in named:
            raise PermissionError(13, "Read-only file system")
        return real(*given, **named)

    monkeypatch.setattr(f"os.{call}", refused)

    with pytest.raises(Misconfigured, match="Read-only") as fault:
        delete_genome(at(f"file://{tmp_path}/a.vcf"), KEYS, below(tmp_path))
    assert "a.vcf" not in str(fault.value)
