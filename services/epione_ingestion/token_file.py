"""The operator's file of tokens, read again when it has changed: rotation without a restart."""

import logging
from pathlib import Path

from epione.errors import Misconfigured
from epione_ingestion.tokens import Tokens, tokens_in

_log = logging.getLogger(__name__)

_Stamp = tuple[int, int, int]  # inode, time of change in ns, size


class TokenFile:
    """What the file says now."""

    def __init__(self, path: Path) -> None:
        """Read it.

        Raises:
            Misconfigured: It is not there, or not understood.
        """
        self._path = path
        self._stamp = self._stamp_now()
        if self._stamp is None:
            raise Misconfigured("EPIONE_TOKENS: no file that can be read is there")
        self._tokens = tokens_in(self._text())

    def tokens(self) -> Tokens:
        """Give who is let in: nobody where the file is gone, those before where it is broken."""
        stamp = self._stamp_now()
        if stamp != self._stamp:
            self._stamp = stamp
            self._tokens = self._changed() if stamp else self._gone()
        return self._tokens

    def _changed(self) -> Tokens:
        try:
            tokens = tokens_in(self._text())
        except Misconfigured as fault:
            _log.error("EPIONE_TOKENS: %s; the tokens before stand", fault)
            return self._tokens
        _log.info("EPIONE_TOKENS: %d tokens are known now", len(tokens))
        return tokens

    def _gone(self) -> Tokens:
        _log.error("EPIONE_TOKENS: the file is gone; nobody is let in")
        return {}

    def _stamp_now(self) -> _Stamp | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _text(self) -> str:
        try:
            return self._path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as fault:
            reason = type(fault).__name__
            raise Misconfigured(f"the file of tokens cannot be read: {reason}") from None
