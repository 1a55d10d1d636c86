"""What goes into an outbox comes out of it."""

from hypothesis import given
from hypothesis import strategies as st

from epione.messaging import Message, Topic
from epione.messaging.outbox import packed, unpacked

headers = st.lists(st.tuples(st.text(), st.binary())).map(tuple)
messages = st.builds(Message, st.text().map(Topic), st.binary(), st.binary(), headers)


@given(st.lists(messages))
def test_messages_come_back_in_order_and_whole(sent: list[Message]) -> None:
    assert unpacked(packed(sent)) == sent
