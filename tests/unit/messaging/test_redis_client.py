import pytest

from epione.errors import Misconfigured
from epione.messaging.redis_client import redis_of


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("http://:sesame@redis.example", id="another scheme"),
        pytest.param("redis://:ses/ame@redis.example:6379", id="a slash that is not encoded"),
        pytest.param("redis://:ses#ame@redis.example:6379", id="a hash that is not encoded"),
        pytest.param("redis://:sesame@redis.example?colour=blue", id="an unknown argument"),
        pytest.param("redis://:sesame@redis.example?db=many", id="a wrong argument"),
        pytest.param("sesame", id="no address"),
    ],
)
def test_what_is_no_address_is_told_by_its_variable_and_no_part_of_it_is(url: str) -> None:
    with pytest.raises(Misconfigured, match=r"^EPIONE_STATE: no redis://") as fault:
        redis_of(url, 1.0, "EPIONE_STATE")

    assert "ses" not in str(fault.value)
    assert fault.value.__cause__ is None
    assert fault.value.__suppress_context__


@pytest.mark.parametrize("url", ["redis://r", "rediss://u:p@r:1/0?ssl_ca_certs=/ca", "unix:///r"])
def test_an_address_is_read_and_nothing_is_connected(url: str) -> None:
    redis_of(url, 1.0, "EPIONE_STATE")
