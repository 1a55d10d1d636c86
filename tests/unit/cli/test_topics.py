import pytest

from epione.messaging.access import Grant, Operation, Resource
from epione_cli.topics import acls, commands


def test_what_one_user_may_do_alike_is_one_command() -> None:
    a, b = (Grant("u", Operation.READ, Resource.TOPIC, name) for name in ("a.v1", "b.v1"))
    group = Grant("u", Operation.READ, Resource.GROUP, "g")

    said = list(commands([a, group, b]))

    assert [command.partition(" --allow-principal ")[2] for command in said] == [
        "User:u --operation Read --group g",
        "User:u --operation Read --topic a.v1 --topic b.v1",
    ]


def test_every_user_of_the_table_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    acls()

    said = capsys.readouterr().out
    assert "User:epione-genomics --operation Read --topic genome.samples.v1" in said
    assert "User:epione-reader --operation Write" not in said
