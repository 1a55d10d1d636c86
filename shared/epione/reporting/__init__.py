"""Reports: what is called of a genome and advised on it, as FHIR and as text for people.

Pure: it opens no file but its knowledge and reads no clock, and nothing that it is given for FHIR
names a person or a sample.
"""

from epione.reporting.fhir import bundle_of
from epione.reporting.findings import Findings, findings_of
from epione.reporting.text import text_of

__all__ = ["Findings", "bundle_of", "findings_of", "text_of"]
