"""The page."""

import re
from html.parser import HTMLParser

import pytest

from epione.messaging import Layout, topics
from epione_cli.contract import page_of

VOID = {"meta"}


class Tags(HTMLParser):
    """Follows tags: what is open, and what was closed without having been."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)


@pytest.fixture(scope="module")
def page() -> str:
    return page_of(Layout(partitions=12))


@pytest.mark.parametrize("topic", topics.ALL, ids=lambda topic: topic.name)
def test_every_topic_has_its_section_and_a_link_to_it(page: str, topic: topics.Topic) -> None:
    assert f'<h2 id="{topic.name}">' in page
    assert f'<a href="#{topic.name}">' in page


def test_the_page_needs_nothing_else(page: str) -> None:
    assert re.findall(r"<(?:script|link|img|iframe)|src=|url\(|@import", page) == []


def test_every_tag_is_closed(page: str) -> None:
    tags = Tags()
    tags.feed(page)

    assert (tags.open, tags.faults) == ([], [])


def test_a_topic_says_how_it_is_kept_and_who_has_to_do_with_it(page: str) -> None:
    assert "<p>12 partitions; 3 replicas; kept 30 days;" in page
    assert "<td>inference</td><td>reader" in page


def test_a_value_is_shown_as_protobuf(page: str) -> None:
    assert "message PatientEvent {" in page
    assert "&lt;" in page
