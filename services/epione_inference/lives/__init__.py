"""A model of a life, served: rates now, risks by formula and by sampled futures, and why."""

from epione.timeline.told import YEAR_DAYS
from epione_inference.lives.analytic import risks_within
from epione_inference.lives.explaining import Moved, Reasons, reasons_for
from epione_inference.lives.futures import Futures, futures_of
from epione_inference.lives.life import SEXES, Codes, Event, Life, life_of
from epione_inference.lives.model import LifeModel, Read
from epione_inference.lives.support import Support, refusal_of, refusal_of_code

__all__ = [
    "SEXES",
    "YEAR_DAYS",
    "Codes",
    "Event",
    "Futures",
    "Life",
    "LifeModel",
    "Moved",
    "Read",
    "Reasons",
    "Support",
    "futures_of",
    "life_of",
    "reasons_for",
    "refusal_of",
    "refusal_of_code",
    "risks_within",
]
