"""Service processes as an operator's supervisor runs them: one that exits is started again."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

RESTART_AFTER_S = 0.5
STOP_WITHIN_S = 30  # as Kubernetes gives


class Replica:
    """One process of a service, under supervision from `start` to `stop`."""

    def __init__(self, module: str, environment: Mapping[str, str], log: Path) -> None:
        self._command = [sys.executable, "-m", module]
        self._environment = {**os.environ, **environment}
        self._log = log
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._supervise, daemon=True)
        self.starts = 0
        self.exits: list[int] = []  # statuses; minus the signal's number where one ended it

    def start(self) -> None:
        self._thread.start()

    def kill(self) -> None:
        """End the process without a warning; the supervisor starts another."""
        self._signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask the process to stop; the supervisor starts another."""
        self._signal(signal.SIGTERM)

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def wake(self) -> None:
        self._signal(signal.SIGCONT)

    def stop(self) -> int:
        """Ask the process to stop, for good, and give its exit status."""
        self._stopping.set()
        self.wake()
        self._signal(signal.SIGTERM)
        self._thread.join(STOP_WITHIN_S)
        if self._thread.is_alive():
            self.kill()
            self._thread.join()
        assert self._process is not None
        return self._process.returncode

    def _supervise(self) -> None:
        with self._log.open("ab") as log:
            while not self._stopping.is_set():
                self._process = subprocess.Popen(
                    self._command, env=self._environment, stdout=log, stderr=log
                )
                self.starts += 1
                self.exits.append(self._process.wait())
                self._stopping.wait(RESTART_AFTER_S)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)
