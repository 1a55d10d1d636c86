"""Blocks of BGZF, the gzip that can be read from its middle.

Source: the SAM specification, section 4.1.
"""

from typing import BinaryIO

from isal import igzip_lib

from epione.errors import UnreadableGenome

GZIP_MAGIC = b"\x1f\x8b"
HEAD_BYTES = 18
LONGEST = 1 << 16  # bytes of a block, packed or not
# The file ends with an empty block (section 4.1.2).
END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
_EXTRA = b"\x42\x43\x02\x00"


def block_bytes(head: bytes) -> int:
    """Say how long a block is, by its head; 0 where the bytes are none."""
    if not head.startswith(GZIP_MAGIC) or head[12:16] != _EXTRA:
        return 0
    return int.from_bytes(head[16:HEAD_BYTES], "little") + 1


def read_block(file: BinaryIO) -> bytes | None:
    """Give the text of the block that a file is at, and go past it; None at the end of the file.

    Raises:
        ValueError: No block starts there.
        IsalError: It is cut off or broken, or its checksum is another.
    """
    head = file.read(HEAD_BYTES)
    if not head:
        return None
    n_bytes = block_bytes(head)
    if not n_bytes:
        raise ValueError("no block starts here")
    return unpacked(file.read(n_bytes - HEAD_BYTES))


def unpacked(body: bytes) -> bytes:
    """Give the text of a block, which is given without its head.

    Raises:
        IsalError: It is cut off or broken, or its checksum is another.
    """
    flag = igzip_lib.DECOMP_GZIP_NO_HDR_VER
    return bytes(igzip_lib.decompress(body, flag=flag, bufsize=LONGEST))


def check_end(file: BinaryIO) -> None:
    """Make sure that a file is whole.

    Raises:
        UnreadableGenome: It lacks its last block.
    """
    size = file.seek(0, 2)
    file.seek(max(size - len(END), 0))
    if file.read() != END:
        raise UnreadableGenome("truncated: the bgzip file lacks its last block")
