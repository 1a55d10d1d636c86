"""How a run is told how long, how fast and how large: by a TOML file and the command line.

A file has the names of `Schedule`, a table `reading` those of `Reading`, and `size` is the
network's. What it does not say is as `Schedule` has it.
"""

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PositiveFloat,
    PositiveInt,
    ValidationError,
)

from epione.errors import Misconfigured
from epione_training.lives.batches import Reading
from epione_training.lives.network import SIZES
from epione_training.lives.training import Schedule

CONFIG = "config.toml"
STEPS = 4_000  # where neither steps nor minutes are said
ENDS = {"steps", "minutes"}  # one of them


def _is_size(size: str) -> str:
    if size not in SIZES:
        raise ValueError(f"none of {', '.join(SIZES)}")
    return size


Share = Annotated[float, Field(ge=0, le=1)]


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class SaidOfReading(_Said):
    """Fields of `Reading`; None is not said."""

    size: PositiveInt | None = None
    longest: Annotated[int, Field(ge=2)] | None = None


class Said(_Said):
    """Fields of `Schedule`, and the network's size; None is not said."""

    size: Annotated[str, AfterValidator(_is_size)] | None = None
    steps: PositiveInt | None = None
    minutes: PositiveFloat | None = None
    rate: PositiveFloat | None = None
    least: Share | None = None
    warm_up: Annotated[float, Field(gt=0, le=1)] | None = None
    decay: Annotated[float, Field(ge=0)] | None = None
    average: Annotated[float, Field(ge=0, lt=1)] | None = None
    patience: PositiveInt | None = None
    seed: Annotated[int, Field(ge=0)] | None = None
    reading: SaidOfReading = SaidOfReading()


def configured(files: Iterable[Path], said: Mapping[str, Any]) -> tuple[str, Schedule]:
    """Give the network's size, or "" where none is said, and the schedule.

    Args:
        files: Read one after the other; the later wins.
        said: By name, on the command line; it wins over the files, and None is not said.

    Raises:
        Misconfigured: A file cannot be read, or what is said is no setting or of no such value.
    """
    told: dict[str, Any] = {}
    own = {k: v for k, v in said.items() if v is not None}
    for each in [*(_read(file) for file in files), _checked(own, "the command line")]:
        told = _over(told, each)
    size, reading = told.pop("size", ""), Reading(**told.pop("reading", {}))
    if not ENDS & told.keys():
        told["steps"] = STEPS
    return size, Schedule(**told, reading=reading)


def as_toml(size: str, schedule: Schedule) -> str:
    """Write what `configured` reads back."""
    said = {"size": size, **asdict(schedule)}
    reading = said.pop("reading")
    return _lines(said) + "\n[reading]\n" + _lines(reading)


def _lines(said: Mapping[str, Any]) -> str:
    return "".join(f"{k} = {json.dumps(v)}\n" for k, v in said.items() if v is not None)


def _over(told: Mapping[str, Any], wins: Mapping[str, Any]) -> dict[str, Any]:
    """Put settings over others; who says when a run ends says so alone."""
    gone = ENDS if ENDS & wins.keys() else set[str]()
    reading = {**told.get("reading", {}), **wins.get("reading", {})}
    return {**{k: v for k, v in told.items() if k not in gone}, **wins, "reading": reading}


def _read(file: Path) -> dict[str, Any]:
    try:
        told = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as fault:
        raise Misconfigured(f"{file} is no configuration: {fault}") from fault
    return _checked(told, str(file))


def _checked(told: Mapping[str, Any], by: str) -> dict[str, Any]:
    try:
        said = Said.model_validate(told)
    except ValidationError as fault:
        raise Misconfigured(f"{by}: {_faults(fault)}") from fault
    if told.keys() >= ENDS:
        raise Misconfigured(f"{by}: steps are given, or minutes, and not both")
    return said.model_dump(exclude_none=True)


def _faults(fault: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(map(str, each['loc']))} = {each['input']!r}: "
        + ("no setting has this name" if each["type"] == "extra_forbidden" else each["msg"])
        for each in fault.errors()
    )
