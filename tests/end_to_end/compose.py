"""docker-compose.yml as a stack of its own, for tests: its own project, secrets, token and port."""

import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tests.end_to_end.command import ROOT, Ran
from tests.real_parts import KAFKA_IMAGE, REDIS_IMAGE, why_no_containers

from epione_cli.native_kafka import free_port

BASE_IMAGE = "debian:trixie-slim"
SERVICES = ("ingestion", "genomics", "inference")
IMAGES = (*SERVICES, "cli")
BUILD_WITHIN_S = 900
RUN_WITHIN_S = 180
POLL_S = 0.5


def why_no_compose() -> str:
    """Say why no stack can be built and run here; "" where it can."""
    lacking = filter(None, map(why_no_containers, (BASE_IMAGE, KAFKA_IMAGE, REDIS_IMAGE)))
    return next(lacking, "" if compose_command() else "no Docker Compose")


def compose_command() -> Sequence[str]:
    """Give the second Compose or the first, or nothing."""
    if shutil.which("docker") and ran_well(["docker", "compose", "version"]):
        return ("docker", "compose")
    return ("docker-compose",) if shutil.which("docker-compose") else ()


def ran_well(command: Sequence[str], **variables: str) -> bool:
    done = subprocess.run(command, capture_output=True, env={**os.environ, **variables})
    return done.returncode == 0


def build() -> None:
    """Build the images, by BuildKit where a client can: it makes no stage twice."""
    variables = {"DOCKER_BUILDKIT": "1", "COMPOSE_DOCKER_CLI_BUILD": "1"}
    paths = os.environ["PATH"].split(os.pathsep)
    for first in paths:
        docker = shutil.which("docker", path=first)
        if docker and ran_well([docker, "build", "--help"], **variables):
            path = os.pathsep.join([first, *paths])
            break
    else:
        path, variables = os.environ["PATH"], {}
    built = Stack.asked(["build", *IMAGES], BUILD_WITHIN_S, PATH=path, **variables)
    assert built.status == 0, built.said


def docker(*arguments: str) -> str:
    """Ask Docker; give what it said."""
    done = subprocess.run(
        ["docker", *arguments], capture_output=True, text=True, timeout=RUN_WITHIN_S
    )
    assert done.returncode == 0, f"docker {arguments[0]}: {done.stderr}"
    return done.stdout.strip()


class Stack:
    """One run of docker-compose.yml."""

    def __init__(self, home: Path) -> None:
        self.port = free_port()
        self.tokens = home / "tokens.toml"
        self.tokens.touch()
        self._variables = {
            "COMPOSE_PROJECT_NAME": f"epione-test-{secrets.token_hex(4)}",
            "HTTP_PORT": str(self.port),
            "TOKENS": str(self.tokens),
            "EPIONE_SECRET": secrets.token_hex(32),
            "EPIONE_VAULT": secrets.token_hex(32),
            "REDIS_PASSWORD": secrets.token_hex(32),
        }

    @staticmethod
    def asked(arguments: Sequence[str], within_s: float, **variables: str) -> Ran:
        """Ask Compose, and wait for its answer."""
        secret = {"EPIONE_SECRET": "-", "EPIONE_VAULT": "-", "REDIS_PASSWORD": "-"}
        own = {name: each for name, each in os.environ.items() if not name.startswith("EPIONE_")}
        done = subprocess.run(
            [*compose_command(), *arguments],
            cwd=ROOT,
            env={**own, **secret, **variables},
            capture_output=True,
            text=True,
            timeout=within_s,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def compose(self, *arguments: str) -> str:
        """Ask Compose; give its output."""
        ran = self.asked(arguments, RUN_WITHIN_S, **self._variables)
        assert ran.status == 0, ran.said
        return ran.out

    def epione(self, *arguments: str) -> Ran:
        """Run the command in a container of the stack."""
        return self.asked(["run", "--rm", "-T", "cli", *arguments], RUN_WITHIN_S, **self._variables)

    def container(self, service: str) -> str:
        of = {"project": self._variables["COMPOSE_PROJECT_NAME"], "service": service}
        labels = [f"--filter=label=com.docker.compose.{name}={value}" for name, value in of.items()]
        return docker("ps", "--all", "--quiet", *labels)

    def is_healthy(self, service: str) -> bool:
        state = "{{.State.Health.Status}}"
        return docker("inspect", "-f", state, self.container(service)) == "healthy"

    def restarts(self, service: str) -> int:
        return int(docker("inspect", "-f", "{{.RestartCount}}", self.container(service)))

    def kill(self, service: str) -> None:
        """Kill a container's process from outside; `docker kill` would keep it from coming back."""
        pid = docker("inspect", "-f", "{{.State.Pid}}", self.container(service))
        kill = "import os, sys; os.kill(int(sys.argv[1]), 9)"
        outside = ("--rm", "--pid", "host", "--user", "0")
        docker("run", *outside, "--entrypoint", "python", "epione/cli", "-c", kill, pid)


def running(home: Path) -> Iterator[Stack]:
    """Bring a stack up, and down again with all that it kept."""
    stack = Stack(home)
    try:
        stack.compose("up", "--detach", "--no-build")
        wait_until(lambda: all(stack.is_healthy(service) for service in SERVICES), "healthy")
        yield stack
    finally:
        stack.compose("down", "--volumes", "--timeout", "20")


def wait_until(holds: Callable[[], bool], what: str) -> None:
    """Return once the condition holds."""
    deadline = time.monotonic() + RUN_WITHIN_S
    while not holds():
        assert time.monotonic() < deadline, f"not {what} within {RUN_WITHIN_S} s"
        time.sleep(POLL_S)
