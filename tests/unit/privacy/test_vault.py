"""Values come back as they went, to nobody else, and not after they were forgotten."""

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from prometheus_client import REGISTRY
from tests.vaults import (
    HEADERS,
    KEYS,
    NOW_MS,
    OWNER,
    SECRET,
    key_records,
    mark,
    message,
    record_of,
    vault_on,
)

from epione.errors import BrokerDown, Erased, MalformedEvent, Rejected, StateLost
from epione.messaging import MemoryLog, Message, Record, topics
from epione.messaging.dead_letter import dead_letter
from epione.privacy import Vault, opened_records, opened_vault
from epione.privacy.vault import KEY
from epione.privacy.vault import OWNER as OWNER_HEADER

LATER_MS = NOW_MS + 60_000


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog(now_ms=lambda: NOW_MS)


@pytest.fixture
def vault(log: MemoryLog) -> Vault:
    return vault_on(log)


async def sealed(vault: Vault, plain: Message, at_ms: int | None = NOW_MS) -> Message:
    (message,) = await vault.sealed([(plain, at_ms)])
    return message


async def opened(vault: Vault, record: Record) -> Record | Rejected | Erased:
    (found,) = await vault.opened([record])
    return found


def counted(metric: str, topic: str) -> float:
    return REGISTRY.get_sample_value(metric, {"topic": topic}) or 0.0


# ── records ──


async def test_a_value_comes_back_in_another_process(vault: Vault, log: MemoryLog) -> None:
    there = await sealed(vault, message(b"systolic 150"))

    back = await opened(vault_on(log), record_of(there))

    assert back == record_of(there)._replace(value=b"systolic 150", headers=there.headers[:-1])
    assert b"systolic" not in there.value


async def test_the_headers_stay_and_name_the_key(vault: Vault) -> None:
    there = await sealed(vault, message(b"x"))

    assert [name for name, _ in there.headers] == [*(name for name, _ in HEADERS), KEY]
    assert dict(there.headers)["content-type"] == dict(HEADERS)["content-type"]


async def test_an_event_s_name_stays_its_own_and_tells_nothing(
    vault: Vault, log: MemoryLog
) -> None:
    plain = message(b"x")
    other = plain._replace(headers=(("ce_id", b"p-1/0/7/drug/clopidogrel/CPIC"),))

    names = [
        dict((await sealed(each, said)).headers)["ce_id"]
        for each, said in ((vault, plain), (vault_on(log), plain), (vault, other))
    ]

    assert names[0] == names[1] != names[2]
    assert not any(b"hospital" in name or b"clopidogrel" in name for name in names)


async def test_no_two_sealings_are_alike(vault: Vault) -> None:
    assert (await sealed(vault, message(b"x"))).value != (await sealed(vault, message(b"x"))).value


@pytest.mark.parametrize(
    "plain",
    [
        pytest.param(message(b"x", topics.AUDIT), id="a topic that is not sealed"),
        pytest.param(message(b"", topics.PATIENT_PLANS), id="a tombstone"),
    ],
)
async def test_what_is_not_to_be_sealed_goes_as_it_is(
    vault: Vault, log: MemoryLog, plain: Message
) -> None:
    assert await sealed(vault, plain) == plain
    assert await key_records(log) == []


async def test_a_plain_value_of_another_sender_is_taken(vault: Vault) -> None:
    assert await opened(vault, record_of(message(b"x"))) == record_of(message(b"x"))


@pytest.mark.parametrize(
    "alter",
    [
        pytest.param(lambda r: r._replace(topic="patient.plans.v1"), id="on another topic"),
        pytest.param(lambda r: r._replace(value=b"\x01 short"), id="cut off"),
        pytest.param(lambda r: r._replace(value=b"\x02" + bytes(60)), id="of another format"),
        pytest.param(lambda r: r._replace(value=None), id="without a value"),
    ],
)
async def test_a_value_that_was_moved_or_altered_is_rejected(
    vault: Vault, alter: Callable[[Record], Record]
) -> None:
    there = record_of(await sealed(vault, message(b"x")))

    assert isinstance(await opened(vault, alter(there)), MalformedEvent)


