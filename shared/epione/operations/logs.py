"""Log lines on standard error: one line an entry, as text or as JSON, times in UTC."""

import json
import logging
import time
from typing import Any

from epione.operations.chatter import Chatter

LINE = "%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s: %(message)s"
TRACE_ID = "trace_id"  # `extra` of an entry that is about one traced message

_SECONDS = "%Y-%m-%dT%H:%M:%S"


def set_up_logging(service: str = "", *, as_json: bool = False) -> None:
    """Log from INFO on; of the Kafka client what warns and means something."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines(service) if as_json else text_lines())
    handler.addFilter(Chatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("aiokafka").setLevel(logging.WARNING)
    logging.getLogger("uvicorn").setLevel(logging.WARNING)


def text_lines() -> logging.Formatter:
    lines = logging.Formatter(LINE, _SECONDS)
    lines.converter = time.gmtime
    return lines


class JsonLines(logging.Formatter):
    """An object a line: time, level, logger, message, service; trace_id and exception if any."""

    def __init__(self, service: str) -> None:
        super().__init__(datefmt=_SECONDS)
        self.converter = time.gmtime
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = {
            "time": f"{self.formatTime(record, _SECONDS)}.{int(record.msecs):03d}Z",
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "service": self._service,
        }
        if trace_id := getattr(record, TRACE_ID, ""):
            entry[TRACE_ID] = trace_id
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False)
