"""The .proto text of a payload, whole: a reader of one topic needs no other file."""

import re
from collections.abc import Iterator
from importlib.resources import files

PACKAGE = "epione.v1"
_IMPORT = re.compile(r'^import "(?:epione/v1/(\w+)|([\w/]+))\.proto";\n', re.MULTILINE)
_HEAD = re.compile(rf'^syntax = "proto3";\npackage {re.escape(PACKAGE)};\n', re.MULTILINE)


def proto_text(name: str) -> str:
    """Give `proto/epione/v1/<name>.proto` with what it imports of its package written out.

    >>> proto_text("codes").splitlines()[:4]
    ['syntax = "proto3";', 'package epione.v1;', '', '// A code of a terminology.']
    """
    names = tuple(dict.fromkeys(_needed(name)))
    texts = [_text(each) for each in names]
    outside = sorted({other for text in texts for _, other in _IMPORT.findall(text) if other})
    imports = "".join(f'import "{path}.proto";\n' for path in outside)
    bodies = [_IMPORT.sub("", _HEAD.sub("", text)).strip() for text in texts]
    head = f'syntax = "proto3";\npackage {PACKAGE};\n' + (imports and f"\n{imports}")
    return "\n\n".join((head.rstrip(), *bodies)) + "\n"


def _needed(name: str) -> Iterator[str]:
    """Give the package's files that a file needs, itself last."""
    for own, _ in _IMPORT.findall(_text(name)):
        if own:
            yield from _needed(own)
    yield name


def _text(name: str) -> str:
    return files(PACKAGE).joinpath(f"{name}.proto").read_text(encoding="utf-8")
