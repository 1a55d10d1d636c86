"""The inference service: `python -m epione_inference`."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

from epione.errors import Misconfigured
from epione.medicine.pharmacogenomics import read_whole
from epione.messaging import Log, process, topics
from epione.messaging.access import INFERENCE
from epione.messaging.dead_letter import FLOOD
from epione.messaging.due import DueTimes
from epione.messaging.folding import Folding
from epione.messaging.kafka import KafkaLog, kafka_settings_of
from epione.messaging.sealing import Sealing
from epione.messaging.snapshots import Snapshots
from epione.messaging.state import StateStore
from epione.messaging.watch import Watch
from epione.operations import Claim, Claims, Verdict
from epione.privacy import opened_vault
from epione.telemetry import SHADOW_COMPARED, Part
from epione.timeline import PatientEvent
from epione_inference.answers import PreventAnswers
from epione_inference.handler import Inference, decode
from epione_inference.lives.serving import LifeAnswers, life_answers
from epione_inference.messages import due_message, recompute_messages
from epione_inference.results import ask, cache_client, refuse_closed
from epione_inference.settings import InferenceSettings
from epione_inference.shadow_knowledge import KnowledgeShadow

STAGE = "inference"
GROUP = f"epione.{STAGE}"

_log = logging.getLogger(__name__)


def folding_of(
    inference: Inference,
    store: StateStore,
    log: Log,
    vault: Sealing,
    restore: Callable[[int], Awaitable[None]] | None = None,
    flood: int = FLOOD,
) -> Folding[PatientEvent]:
    """Make the step from patients' events to their plans."""
    return Folding(
        decode,
        inference,
        store,
        log,
        topics.PATIENT_EVENTS,
        stage=STAGE,
        on_overtaken=recompute_messages,
        vault=vault,
        restore=restore,
        flood=flood,
    )


def loaded(answers: PreventAnswers | LifeAnswers) -> Verdict:
    """Say which model answers, and whether its provider does."""
    return Verdict(answers.is_ready, in_words(answers))


def in_words(answers: PreventAnswers | LifeAnswers) -> str:
    return f"{answers.card.name} {answers.card.version} on {answers.provider}"


@asynccontextmanager
async def opened(settings: InferenceSettings) -> AsyncIterator[process.Service]:
    """Open what the service needs."""
    guidelines = read_whole(settings.release)
    async with AsyncExitStack() as stack:
        if settings.cache:
            await refuse_closed(settings.cache)
        cache = cache_client(settings.cache) if settings.cache else None
        if cache is not None:
            stack.push_async_callback(cache.aclose)
        answers = PreventAnswers(
            cache, settings.execution, settings.model_folder, settings.shadow_model_folder
        )
        stack.callback(answers.close)
        lives = life_answers(settings.life_folder, cache, settings.execution, answers.pool)
        if lives is not None:
            stack.callback(lives.close)
        models = [each for each in (answers, lives) if each is not None]
        store = StateStore(settings.state, namespace=settings.namespace)
        stack.push_async_callback(store.close)
        watches = [Watch(Part.STATE, store.ping)]
        if cache is not None:
            watches.append(Watch(Part.CACHE, partial(ask, cache)))
        await store.refuse_eviction()
        kafka = kafka_settings_of(settings)
        log = await stack.enter_async_context(KafkaLog(kafka, needed=INFERENCE.topics))
        vault = await stack.enter_async_context(opened_vault(log, settings.vault_keys))
        shadow = shadow_of(settings.shadow_knowledge)
        observe = shadow.observe if shadow else None
        inference = Inference(
            answers, guidelines, epoch=settings.epoch, lives=lives, observe=observe
        )
        snapshots = Snapshots(store, log, topics.PATIENT_STATES, settings.epoch)
        folding = folding_of(inference, store, log, vault, snapshots.load, settings.flood)
        due = DueTimes(folding, store, due_message)
        _log.info(
            "inference reads %s by knowledge of %s; %s",
            topics.PATIENT_EVENTS.name,
            guidelines.release,
            "; ".join(map(in_words, models)),
        )
        reading = folding.subscription(GROUP, settings.records_at_once)
        ready: dict[str, Claim] = {"state": watches[0].claim, "model": partial(loaded, answers)}
        if lives is not None:
            ready["life"] = partial(loaded, lives)
        shadowing = [shadow.compare] if shadow else []
        yield process.Service(
            log,
            [reading],
            beside=[
                due.run,
                vault.follow,
                *(watch.run for watch in watches),
                *(each for model in models for each in model.beside),
                *shadowing,
            ],
            claims=Claims(log.claims.alive, {**log.claims.ready, **ready}),
        )


def shadow_of(folder: str) -> KnowledgeShadow | None:
    """Open the candidate release of knowledge; one that is wrong is no reason not to serve."""
    if not folder:
        return None
    try:
        return KnowledgeShadow(read_whole(Path(folder)))
    except Misconfigured as fault:
        SHADOW_COMPARED.labels("knowledge", "failed").inc()
        _log.error("EPIONE_SHADOW_KNOWLEDGE is left out: %s", fault)
        return None


def main() -> None:
    """Read the settings from the environment, and serve."""
    process.main(STAGE, InferenceSettings, opened)


if __name__ == "__main__":
    main()
