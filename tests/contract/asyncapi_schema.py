"""The official JSON schema of AsyncAPI 3.0, of the project's npm package (Apache-2.0), pinned."""

import hashlib
import json
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import cast

from epione_cli.contract.carried import Schema
from epione_cli.native_kafka import default_cache

RELEASE = "6.11.1"
SHA256 = "d4571a420e6ffb7fcc7066c95a6db1202f299a3c51daa103d0706bf30f95e626"
INSIDE = "package/schemas/3.0.0.json"


def why_no_asyncapi_schema() -> str:
    return "" if _kept().exists() or shutil.which("npm") else "no npm to fetch it once"


def asyncapi_schema() -> Schema:
    """Give the schema, fetched once and kept in the cache."""
    kept = _kept()
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        _fetch(kept)
    content = kept.read_bytes()
    assert hashlib.sha256(content).hexdigest() == SHA256
    return cast(Schema, json.loads(content))


def _kept() -> Path:
    return default_cache() / f"asyncapi-specs-{RELEASE}.json"


def _fetch(kept: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        pack = ["npm", "pack", "--silent", f"@asyncapi/specs@{RELEASE}"]
        done = subprocess.run(pack, cwd=scratch, check=True, stdout=subprocess.PIPE, text=True)
        with tarfile.open(Path(scratch) / done.stdout.strip()) as package:
            schema = package.extractfile(INSIDE)
            assert schema is not None
            content = schema.read()
    part = kept.with_suffix(".part")
    part.write_bytes(content)
    part.replace(kept)
