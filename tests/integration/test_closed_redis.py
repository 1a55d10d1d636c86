"""A Redis that asks for a password and speaks TLS: who is let in, and how the others are told."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from tests.certificates import Authority
from tests.real_parts import redis_server, wait_for_redis, why_no_native_redis

from epione.errors import Misconfigured
from epione.messaging.state import StateStore
from epione_cli.native_kafka import free_port
from epione_inference.results import refuse_closed

pytestmark = pytest.mark.redis

PASSWORD = "sesame"


@dataclass(frozen=True, slots=True)
class ClosedRedis:
    tls_port: int
    plain_port: int
    authority: Authority
    other: Authority

    def url(self, who: str = f":{PASSWORD}@", scheme: str = "rediss", arguments: str = "") -> str:
        """Give an address; by default of who is let in."""
        arguments = arguments or f"?ssl_ca_certs={self.authority.ca}"
        return f"{scheme}://{who}127.0.0.1:{self.tls_port}/0{arguments}"


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClosedRedis]:
    if missing := why_no_native_redis():
        pytest.skip(missing)
    home = tmp_path_factory.mktemp("redis")
    authority, other = Authority(home / "ours"), Authority(home / "theirs")
    pair, redis = authority.issue("redis"), ClosedRedis(free_port(), free_port(), authority, other)
    options = {
        "port": redis.plain_port,
        "tls-port": redis.tls_port,
        "tls-cert-file": pair.cert,
        "tls-key-file": pair.key,
        "tls-ca-cert-file": authority.ca,
        "tls-auth-clients": "no",
        "requirepass": PASSWORD,
        "bind": "127.0.0.1",
        "dir": home,
        "logfile": "redis.log",
    }
    arguments = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    with subprocess.Popen([redis_server(), *arguments, "--save", ""]) as process:
        wait_for_redis(redis.url())
        yield redis
        process.kill()


async def knock(url: str) -> None:
    """Open a store of state, as a service does when it starts."""
    store = StateStore(url, timeout_s=2.0)
    try:
        await store.refuse_eviction()
    finally:
        await store.close()


async def test_who_knows_the_password_and_the_authority_is_let_in(closed: ClosedRedis) -> None:
    store = StateStore(closed.url())
    try:
        await store.refuse_eviction()
        assert (await store.held(0)).applied is None
    finally:
        await store.close()


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        pytest.param({"who": ":guessed@"}, "user and password", id="a wrong password"),
        pytest.param({"who": f"stranger:{PASSWORD}@"}, "user and password", id="an unknown user"),
        pytest.param({"who": ""}, "user and password", id="no password"),
        pytest.param({"scheme": "redis", "arguments": "?db=0"}, "speaks TLS", id="plain text"),
        pytest.param({"arguments": "?db=0"}, "no TLS with Redis: .*certificate", id="no authority"),
        pytest.param({"arguments": "?ssl_ca_certs=/none.pem"}, "not there", id="an absent file"),
    ],
)
async def test_who_is_not_let_in_is_told_once_and_does_not_wait(
    closed: ClosedRedis, given: dict[str, str], reason: str
) -> None:
    with pytest.raises(Misconfigured, match=f"^EPIONE_STATE: .*{reason}") as fault:
        await knock(closed.url(**given))

    assert PASSWORD not in str(fault.value)


async def test_a_redis_of_another_authority_is_not_spoken_to(closed: ClosedRedis) -> None:
    theirs = f"?ssl_ca_certs={closed.other.ca}"

    with pytest.raises(Misconfigured, match=r"no TLS with Redis: .*certificate"):
        await knock(closed.url(arguments=theirs))


async def test_a_cache_that_does_not_let_us_in_stops_the_start(closed: ClosedRedis) -> None:
    with pytest.raises(Misconfigured, match=r"^EPIONE_CACHE: "):
        await refuse_closed(closed.url(":guessed@"))


async def test_a_cache_that_is_not_there_stops_nothing() -> None:
    await refuse_closed(f"redis://127.0.0.1:{free_port()}")
