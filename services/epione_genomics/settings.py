"""What the operator tells the genomics service."""

from epione.genomes.settings import GenomeSettings
from epione.settings import KnowledgeAccess


class GenomicsSettings(GenomeSettings, KnowledgeAccess):
    """Read once, in `app.py`, from EPIONE_ variables."""
