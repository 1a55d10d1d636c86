import pytest

from epione.errors import MalformedEvent
from epione.identity import keys_of, seal, unseal

KEYS = keys_of("a secret of the tests, long enough")


def test_what_is_sealed_opens_with_the_same_keys_and_context() -> None:
    assert (
        unseal(KEYS, seal(KEYS, "file:///genomes/Zoë.vcf", "t/p"), "t/p")
        == "file:///genomes/Zoë.vcf"
    )


def test_sealing_twice_gives_the_same_bytes() -> None:
    assert seal(KEYS, "text", "t/p") == seal(KEYS, "text", "t/p")


@pytest.mark.parametrize(
    ("sealed", "context"),
    [
        pytest.param(seal(KEYS, "text", "t/p"), "t/q", id="another patient's"),
        pytest.param(seal(keys_of("y" * 32), "text", "t/p"), "t/p", id="another secret"),
        pytest.param(seal(KEYS, "text", "t/p")[:-1] + b"\0", "t/p", id="altered"),
        pytest.param(b"\x02" + seal(KEYS, "text", "t/p")[1:], "t/p", id="another format"),
        pytest.param(b"\x01short", "t/p", id="too short"),
        pytest.param(b"", "t/p", id="nothing"),
    ],
)
def test_anything_else_does_not_open(sealed: bytes, context: str) -> None:
    with pytest.raises(MalformedEvent):
        unseal(KEYS, sealed, context)
