"""Plays a story and shows it: as tables for a reader, or as lines of JSON."""

import sys
from collections.abc import Mapping

from rich.console import Console
from rich.rule import Rule

from epione.medicine.recommendation import Plan, PlanState
from epione.messaging import Record
from epione.messaging.dead_letter import REASON
from epione_cli.embedded_redis import embedded_redis
from epione_cli.lines import json_line
from epione_cli.replay import Clock, Turn
from epione_cli.show import changes_view, plan_view
from epione_cli.stage import replaying
from epione_cli.stories import Played


class Showing:
    """Standard output takes what is shown; standard error, what could not be used."""

    def __init__(self, as_json: bool) -> None:
        self._as_json, self._console = as_json, Console(highlight=False)

    async def play(self, story: Played, speed: float | None) -> None:
        """Play to services that start empty, and show each change and what then stands."""
        clock = Clock(story.deliveries[0].at)
        before: Mapping[str, Plan] = {}
        self._print(Rule(story.title))
        with embedded_redis() as redis_url:
            async with replaying(story.rules, redis_url, clock, story.life) as replay:
                async for turn in replay.turns(story.deliveries, speed):
                    self._show_turn(turn, before)
                    before = turn.plans
                dead = await replay.dead_letters()
        for plan in before.values():
            self._show_plan(plan)
        _tell_of(dead)

    def _show_turn(self, turn: Turn, before: Mapping[str, Plan]) -> None:
        delivery = turn.delivery
        self._print(f"\n[bold]{delivery.at:%d %B %Y}: {delivery.title}[/bold]")
        self._print(changes_view(turn.changes, before))

    def _show_plan(self, plan: Plan) -> None:
        if plan.state is PlanState.MERGED:
            return
        if self._as_json:
            for recommendation in plan.recommendations:
                print(json_line(plan, recommendation))
            return
        self._print(f"\n[bold]The plan of patient {plan.patient}[/bold]")
        self._print(plan_view(plan))

    def _print(self, what: object) -> None:
        if not self._as_json:
            self._console.print(what)


def _tell_of(dead: list[Record]) -> None:
    for record in dead:
        reason = dict(record.headers).get(REASON, b"").decode()
        print(f"epione: a message of {record.topic} is not all used: {reason}", file=sys.stderr)
