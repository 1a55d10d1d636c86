"""Which addresses a genome may be read from: what the operator listed, and nothing else."""

from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from epione.errors import RefusedGenome


@dataclass(frozen=True, slots=True)
class Allowed:
    """Empty lists allow nothing."""

    hosts: frozenset[str] = frozenset()  # for https: "genomes.example" or "genomes.example:8443"
    roots: tuple[PurePosixPath, ...] = ()  # for file: absolute folders


@dataclass(frozen=True, slots=True, repr=False)
class FileAddress:
    root: PurePosixPath
    parts: tuple[str, ...]  # below the root, the file's name last


@dataclass(frozen=True, slots=True, repr=False)
class WebAddress:
    host: str  # with its port, where one is given
    target: str  # path and query


def allowed_address(uri: str, allowed: Allowed) -> FileAddress | WebAddress:
    """Read a genome's URI, and check it against what is allowed, without opening anything.

    Raises:
        RefusedGenome: Its scheme, host or folder is not allowed. The address itself is not said.
    """
    try:
        parts = urlsplit(uri)
    except ValueError as fault:
        raise RefusedGenome("the uri cannot be read") from fault
    if not uri.isascii() or not uri.isprintable() or " " in uri or parts.fragment:
        raise RefusedGenome("a uri must be printable ASCII without blanks or a fragment")
    if parts.scheme == "https":
        if parts.netloc.lower() not in allowed.hosts:
            raise RefusedGenome("the uri's host is not one of EPIONE_GENOME_HOSTS")
        query = f"?{parts.query}" if parts.query else ""
        return WebAddress(parts.netloc.lower(), (parts.path or "/") + query)
    if parts.scheme == "file" and parts.netloc in ("", "localhost") and not parts.query:
        return _below_a_root(unquote(parts.path), allowed.roots)
    raise RefusedGenome("a genome's uri must be https://host/… or file:///folder/…")


def _below_a_root(text: str, roots: tuple[PurePosixPath, ...]) -> FileAddress:
    path = PurePosixPath(text)
    if "\0" in text or ".." in path.parts or not path.is_absolute():
        raise RefusedGenome("a file's uri must be absolute and hold no '..'")
    for root in roots:
        if path.is_relative_to(root) and path != root:
            return FileAddress(root, path.relative_to(root).parts)
    raise RefusedGenome("the uri's folder is not below one of EPIONE_GENOME_ROOTS")
