"""Serving models: sessions, joined runs, versions that change while messages flow, candidates."""

from epione_inference.serving.batching import MicroBatches, RunPool
from epione_inference.serving.bindings import Arrays
from epione_inference.serving.cards import Card, Checks, File, artefact_of, card_in, read_card
from epione_inference.serving.sessions import (
    CPU,
    CUDA,
    Execution,
    Session,
    refuse_two_runtimes,
)
from epione_inference.serving.shadowing import Shadow
from epione_inference.serving.versions import Answering, Role, Served, Serving, Version, loaded

__all__ = [
    "CPU",
    "CUDA",
    "Answering",
    "Arrays",
    "Card",
    "Checks",
    "Execution",
    "File",
    "MicroBatches",
    "Role",
    "RunPool",
    "Served",
    "Serving",
    "Session",
    "Shadow",
    "Version",
    "artefact_of",
    "card_in",
    "loaded",
    "read_card",
    "refuse_two_runtimes",
]
