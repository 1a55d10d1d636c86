"""`python -m epione_training.knowledge REFERENCE_DATA`: write the knowledge files anew."""

import sys
from pathlib import Path

from epione.medicine.pharmacogenomics.knowledge import release_named
from epione_training.knowledge import knowledge_files

for release, name, text in knowledge_files(Path(sys.argv[1])):
    (release_named(release) / name).write_text(text, encoding="utf-8")
