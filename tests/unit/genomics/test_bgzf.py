"""Blocks of BGZF are read one by one, and checked."""

from io import BytesIO
from pathlib import Path

import pysam
import pytest
from isal import igzip_lib

from epione.errors import UnreadableGenome
from epione_genomics.bgzf import END, block_bytes, check_end, read_block

TEXT = b"chr1\t1\n" * 20_000


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("bgzf") / "text.gz"
    with pysam.BGZFile(str(path), "w", None) as file:
        file.write(TEXT)
    return Path(path).read_bytes()


def test_blocks_hold_the_text_in_order(packed: bytes) -> None:
    file = BytesIO(packed)

    texts = list(iter(lambda: read_block(file), None))

    assert b"".join(texts) == TEXT
    assert len(texts) > 2
    assert texts[-1] == b""


def test_where_no_block_starts_is_said(packed: bytes) -> None:
    assert block_bytes(packed[1:20]) == 0
    with pytest.raises(ValueError, match="no block starts here"):
        read_block(BytesIO(packed[1:]))


def test_a_block_that_is_cut_off_or_altered_is_refused(packed: bytes) -> None:
    length = block_bytes(packed[:18])
    altered = packed[: length - 1] + b"\xff"

    for block in (packed[: length - 9], altered):
        with pytest.raises(igzip_lib.IsalError):  # type: ignore[call-overload]
            read_block(BytesIO(block))


def test_a_file_ends_with_an_empty_block(packed: bytes) -> None:
    check_end(BytesIO(packed))

    with pytest.raises(UnreadableGenome, match="lacks its last block"):
        check_end(BytesIO(packed[: -len(END)]))
