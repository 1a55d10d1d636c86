"""Ingestion: what hospitals send, as facts on their patients' logs."""

from epione_ingestion.answering import answer_by
from epione_ingestion.maps import CodeMap, read_maps
from epione_ingestion.rules import Rules
from epione_ingestion.translation import Translation, translate
from epione_ingestion.unmapped import UnmappedCode, count_unmapped

__all__ = [
    "CodeMap",
    "Rules",
    "Translation",
    "UnmappedCode",
    "answer_by",
    "count_unmapped",
    "read_maps",
    "translate",
]
