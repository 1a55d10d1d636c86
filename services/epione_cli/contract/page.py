"""The same contract as one page to be read: no script, nothing fetched."""

import json
from collections.abc import Iterable
from html import escape

from epione.messaging import Layout, Topic, topics
from epione.messaging.access import USERS
from epione.messaging.topics import DAY_MS, FOREVER
from epione_cli.contract.carried import Carried, Schema, carried_by
from epione_cli.contract.document import ABOUT, name_of

STYLE = """\
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 }
th, td { border: 1px solid #ccc; padding: .3rem .6rem; text-align: left; vertical-align: top }
pre { background: #f6f6f6; padding: 1rem; overflow-x: auto }
h2 { border-top: 1px solid #ccc; padding-top: 1rem }"""


def page_of(layout: Layout) -> str:
    """Give the page, HTML."""
    overview = _table(
        ("topic", "written by", "read by", "carries"), (_row(topic) for topic in topics.ALL)
    )
    sections = "\n".join(_section(topic, layout) for topic in topics.ALL)
    return f"""\
<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Epione: topics</title><style>{STYLE}</style></head>
<body>
<h1>Epione: topics</h1>
<p>{escape(ABOUT)}</p>
{overview}
{sections}
</body>
</html>
"""


def _row(topic: Topic) -> tuple[str, ...]:
    link = f'<a href="#{escape(topic.name)}">{escape(topic.name)}</a>'
    writers = [name_of(user) for user in USERS if topic in user.writes]
    readers = [name_of(user) for user in USERS if topic in user.reads]
    carries = [each.summary for each in carried_by(topic)]
    return (link, ", ".join(writers), ", ".join(readers), escape("; ".join(carries)))


def _section(topic: Topic, layout: Layout) -> str:
    kept = "forever" if topic.retention_ms == FOREVER else f"{topic.retention_ms // DAY_MS} days"
    said = [
        f"{layout.partitions} partitions",
        f"{layout.replication} replicas",
        "compacted: the last of each key stays" if topic.compacted else f"kept {kept}",
        f"{topic.max_bytes:,} bytes at most",
    ]
    messages = "\n".join(_message(carried) for carried in carried_by(topic))
    name = escape(topic.name)
    return f'<h2 id="{name}">{name}</h2>\n<p>{"; ".join(said)}.</p>\n{messages}'


def _message(carried: Carried) -> str:
    headers = _table(
        ("header", "", "what it says"),
        ((f"<code>{name}</code>", *_said(carried, name)) for name in carried.headers),
    )
    return f"""\
<h3>{escape(carried.name)}</h3>
<p>{escape(carried.summary)}. <code>{escape(carried.content_type)}</code></p>
<p>Key: {_description(carried.key)}</p>
{headers}
<details><summary>Value</summary><pre>{_payload(carried.payload)}</pre></details>"""


def _said(carried: Carried, name: str) -> tuple[str, str]:
    header = carried.headers[name]
    always = f": always <code>{escape(str(header['const']))}</code>" if "const" in header else ""
    return ("required" if name in carried.required else "", _description(header) + always)


def _payload(payload: Schema) -> str:
    """Give protobuf as its own text, and what else as JSON."""
    return escape(str(payload.get("schema") or json.dumps(payload, indent=2)))


def _description(schema: Schema) -> str:
    return escape(str(schema["description"]))


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [_cells("th", head), *(_cells("td", row) for row in rows)]
    return "<table>\n" + "\n".join(lines) + "\n</table>"


def _cells(tag: str, cells: Iterable[str]) -> str:
    return "<tr>" + "".join(f"<{tag}>{cell}</{tag}>" for cell in cells) + "</tr>"
