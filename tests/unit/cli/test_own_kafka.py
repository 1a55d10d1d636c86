from pathlib import Path

import pytest

from epione_cli.own_kafka import default_home, kept_secret


def test_a_secret_is_made_once_and_kept_to_its_owner(tmp_path: Path) -> None:
    first, again = (kept_secret(tmp_path / "secret") for _ in range(2))

    assert first == again
    assert len(first) == 64
    assert (tmp_path / "secret").stat().st_mode & 0o077 == 0


def test_the_home_is_where_the_desktop_keeps_data(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))

    assert default_home() == tmp_path / "epione"
