"""`epione dead-letters`: what could not be used, why, and once more."""

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from epione_cli.options import AsJson

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from epione_cli.operating.letters import Letter

NOTHING_CHOSEN = "name a letter, or --topic (with --reason), or --all"

app = typer.Typer(help="List, show and send again the messages that could not be used.")

Of = Annotated[str, typer.Option("--topic", help="Of this topic: its own name, or the letters'")]
A_PLACE = "TOPIC/PARTITION/OFFSET of the dead letter"


@app.command("list")
def list_letters(
    topic: Of = "",
    since: Annotated[str, typer.Option(help="From this time on, ISO 8601")] = "",
    limit: Annotated[int, typer.Option(min=1, help="Show so many, the newest")] = 50,
    as_json: AsJson = False,
) -> None:
    """List dead letters, and how many there are of each kind; never what they hold."""
    found, requeued = asyncio.run(_list(topic, since))
    if as_json:
        for letter in found:
            print(letter.line(requeued.get(str(letter.place))))
        return
    _print_table(found[-limit:], requeued)
    _print_kinds(found)


async def _list(topic: str, since: str) -> "tuple[list[Letter], dict[str, bytes]]":
    from epione_cli.operating.letters import dead_topics, letters, requeued
    from epione_cli.operating.places import time_ms
    from epione_cli.settings import stream_settings

    since_ms = time_ms(since) if since else 0
    of = dead_topics(topic)
    async with stream_settings().log() as log:
        found = [letter async for letter in letters(log, of, since_ms)]
        return sorted(found, key=lambda letter: letter.at), await requeued(log)


def _print_table(found: "Sequence[Letter]", requeued: "Mapping[str, bytes]") -> None:
    from datetime import UTC, datetime

    from rich.console import Console
    from rich.table import Table

    now = datetime.now(UTC)
    table = Table("letter", "kind", "stage", "attempts", "origin", "age", "requeued")
    for each in found:
        age = str(now - each.at).partition(".")[0]
        said = requeued.get(str(each.place), b"").decode()
        table.add_row(
            str(each.place), each.kind, each.stage, each.attempts, str(each.origin), age, said
        )
    Console(highlight=False, width=None if sys.stdout.isatty() else 200).print(table)


def _print_kinds(found: "Sequence[Letter]") -> None:
    from collections import Counter

    kinds = Counter((letter.origin.topic, letter.kind) for letter in found)
    for (origin, kind), n in kinds.most_common():
        print(f"{n:8}  {kind:20}  {origin}")


@app.command()
def show(
    letter: Annotated[str, typer.Argument(help=A_PLACE)],
    value: Annotated[
        bool,
        typer.Option(
            "--value", help="Also what it and its headers hold: it may identify a patient"
        ),
    ] = False,
) -> None:
    """Show why a message could not be used; what may identify a patient only if asked."""
    found = asyncio.run(_show(letter))
    print(f"{found.place}: {found.reason}")
    print(f"at {found.at.isoformat()} in {found.stage}, of {found.origin}")
    for header in found.headers(whole=value):
        print(f"  {header}")
    held = found.record.value or b""
    if not value:
        print(f"{len(held)} bytes, which may identify a patient, as may a header that stands here")
        print("by its name alone; --value shows them")
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(held)


async def _show(letter: str) -> "Letter":
    from epione_cli.operating.letters import letter_at
    from epione_cli.operating.places import place_in
    from epione_cli.settings import stream_settings

    place = place_in(letter)
    async with stream_settings().log() as log:
        return await letter_at(log, place)


@app.command()
def requeue(
    letter: Annotated[str, typer.Argument(help=A_PLACE)] = "",
    topic: Of = "",
    reason: Annotated[str, typer.Option(help="With --topic: of this kind, as listed")] = "",
    everything: Annotated[bool, typer.Option("--all", help="All of them")] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Those, too, that were sent again already")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say which; send nothing")] = False,
) -> None:
    """Send messages to where they came from, as they came; none twice unless asked."""
    if sum(map(bool, (letter, topic, everything))) != 1 or (reason and not topic):
        raise typer.BadParameter(NOTHING_CHOSEN)
    asyncio.run(_requeue(letter, topic, reason, again, dry_run))


async def _requeue(letter: str, topic: str, reason: str, again: bool, dry_run: bool) -> None:
    from epione_cli.operating import letters as of
    from epione_cli.operating.places import place_in
    from epione_cli.settings import stream_settings

    async with stream_settings().log() as log:
        if letter:
            found = [await of.letter_at(log, place_in(letter))]
        else:
            found = [each async for each in of.letters(log, of.dead_topics(topic))]
        known = await of.requeued(log)
        chosen = [each for each in found if not reason or each.kind == reason]
        fresh = [each for each in chosen if again or str(each.place) not in known]
        _say_left_out([known[str(each.place)] for each in chosen if each not in fresh])
        if dry_run:
            for each in fresh:
                print(f"{each.place}  {each.kind}  to {each.origin.topic}")
            return
        await of.requeue(log, fresh)
        print(f"{len(fresh)} sent again")


def _say_left_out(said: "Sequence[bytes]") -> None:
    from epione_cli.operating.letters import DONE

    if done := sum(each == DONE for each in said):
        print(f"epione: {done} were sent again before: left out without --again", file=sys.stderr)
    if unsure := len(said) - done:
        print(
            f"epione: {unsure} may have been, by a command that was killed: "
            "left out without --again",
            file=sys.stderr,
        )
