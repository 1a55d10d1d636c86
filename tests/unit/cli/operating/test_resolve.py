"""Whose a plan is, as the command is told it: by ingestion, or by what stands before it."""

import httpx
import pytest

from epione.errors import EpioneError, Forbidden, Unavailable
from epione_cli.operating.resolve import resolve

ADDRESS = "http://epione.example"


def asked(monkeypatch: pytest.MonkeyPatch, answer: httpx.Response) -> None:
    monkeypatch.setattr(httpx, "post", lambda *_, **__: answer)
    resolve("4f2a", "to call her", ADDRESS, "token", as_json=False)


def test_what_is_told_is_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked(monkeypatch, httpx.Response(200, json={"number": "12345"}))

    assert capsys.readouterr().out == "number    12345\n"


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (400, Forbidden),
        (403, Forbidden),
        (404, Forbidden),
        (429, Unavailable),
        (500, Unavailable),
        (503, Unavailable),
    ],
)
def test_a_refusal_says_who_is_at_fault(
    monkeypatch: pytest.MonkeyPatch, status: int, fault: type[EpioneError]
) -> None:
    with pytest.raises(fault, match="why not"):
        asked(monkeypatch, httpx.Response(status, json={"detail": "why not"}))


@pytest.mark.parametrize("status", [200, 302, 502])
@pytest.mark.parametrize("body", [b"<html>Bad Gateway</html>", b"[]", b"\xff", b""])
def test_what_is_no_answer_of_ingestion_is_said_in_a_line(
    monkeypatch: pytest.MonkeyPatch, status: int, body: bytes
) -> None:
    with pytest.raises(Unavailable, match=f"{ADDRESS} answers with {status}"):
        asked(monkeypatch, httpx.Response(status, content=body))
