"""Folds the log anew into a namespace, and makes it the live one."""

from collections.abc import Mapping
from contextlib import ExitStack

from epione.errors import Misconfigured
from epione.medicine.pharmacogenomics import read_whole
from epione.messaging import Archive
from epione.messaging.namespaces import Namespaces
from epione.messaging.sealing import Sealing
from epione.messaging.state import StateStore
from epione.settings import settings_of
from epione_cli.operating.progress import bar
from epione_cli.settings import stream_settings
from epione_inference.answers import PreventAnswers
from epione_inference.handler import Inference
from epione_inference.lives.serving import life_answers
from epione_inference.replay import Replay, replay
from epione_inference.settings import InferenceSettings


async def refold(into: str, switch: bool, drop_old: bool) -> None:
    """Replay all of the log into a namespace, and say what came of it."""
    settings, stream = settings_of(InferenceSettings), stream_settings()
    if settings.namespace and switch:
        raise Misconfigured(
            f"EPIONE_NAMESPACE names {settings.namespace} for good: unset it, "
            "also of the services, or replay with --no-switch"
        )
    guidelines = read_whole(settings.release)
    async with (
        stream.reading() as (log, vault),
        stream.store() as live,
        stream.store(into) as new,
    ):
        namespaces = Namespaces(live)
        old = {n: await namespaces.live(n) for n in range(stream.partitions)}
        print(f"into {into}; interrupted, it goes on with --into {into}", flush=True)
        with ExitStack() as models:
            answers = PreventAnswers(None, settings.execution, settings.model_folder)
            models.callback(answers.close)
            lives = life_answers(
                settings.life_folder, execution=settings.execution, pool=answers.pool
            )
            if lives is not None:
                models.callback(lives.close)
            inference = Inference(answers, guidelines, epoch=settings.epoch, lives=lives)
            n_told = await _replay(inference, log, vault, live, new, into, tuple(old), switch)
        if n_told is None:
            print(f"{into} stands where the live states do; they stay the live ones")
            return
        print(f"{into} is live; the plans of {n_told} patients differ, and are told anew")
        print("now: epione snapshot, so that what is lost is made from these states")
        if drop_old:
            await drop_replaced(namespaces, old, into)


async def drop_replaced(namespaces: Namespaces, old: Mapping[int, str], into: str) -> None:
    """Delete what was live anywhere, in every partition: an earlier run may have switched some.

    Args:
        old: By partition, what was live when this run began.
        into: What is live now.
    """
    for name in {*old.values()} - {into}:
        await namespaces.drop(name, old)


async def _replay(
    inference: Inference,
    log: Archive,
    vault: Sealing,
    live: StateStore,
    new: StateStore,
    into: str,
    partitions: tuple[int, ...],
    switch: bool,
) -> int | None:
    n_events = sum([(await live.held(n)).applied or 0 for n in partitions])
    with bar("events", n_events) as progress:
        run = Replay(inference, log, vault, live, new, into, progress.reach)
        return await replay(run, partitions, switch=switch)
