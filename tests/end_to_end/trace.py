"""What a story does, turn by turn, as text: what changed, and the whole plan that then stands.

The reviewed text lies in `golden/`. Where a change of it is meant, write it anew and review it:
`python -m tests.end_to_end.trace NAME > tests/end_to_end/golden/NAME.txt`
"""

import asyncio
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

from epione.medicine.recommendation import Plan, PlanState, Recommendation
from epione_cli.embedded_redis import embedded_redis
from epione_cli.replay import Clock, Replay, Turn
from epione_cli.stage import replaying
from epione_cli.stories import Played, shipped_stories

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


async def trace_in_memory(story: Played) -> str:
    """Play a story on the in-memory log."""
    clock = Clock(story.deliveries[0].at)
    with embedded_redis() as redis_url:
        async with replaying(story.rules, redis_url, clock) as replay:
            return await trace_of(replay, story)


async def trace_of(replay: Replay, story: Played) -> str:
    """Play a story, and write down what it does."""
    lines, written = [story.title], set[str]()
    async for turn in replay.turns(story.deliveries):
        lines += ["", f"== {turn.delivery.title}", *_changes(turn)]
        for plan in sorted(turn.plans.values(), key=lambda plan: (plan.state, plan.patient)):
            lines += _plan(plan, written)
    return "\n".join(lines) + "\n"


def _changes(turn: Turn) -> Iterator[str]:
    for changed in sorted(turn.changes, key=lambda changed: changed.recommendation.key):
        yield f"{changed.change:>10} {changed.recommendation.key}"


def _plan(plan: Plan, written: set[str]) -> Iterator[str]:
    """Write a plan: what is new in words, what was written before by its key."""
    if plan.state is PlanState.MERGED:
        yield "-- the alias of the patient: merged"
        return
    yield f"-- the plan: {len(plan.recommendations)} recommendations"
    for recommendation in plan.recommendations:
        if recommendation.id in written:
            yield f"as before: {recommendation.key}"
        else:
            yield from _recommendation(recommendation)
    written.update(recommendation.id for recommendation in plan.recommendations)


def _recommendation(recommendation: Recommendation) -> Iterator[str]:
    subject = recommendation.subject
    yield f"{subject.kind} {subject.name} [{recommendation.strength}]: {recommendation.action}"
    yield f"    because {'; '.join(reason.text for reason in recommendation.reasons)}"
    for change in recommendation.would_change_if:
        yield f"    would change if {change}"


if __name__ == "__main__":
    (asked,) = sys.argv[1:]
    found = {each.name: each for each in shipped_stories(NOW)}[asked]
    sys.stdout.write(asyncio.run(trace_in_memory(found)))
