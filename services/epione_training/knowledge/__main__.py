"""`python -m epione_training.knowledge REFERENCE_DATA`: write the knowledge files anew."""

import sys
from pathlib import Path

import epione.medicine.pharmacogenomics as room
from epione.medicine.pharmacogenomics import RELEASE
from epione_training.knowledge import knowledge_files

into = Path(next(iter(room.__path__)), "knowledge", RELEASE)
for name, text in knowledge_files(Path(sys.argv[1])):
    (into / name).write_text(text, encoding="utf-8")
