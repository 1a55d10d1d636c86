"""A model of a life, served: calibrated risks with their parts and reasons, and sampled futures."""

from epione_inference.lives.answering import TOLD_RISK, TOLD_TIMES, answers_of
from epione_inference.lives.futures import Futures, futures_of
from epione_inference.lives.life import Life
from epione_inference.lives.model import LifeModel, Read

__all__ = [
    "TOLD_RISK",
    "TOLD_TIMES",
    "Futures",
    "Life",
    "LifeModel",
    "Read",
    "answers_of",
    "futures_of",
]
