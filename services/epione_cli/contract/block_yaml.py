"""YAML in which a text of several lines stands as it is."""

import yaml

from epione_cli.contract.carried import Schema


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks."""


def _written(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar(
        "tag:yaml.org,2002:str", text, style="|" if "\n" in text else None
    )


_Dumper.add_representer(str, _written)


def yaml_of(document: Schema) -> str:
    """Give a document as YAML, in its order."""
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True)
