"""A new version takes the place of the old one between runs; a wrong one never does."""

import asyncio
import gc
import json
import logging
import shutil
import threading
import weakref
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from tests.running import until
from tests.unit.inference.candidates import point, version_in
from tests.unit.inference.test_prevent import PERSON

from epione.errors import Misconfigured, ModelNotLoaded
from epione.medicine.risk import Floats, rows_of
from epione_inference.prevent import answers_in, prevent_in
from epione_inference.serving import CPU, Arrays, Execution, RunPool, Serving, Version, loaded

ROWS = (rows_of([PERSON]),)
OLD, NEW = "2024-02.1", "2024-02.2"


@pytest.fixture
def pool() -> Iterator[RunPool]:
    pool = RunPool(2)
    yield pool
    pool.close()


@pytest.fixture
def pointer(tmp_path: Path) -> Path:
    """A link to the old version; the new one lies beside it."""
    version_in(tmp_path, NEW, scale=0.5)
    point(tmp_path / "current", version_in(tmp_path, OLD))
    return tmp_path / "current"


@pytest.fixture
def serving(pointer: Path, pool: RunPool) -> Serving[Version]:
    serving = Serving(pointer, partial(prevent_in, pool=pool, execution=Execution()))
    serving.start()
    return serving


def version(serving: Serving[Version]) -> str:
    return serving.current.card.version


async def risks_by(version: Version) -> Floats:
    return answers_in(await version.answer(ROWS))[0]


def loads(outcome: str) -> float:
    labels = {"role": "live", "outcome": outcome}
    return REGISTRY.get_sample_value("epione_model_loads_total", labels) or 0


def provider(of: str) -> float | None:
    labels = {"model": "prevent", "version": of, "provider": CPU}
    return REGISTRY.get_sample_value("epione_model_provider", labels)


def test_nothing_answers_before_the_start(pointer: Path, pool: RunPool) -> None:
    serving = Serving(pointer, partial(prevent_in, pool=pool, execution=Execution()))

    assert not serving.is_ready
    with pytest.raises(ModelNotLoaded):
        _ = serving.current


def test_after_the_start_it_is_ready(serving: Serving[Version]) -> None:
    assert serving.is_ready


async def test_where_nothing_moved_nothing_is_loaded(serving: Serving[Version]) -> None:
    before = serving.current

    await serving.look()

    assert serving.current is before


async def test_a_version_that_is_pointed_to_takes_over(
    serving: Serving[Version], pointer: Path
) -> None:
    before = await risks_by(serving.current)
    point(pointer, pointer.parent / NEW)

    await serving.look()

    assert version(serving) == NEW
    assert (await risks_by(serving.current) == before / 2).all()
    assert (provider(OLD), provider(NEW)) == (None, 1)


async def test_a_version_may_come_back(serving: Serving[Version], pointer: Path) -> None:
    for folder in (NEW, OLD):
        point(pointer, pointer.parent / folder)
        await serving.look()

    assert version(serving) == OLD


async def test_a_mounted_config_map_is_read_behind_its_links(tmp_path: Path, pool: RunPool) -> None:
    """As Kubernetes mounts one: files link to `..data`, which links to a folder of this moment."""
    mount = tmp_path / "mount"
    mount.mkdir()
    version_in(mount, "..2026_11_24")
    point(mount / "..data", mount / "..2026_11_24")
    for name in ("card.json", "model.onnx"):
        (mount / name).symlink_to(Path("..data") / name)
    serving = Serving(mount, partial(prevent_in, pool=pool, execution=Execution()))
    serving.start()

    point(mount / "..data", version_in(mount, "..2026_11_25", scale=0.5))
    shutil.rmtree(mount / "..2026_11_24")
    await serving.look()

    assert version(serving) == "..2026_11_25"


async def test_a_run_in_hand_ends_by_the_version_that_it_began_with(
    serving: Serving[Version], pointer: Path
) -> None:
    old = serving.current
    began, may_end = threading.Event(), threading.Event()
    hold(old, began, may_end)
    asked = asyncio.create_task(risks_by(old))
    assert await asyncio.to_thread(began.wait, 10)

    point(pointer, pointer.parent / NEW)
    await serving.look()
    new = await risks_by(serving.current)
    may_end.set()

    assert (new == await asked / 2).all()


async def test_the_old_version_is_freed_when_its_last_run_has_ended(
    serving: Serving[Version], pointer: Path
) -> None:
    began, may_end = threading.Event(), threading.Event()
    hold(serving.current, began, may_end)
    freed = weakref.ref(serving.current.session)
    asked = asyncio.create_task(serving.current.answer(ROWS))
    assert await asyncio.to_thread(began.wait, 10)
    point(pointer, pointer.parent / NEW)
    gc.disable()  # the last reference is enough

    try:
        await serving.look()
        assert freed() is not None
        may_end.set()
        await asked
        del asked
        await until(lambda: freed() is None)
    finally:
        gc.enable()


