"""A model's card, as far as serving needs it, and the artefact that it describes.

A folder holds one version: `card.json`, and beside it the artefact that the card names.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from epione.errors import Misconfigured

CARD = "card.json"


class _Described(BaseModel):
    model_config = ConfigDict(frozen=True)


class Checks(_Described):
    """What the model answered where it was made, to be answered again wherever it is served."""

    inputs: dict[str, list[JsonValue]] = Field(description="Rows by the model's input; null: NaN")
    outputs: dict[str, list[JsonValue]] = Field(description="What it answered, by output")
    tolerance: float = Field(ge=0, description="Largest difference of a number")


class _Artefact(_Described):
    file: str = Field(pattern=r"^\w[\w.-]*$", description="A file of the card's folder")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class _Knowledge(_Described):
    release: str


class _Input(_Described):
    name: str


class File(_Described):
    """A card as it is written, as far as any model's serving needs it."""

    name: str
    version: str
    artefact: _Artefact
    knowledge: _Knowledge
    inputs: tuple[_Input, ...]
    outputs: dict[str, dict[str, JsonValue]]
    checks: Checks


F = TypeVar("F", bound=File)


@dataclass(frozen=True, slots=True)
class Card:
    """What serving needs of a model card."""

    name: str
    version: str
    knowledge_release: str
    sha256: str  # of the artefact
    digest: str  # SHA-256 of the card itself
    artefact: Path
    columns: tuple[str, ...]  # of a row of inputs
    outputs: Mapping[str, Mapping[str, JsonValue]]  # what each output means
    checks: Checks


def card_in(folder: Path) -> Card:
    """Read a model's card; see `read_card`."""
    card, _ = read_card(folder, File)
    return card


def read_card(folder: Path, form: type[F]) -> tuple[Card, F]:
    """Read a model's card, and what a kind of model says there beside it.

    Raises:
        Misconfigured: There is none, or it does not say what serving needs.
    """
    try:
        written = (folder / CARD).read_bytes()
        said = form.model_validate_json(written)
    except OSError as fault:
        raise Misconfigured(f"{folder} holds no {CARD}: {type(fault).__name__}") from None
    except ValidationError as fault:
        names = sorted({".".join(map(str, each["loc"])) for each in fault.errors()})
        raise Misconfigured(f"{folder / CARD} does not say {', '.join(names)}") from None
    card = Card(
        name=said.name,
        version=said.version,
        knowledge_release=said.knowledge.release,
        sha256=said.artefact.sha256,
        digest=hashlib.sha256(written).hexdigest(),
        artefact=folder / said.artefact.file,
        columns=tuple(each.name for each in said.inputs),
        outputs=said.outputs,
        checks=said.checks,
    )
    return card, said


def artefact_of(card: Card) -> bytes:
    """Read the artefact of a card and hold it against the card.

    Raises:
        Misconfigured: It is not the one described.
    """
    try:
        artefact = card.artefact.read_bytes()
    except OSError as fault:
        raise Misconfigured(f"no artefact of {card.version}: {type(fault).__name__}") from None
    if hashlib.sha256(artefact).hexdigest() != card.sha256:
        raise Misconfigured(f"the artefact of {card.version} is not the one its card describes")
    return artefact
