"""The command `epione` as a process, as its users run it."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
EPIONE = (sys.executable, "-c", "from epione_cli.app import main; main()")
TIMEOUT_S = 120


@dataclass(frozen=True, slots=True)
class Ran:
    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def said(self) -> str:
        """Everything that a reader could see."""
        return self.out + self.err


def environment(settings: Mapping[str, str] | None = None) -> dict[str, str]:
    """Give this process's environment without EPIONE_ variables, and with these."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("EPIONE_")}
    packages = os.pathsep.join(str(ROOT / each) for each in ("shared", "services"))
    return own | {"PYTHONPATH": packages, "COLUMNS": "80"} | dict(settings or {})


def epione(*arguments: str | Path, **settings: str) -> Ran:
    """Run the command to its end."""
    done = subprocess.run(
        [*EPIONE, *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        timeout=TIMEOUT_S,
        env=environment(settings),
    )
    return Ran(done.returncode, done.stdout, done.stderr)
