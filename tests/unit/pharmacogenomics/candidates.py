"""Releases of knowledge that a test makes: another one, with some of its text changed."""

from pathlib import Path

from epione.medicine.pharmacogenomics.knowledge import (
    RELEASE,
    gene_names,
    release_named,
    text_of,
)

Edit = tuple[str, str, str]  # of a file by its name: what it says, and what it says instead


def candidate(folder: Path, *edits: Edit, name: str = "candidate", base: str = RELEASE) -> Path:
    """Write a release that is based on another and differs from it by the edits alone."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "SOURCE.toml").write_text(f'release = "{name}"\nbased_on = "{base}"\n')
    genes = [f"genes/{gene}.json" for gene in gene_names()]
    changed = {file for file, *_ in edits}
    for file in changed | {*genes} if changed & {*genes} else changed:  # all genes, or none
        (folder / file).parent.mkdir(exist_ok=True)
        (folder / file).write_text(text_of(file, release_named(base)), encoding="utf-8")
    for file, was, becomes in edits:
        edit(folder, file, was, becomes)
    return folder


def edit(folder: Path, file: str, was: str, becomes: str) -> None:
    text = (folder / file).read_text(encoding="utf-8")
    assert was in text
    (folder / file).write_text(text.replace(was, becomes), encoding="utf-8")
