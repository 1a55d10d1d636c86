"""FHIR R4: resources and bundles of them, to facts."""

from epione_ingestion.fhir.message import read_fhir
from epione_ingestion.fhir.types import RESOURCE_TYPES

__all__ = ["RESOURCE_TYPES", "read_fhir"]