async def test_another_patients_value_does_not_open(vault: Vault) -> None:
    mine, other = [
        record_of(await sealed(vault, message(b"x", owner=b"north/p-%d" % n))) for n in (1, 2)
    ]

    forged = await opened(vault, mine._replace(value=other.value))

    assert isinstance(forged, MalformedEvent)


async def test_a_key_id_that_is_none_is_rejected(vault: Vault) -> None:
    named = record_of(Message(topics.PATIENT_EVENTS, OWNER, b"x", ((KEY, b"no id"),)))

    assert isinstance(await opened(vault, named), MalformedEvent)


@pytest.mark.parametrize(
    "topic",
    [
        pytest.param(topics.HOSPITAL_FHIR, id="a hospital's"),
        pytest.param(topics.dead_letters_of(topics.HOSPITAL_FHIR), id="its dead letters'"),
    ],
)
async def test_where_nothing_is_sealed_a_sender_s_header_hides_nothing(
    vault: Vault, topic: topics.Topic
) -> None:
    raw = record_of(Message(topic, b"k", b"x", ((KEY, b"0123456789abcdef"),)))

    assert await opened(vault, raw) == raw


async def test_a_dead_letter_opens_as_the_record_that_it_was(vault: Vault) -> None:
    there = record_of(await sealed(vault, message(b"x")))
    dead = topics.dead_letters_of(topics.PATIENT_EVENTS)
    letter = dead_letter(there, MalformedEvent("no"), topic=dead, stage="test", attempts=1)

    found = await opened(vault, record_of(letter))

    assert isinstance(found, Record)
    assert (letter.value, found.value) == (there.value, b"x")


async def test_what_a_merged_record_states_is_sealed_by_that_records_key(
    vault: Vault, log: MemoryLog
) -> None:
    told = message(b"x")._replace(headers=(*HEADERS, (OWNER_HEADER, b"north/p-0")))

    there = await sealed(vault, told)

    (record,) = await key_records(log)
    assert (record.key or b"").startswith(b"north/p-0/")
    found = await opened(vault_on(log), record_of(there))
    assert isinstance(found, Record)
    assert found.value == b"x"


# ── what is forgotten ──


async def test_what_is_forgotten_is_erased_and_counted(vault: Vault, log: MemoryLog) -> None:
    there = record_of(await sealed(vault, message(b"x")))
    before = counted("epione_erased_total", "patient.events.v1")
    await log.publish([mark()])

    assert isinstance(await opened(vault_on(log), there), Erased)
    assert counted("epione_erased_total", "patient.events.v1") == before + 1


async def test_a_key_that_is_not_known_is_asked_for_before_it_is_called_destroyed(
    vault: Vault, log: MemoryLog
) -> None:
    late = vault_on(log)
    await late.opened([])

    there = record_of(await sealed(vault, message(b"x")))

    assert isinstance(await opened(late, there), Record)