def hold(version: Version, began: threading.Event, may_end: threading.Event) -> None:
    """Let a version's next run wait in its thread."""
    run = version.session.run

    def held(inputs: Arrays) -> Arrays:
        began.set()
        assert may_end.wait(10)
        return run(inputs)

    version._batches._run = held


def tampered(folder: Path) -> None:
    artefact = bytearray((folder / "model.onnx").read_bytes())
    artefact[len(artefact) // 2] ^= 1
    (folder / "model.onnx").write_bytes(artefact)


def answers_otherwise(folder: Path) -> None:
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    card["checks"]["outputs"]["risks"][0][0][0] += 1e-6
    (folder / "card.json").write_text(json.dumps(card), encoding="utf-8")


def cannot_be_asked(folder: Path) -> None:
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    card["checks"]["inputs"]["inputs"][0].append(1.0)
    (folder / "card.json").write_text(json.dumps(card), encoding="utf-8")


def no_numbers(folder: Path) -> None:
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    card["checks"]["outputs"]["risks"][0][0][0] = None
    (folder / "card.json").write_text(json.dumps(card), encoding="utf-8")


def is_half_there(folder: Path) -> None:
    (folder / "model.onnx").unlink()


def has_no_card(folder: Path) -> None:
    (folder / "card.json").write_text("{")


def same_name(folder: Path) -> None:
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    card["version"] = OLD
    (folder / "card.json").write_text(json.dumps(card), encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        pytest.param(tampered, "not the one its card describes", id="tampered with"),
        pytest.param(answers_otherwise, "1e-06 off", id="it answers the checks otherwise"),
        pytest.param(no_numbers, "nan off", id="a check without a number"),
        pytest.param(cannot_be_asked, "checks cannot be asked", id="checks that do not fit"),
        pytest.param(is_half_there, "no artefact", id="its artefact is missing"),
        pytest.param(has_no_card, "does not say", id="its card is broken"),
        pytest.param(same_name, "name of another artefact", id="another model, the same version"),
    ],
)
async def test_a_wrong_version_is_refused_and_the_old_one_goes_on(
    serving: Serving[Version],
    pointer: Path,
    caplog: pytest.LogCaptureFixture,
    spoil: Callable[[Path], None],
    reason: str,
) -> None:
    spoil(pointer.parent / NEW)
    point(pointer, pointer.parent / NEW)
    before, refused = serving.current, loads("refused")

    with caplog.at_level(logging.ERROR):
        await serving.look()
        await serving.look()

    assert serving.current is before
    assert serving.is_ready
    assert loads("refused") == refused + 1
    assert [record.getMessage().count(reason) for record in caplog.records] == [1]


async def test_a_version_that_was_put_right_in_place_is_taken(
    serving: Serving[Version], pointer: Path
) -> None:
    artefact = (pointer.parent / NEW / "model.onnx").read_bytes()
    tampered(pointer.parent / NEW)
    point(pointer, pointer.parent / NEW)
    await serving.look()

    (pointer.parent / NEW / "model.onnx").write_bytes(artefact)
    await serving.look()

    assert version(serving) == NEW


async def test_a_pointer_to_nowhere_changes_nothing(
    serving: Serving[Version], pointer: Path
) -> None:
    point(pointer, pointer.parent / "nowhere")

    await serving.look()

    assert version(serving) == OLD


async def test_watching_takes_over_without_being_asked(pointer: Path, pool: RunPool) -> None:
    open_version = partial(prevent_in, pool=pool, execution=Execution())
    serving = Serving(pointer, open_version, look_every_s=0.01)
    watching = asyncio.create_task(serving.watch())
    await until(lambda: serving.is_ready)

    point(pointer, pointer.parent / NEW)
    await until(lambda: version(serving) == NEW)

    watching.cancel()


async def test_a_version_whose_provider_failed_is_not_ready_until_a_run_goes_well(
    serving: Serving[Version],
) -> None:
    run = serving.current.session.run

    def fails(_: Arrays) -> Arrays:
        raise ModelNotLoaded("the provider failed")

    serving.current._batches._run = fails
    with pytest.raises(ModelNotLoaded):
        await serving.current.answer(ROWS)
    assert not serving.is_ready

    serving.current._batches._run = run
    await serving.current.answer(ROWS)
    assert serving.is_ready


def test_outputs_that_the_card_does_not_describe_are_refused(tmp_path: Path, pool: RunPool) -> None:
    folder = version_in(tmp_path, NEW, outputs={"risks": {}})

    with pytest.raises(Misconfigured, match="the card describes"):
        loaded(folder, lambda card: None, Execution())
