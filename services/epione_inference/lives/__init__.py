"""A model of a life, served: calibrated risks with their parts and reasons, and sampled futures."""

from epione_inference.lives.answering import answers_of
from epione_inference.lives.futures import Futures, futures_of
from epione_inference.lives.life import Life
from epione_inference.lives.model import LifeModel, Read

__all__ = [
    "Futures",
    "Life",
    "LifeModel",
    "Read",
    "answers_of",
    "futures_of",
]