async def test_a_kafka_that_does_not_answer_is_never_called_a_destroyed_key(
    vault: Vault, log: MemoryLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = record_of(await sealed(vault, message(b"x")))
    late = vault_on(log)

    async def silent() -> None:
        raise BrokerDown("no answer")

    monkeypatch.setattr(late._ring, "catch_up", silent)

    with pytest.raises(BrokerDown):
        await late.opened([there])


@pytest.mark.parametrize(
    ("at_ms", "n_passed"),
    [
        pytest.param(NOW_MS, 0, id="recorded before"),
        pytest.param(LATER_MS, 1, id="recorded after"),
        pytest.param(None, 0, id="of no time"),
    ],
)
async def test_what_would_bring_a_forgotten_patient_back_is_left_out(
    log: MemoryLog, at_ms: int | None, n_passed: int
) -> None:
    await log.publish([mark()])
    late = vault_on(log)

    first = await late.sealed([(message(b"x", owner=b"north/p-2"), NOW_MS), (message(b"x"), at_ms)])
    again = await late.sealed([(message(b"x"), at_ms)])

    assert len(first) == 1 + n_passed
    assert len(again) == n_passed


async def test_links_of_the_forgotten_are_left_out_and_tombstones_are_not(
    vault: Vault, log: MemoryLog
) -> None:
    await log.publish([mark()])
    await vault._ring.catch_up()
    link, gone = message(b"x", topics.IDENTITY_LINKS), message(b"", topics.IDENTITY_LINKS)

    assert await vault.sealed([(link, NOW_MS), (gone, NOW_MS)]) == [gone]


async def test_who_is_forgotten_while_a_key_is_made_gets_no_message(
    vault: Vault, log: MemoryLog
) -> None:
    """The mark stands between the two readings of the topic."""
    publish = log.publish

    async def overtaken(messages: list[Message]) -> None:
        await publish([mark()])
        await publish(messages)

    log.publish = overtaken  # type: ignore[method-assign, assignment]

    assert await vault.sealed([(message(b"x"), NOW_MS)]) == []


# ── states ──


async def test_states_come_back_and_are_no_one_elses(vault: Vault, log: MemoryLog) -> None:
    states = {"north/p-1": b"one", "north/p-2": b"two"}
    there = await vault.sealed_states(states, NOW_MS)

    assert await vault_on(log).opened_states(there) == states
    with pytest.raises(StateLost):
        await vault.opened_states({"north/p-1": there["north/p-1"][:9] + there["north/p-2"][9:]})


async def test_a_state_that_is_no_more_stays_none(vault: Vault, log: MemoryLog) -> None:
    assert await vault.sealed_states({"north/p-1": b""}, NOW_MS) == {"north/p-1": b""}
    assert await key_records(log) == []


async def test_a_state_of_a_former_release_is_read_plain(vault: Vault) -> None:
    assert await vault.opened_states({"north/p-1": b"\n\x02plain"}) == {"north/p-1": b"\n\x02plain"}


async def test_a_forgotten_patients_state_is_not_there_and_none_is_kept(
    vault: Vault, log: MemoryLog
) -> None:
    there = await vault.sealed_states({"north/p-1": b"one"}, NOW_MS)
    await log.publish([mark()])
    late = vault_on(log)

    assert await late.opened_states(there) == {}
    assert await late.sealed_states({"north/p-1": b"one"}, NOW_MS) == {"north/p-1": b""}
    assert await late.sealed_states({"north/p-1": b"one"}, LATER_MS) != {"north/p-1": b""}


# ── readers ──


async def test_a_reader_sees_plain_values_and_passes_over_what_is_forgotten(
    vault: Vault, log: MemoryLog
) -> None:
    both = [(message(b"x"), NOW_MS), (message(b"y", owner=b"north/p-2"), NOW_MS)]
    await log.publish([*await vault.sealed(both), mark()])

    async with opened_vault(log, KEYS) as reading:
        read = [r.value async for r in opened_records(log, reading, topics.PATIENT_EVENTS)]

    assert read == [b"y"]


async def test_the_readme_s_description_is_enough_to_read_a_value(
    vault: Vault, log: MemoryLog
) -> None:
    """By bare calls of `cryptography`, as a reader in any language would."""
    there = record_of(await sealed(vault, message(b"systolic 150")))
    headers = dict(there.headers)
    assert there.key is not None
    assert there.value is not None

    owner = headers.get("epione_owner", there.key)
    name = owner + b"/" + headers["epione_key"]
    (wrapped,) = [r.value for r in await key_records(log) if r.key == name and r.value]
    wrapping = HKDF(SHA256(), 32, salt=None, info=b"epione vault v1").derive(SECRET.encode())
    data_key = AESGCM(wrapping).decrypt(wrapped[9:21], wrapped[21:], wrapped[:9] + name)
    context = b"patient.events.v1/" + there.key
    value = AESGCM(data_key).decrypt(there.value[1:13], there.value[13:], context)

    assert value == b"systolic 150"
