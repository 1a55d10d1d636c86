"""The contract with those who write to the stream and read from it, as an AsyncAPI 3 document."""

from epione_cli.contract.block_yaml import yaml_of
from epione_cli.contract.document import document_of
from epione_cli.contract.page import page_of

__all__ = ["document_of", "page_of", "yaml_of"]
