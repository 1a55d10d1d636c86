"""FHIR R4: resources and bundles of them, to facts."""

from epione_ingestion.fhir.message import read_fhir

__all__ = ["read_fhir"]
