"""The room's front door."""

import subprocess
import sys

from epione import messaging


def test_what_the_front_door_shows() -> None:
    assert sorted(messaging.__all__) == [
        "Again",
        "Archive",
        "Done",
        "Headers",
        "JSON",
        "Layout",
        "Log",
        "MemoryLog",
        "Message",
        "PROTOBUF",
        "Patience",
        "Record",
        "Step",
        "Stream",
        "Subscription",
        "Topic",
        "answering",
        "attributes_of",
        "content_type_of",
        "dead_letters_of",
        "headers_of",
        "serve",
        "stop_on_signals",
    ]


def test_the_front_door_needs_neither_faststream_nor_redis() -> None:
    look = "import sys, epione.messaging; print({'faststream', 'redis'} & sys.modules.keys())"

    seen = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)

    assert seen.stdout.strip() == "set()"
