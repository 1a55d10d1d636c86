"""`epione knowledge`: releases of pharmacogenomics, what they say otherwise, and to whom."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from epione.medicine.pharmacogenomics import Guidelines
    from epione_cli.operating.knowledge_shown import Shown

app = typer.Typer(help="Compare releases of pharmacogenomics, and recall what one of them said.")

Before = Annotated[
    str, typer.Argument(metavar="A", help="A release: its name, or a folder that is one")
]
After = Annotated[str, typer.Argument(metavar="B", help="Another")]
Everything = Annotated[
    bool, typer.Option("--all", help="Also what is said alike and rests on other evidence")
]
AsJson = Annotated[bool, typer.Option("--json", "--jsonl", help="JSON, one object a line")]


@app.command()
def releases(as_json: AsJson = False) -> None:
    """List the releases that are held, of when their knowledge is, and which one is served."""
    from epione.medicine.pharmacogenomics import Guidelines
    from epione.medicine.pharmacogenomics.knowledge import releases_held
    from epione_cli.operating.knowledge_lines import release_line
    from epione_cli.operating.knowledge_shown import Shown, release_text
    from epione_cli.settings import stream_settings

    served = stream_settings().release
    shown = Shown(as_json=as_json, everything=False)
    for folder in dict.fromkeys((*releases_held(), served)):
        line = release_line(Guidelines(folder), Guidelines(served).release)
        shown.line(line, release_text(line))


@app.command()
def diff(
    before: Before,
    after: After,
    genome: Annotated[
        list[Path] | None,
        typer.Option(help="Whose advice changes, by VCF: a file, or a folder; more than once"),
    ] = None,
    patients: Annotated[
        bool, typer.Option("--patients", help="Whose plan would change, of the stream's patients")
    ] = False,
    everything: Everything = False,
    as_json: AsJson = False,
) -> None:
    """Say what release B says otherwise than A; with --genome or --patients, whom it concerns.

    Alone it lists statements that came, went or changed, genes that are known otherwise, and how
    many rows of other tables differ. A genome is called by the genes of each release. Patients
    (EPIONE_STATE, EPIONE_VAULT) are listed by pseudonym, with what would be added, superseded or
    retracted now; their genes stay called as they are on the record. Nothing is written.

    Exits with 0 whether or not they differ, with 1 where a genome cannot be read.
    """
    from epione_cli.operating import knowledge_genomes
    from epione_cli.operating.knowledge_shown import Shown, show_releases

    one, other = _read(before), _read(after)
    shown = Shown(as_json=as_json, everything=everything)
    n_unread = knowledge_genomes.compare(genome, one, other, shown) if genome else 0
    if patients:
        asyncio.run(_go_through(one, other, shown, is_recall=False))
    if not (genome or patients):
        show_releases(one, other, shown)
    shown.totals()
    if n_unread:
        raise typer.Exit(1)


@app.command()
def recall(
    before: Before, after: After, everything: Everything = False, as_json: AsJson = False
) -> None:
    """Have the patients told whose plan release B makes otherwise than A did.

    It lists what `diff --patients` does, and puts an entry on the log of each patient listed: the
    inference service makes the plan anew and tells what that adds, supersedes or retracts, with
    both releases as the reason. First have all services serve B (EPIONE_KNOWLEDGE, here too).
    Done again, nothing is told twice; to go back, serve A, and recall B A.
    """
    from epione_cli.operating.knowledge_shown import Shown

    shown = Shown(as_json=as_json, everything=everything)
    n_asked = asyncio.run(_go_through(_read(before), _read(after), shown, is_recall=True))
    shown.totals()
    print(f"epione: {n_asked} plans are asked for again", file=sys.stderr)


def _read(release: str) -> "Guidelines":
    from epione.medicine.pharmacogenomics import read_whole, release_named

    return read_whole(release_named(release))


async def _go_through(
    before: "Guidelines", after: "Guidelines", shown: "Shown", *, is_recall: bool
) -> int:
    from epione_cli.operating.recalling import Recall, refuse_unserved
    from epione_cli.settings import stream_settings

    settings = stream_settings()
    if is_recall:
        refuse_unserved(after, settings.release)
    async with settings.reading() as (log, vault), settings.store() as store:
        recall = Recall(log, vault, store, before, after, shown)
        return await recall.go_through(range(settings.partitions), is_told=is_recall)
