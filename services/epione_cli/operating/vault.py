"""`epione vault`: the secret that wraps patients' keys."""

import asyncio

import typer

app = typer.Typer(help="Look after the secret that wraps patients' keys.")


@app.callback()
def vault() -> None:
    """A group, even of one command."""


@app.command()
def rekey() -> None:
    """Wrap every patient's key by EPIONE_VAULT that one of EPIONE_VAULT_OLD still wraps.

    Before, every service knows both secrets; after, the old one may go.
    """
    print(f"{asyncio.run(_rekey())} keys wrapped anew")


async def _rekey() -> int:
    from epione.privacy import rekey as wrap_anew
    from epione_cli.operating.progress import bar
    from epione_cli.settings import stream_settings

    settings = stream_settings()
    keys = settings.vault_keys
    async with settings.log() as log:
        with bar("keys", 0) as progress:
            return await wrap_anew(log, keys, progress.add)
