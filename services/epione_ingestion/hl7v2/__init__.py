"""HL7 v2: admissions, merges and results, to facts."""

from epione_ingestion.hl7v2.er7 import parsed_er7
from epione_ingestion.hl7v2.message import read_hl7v2

__all__ = ["parsed_er7", "read_hl7v2"]
