"""An Apache Kafka of one's own, run by Java from Maven Central's artifacts; no Docker.

One node, broker and controller in one (KRaft), on the loopback address, replication 1: for a
machine of one's own, never for patients.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from epione.errors import Misconfigured

RELEASE = "4.1.1"
START_TIMEOUT_S = 180.0  # a bound for a crowded machine; 5 s is usual
STOP_TIMEOUT_S = 30.0
# Above the ports of well-known servers, and below those that Linux gives to connections (32,768).
FIRST_PORT, LAST_PORT = 15_000, 32_000
READY = "Kafka Server started"  # the last line of a start-up, of kafka.server.KafkaRaftServer

# To compile little: Kafka then starts in half the time, and 10,000 messages of a soak cost it a
# third of the processor's time (measured: 7 s instead of 20).
SOON = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")

_POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>epione</groupId><artifactId>kafka</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId>
      <version>{RELEASE}</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId>
      <version>1.7.36</version></dependency>
  </dependencies>
</project>
"""


def missing_for_native_kafka() -> str:
    """Say what this machine lacks to run Kafka natively; "" where nothing is missing."""
    lacking = ["java"] if shutil.which("java") is None else []
    if shutil.which("mvn") is None and not _jars_in(default_cache()).is_dir():
        lacking.append("mvn")
    return " and ".join(lacking)


def default_cache() -> Path:
    """Give the folder that keeps Kafka's jars between runs."""
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "epione"


def fetch(cache: Path) -> Path:
    """Fetch Kafka's jars (43 MB) into `cache`, unless they are there, and give their folder.

    Raises:
        Misconfigured: Maven is absent, or could not fetch them.
    """
    jars = _jars_in(cache)
    if jars.is_dir():
        return jars
    if shutil.which("mvn") is None:
        raise Misconfigured("fetching Kafka needs Maven's command mvn")
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as scratch:
        _copy_dependencies(Path(scratch))
        _move_unless_there(Path(scratch) / "jars", jars)
    return jars


class NativeKafka:
    """A Kafka process and its folder; what it holds outlives `stop`, and `start` brings it back."""

    def __init__(
        self,
        home: Path,
        *,
        port: int = 0,
        cache: Path | None = None,
        settings: str = "",
        format_arguments: Sequence[str] = (),
        java: Sequence[str] = SOON,
    ) -> None:
        """Prepare a broker that keeps its log and settings in `home`.

        Args:
            home: Its folder.
            port: 0 picks a free one.
            cache: Where its jars are kept.
            settings: More lines of server.properties, which count before ours.
            format_arguments: More of kafka-storage.sh format, such as --add-scram.
            java: Options of Java's; none where it is to take many messages for long.
        """
        self._home, self._java = home, java
        self._more_settings, self._format_arguments = settings, format_arguments
        self._cache = cache or default_cache()
        self._port = port or free_port()
        self._controller_port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start, and return once it serves.

        Raises:
            Misconfigured: It did not start; the end of its own log is in the message.
        """
        jars = fetch(self._cache)
        self._home.mkdir(parents=True, exist_ok=True)
        settings = self._home / "server.properties"
        if not settings.exists():
            settings.write_text(self._settings() + self._more_settings)
            arguments = [*_format_arguments(settings), *self._format_arguments]
            _java(jars, "kafka.tools.StorageTool", arguments, self._log)
        with self._log.open("ab") as log:
            said = log.tell()
            self._process = subprocess.Popen(
                _java_command(jars, "kafka.Kafka", [str(settings)], self._java),
                stdout=log,
                stderr=log,
                start_new_session=True,  # an interrupt of the terminal stops Epione first
            )
        self._wait_until_ready(said)

    def stop(self) -> None:
        """Stop as an operator would: it flushes and closes its log."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it without a warning."""
        self._end(signal.SIGKILL)

    @property
    def _log(self) -> Path:
        return self._home / "kafka.log"

    def _settings(self) -> str:
        return f"""\
node.id=1
process.roles=broker,controller
controller.quorum.voters=1@127.0.0.1:{self._controller_port}
listeners=PLAINTEXT://127.0.0.1:{self._port},CONTROLLER://127.0.0.1:{self._controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{self._port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs={self._home / "data"}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=8
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
"""

    def _wait_until_ready(self, said: int) -> None:
        assert self._process is not None
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline and self._process.poll() is None:
            if READY in self._log.read_bytes()[said:].decode(errors="replace"):
                return
            time.sleep(0.05)
        self.kill()
        raise Misconfigured(f"Kafka did not start:\n{_last_lines(self._log)}")

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(how)
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port(in_a_row: int = 1) -> int:
    """Give a port of the loopback address that nothing listens on now, or the first of several.

    No connection is given one of these meanwhile, as it may be of those that a system chooses.
    """
    while True:
        first = FIRST_PORT + secrets.randbelow(LAST_PORT - FIRST_PORT - in_a_row)
        if all(map(_is_free, range(first, first + in_a_row))):
            return first


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _jars_in(cache: Path) -> Path:
    return cache / f"kafka-{RELEASE}"


def _copy_dependencies(scratch: Path) -> None:
    (scratch / "pom.xml").write_text(_POM)
    goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory=jars"]
    done = subprocess.run(["mvn", "-q", "-B", *goal], cwd=scratch, capture_output=True, text=True)
    if done.returncode:
        raise Misconfigured(f"Maven could not fetch Kafka:\n{(done.stdout + done.stderr)[-2000:]}")


def _move_unless_there(source: Path, target: Path) -> None:
    try:
        source.rename(target)
    except OSError:  # another process was faster; its folder is the same
        if not target.is_dir():
            raise


def _format_arguments(settings: Path) -> list[str]:
    return ["format", "-t", "5L6g3nShT-eMCtK--X86sw", "-c", str(settings)]


def _java_command(
    jars: Path, main_class: str, arguments: list[str], options: Sequence[str]
) -> list[str]:
    return ["java", "-Xmx512m", *options, "-cp", f"{jars}/*", main_class, *arguments]


def _java(jars: Path, main_class: str, arguments: list[str], log: Path) -> None:
    with log.open("ab") as out:
        done = subprocess.run(
            _java_command(jars, main_class, arguments, SOON), stdout=out, stderr=out, check=False
        )
    if done.returncode:
        raise Misconfigured(f"{main_class} failed:\n{_last_lines(log)}")


def _last_lines(log: Path, n: int = 15) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-n:])
