"""HL7 v2: admissions, merges and results, to facts."""

from epione_ingestion.hl7v2.message import read_hl7v2

__all__ = ["read_hl7v2"]
