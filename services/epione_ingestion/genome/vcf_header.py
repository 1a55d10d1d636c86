"""A VCF without what its header may tell of a person: names, paths, commands, dates.

Only the lines and attributes that a reader of variants needs are kept (VCF 4.5, section 1.4), and
only the patient's sample column, under another name.
"""

import re

from epione.errors import MalformedEvent

COLUMN_NAME = "S1"
N_FIXED = 9  # columns before the first sample's, FORMAT included
KEPT_ATTRIBUTES = {
    "contig": ("ID", "length", "assembly"),
    "FILTER": ("ID",),
    "INFO": ("ID", "Number", "Type"),
    "FORMAT": ("ID", "Number", "Type"),
    "ALT": ("ID",),
}
STRUCTURED = re.compile(r"##([A-Za-z]+)=<(.*)>")
ATTRIBUTE = re.compile(r'([A-Za-z0-9_]+)=("(?:[^"\\]|\\.)*"|[^,"]*)')
PLAIN_VALUE = re.compile(r"[A-Za-z0-9._:+*-]+")
FILE_FORMAT = re.compile(r"##fileformat=VCFv\d\.\d+")
BUILDS = re.compile(r"GRCh3[78]|hg19|hg38|b37|hs37d5|g1k_v37")


def without_names(text: str, column_name: str) -> str:
    """Give a VCF of one sample, stripped.

    Args:
        text: A whole VCF.
        column_name: The patient's column; "" takes the only one there is.

    Raises:
        MalformedEvent: It is no VCF, or has no such column, or a record without it.
    """
    lines = text.splitlines()
    if not lines or not FILE_FORMAT.fullmatch(lines[0]):
        raise MalformedEvent("a VCF starts with ##fileformat=VCFv")
    try:
        start = next(i for i, line in enumerate(lines) if line.startswith("#CHROM"))
    except StopIteration:
        raise MalformedEvent("a VCF has a line of column names, #CHROM") from None
    header = [kept for line in lines[:start] if (kept := _kept(line))]
    column = _column_of(lines[start].split("\t"), column_name)
    names = "\t".join([*lines[start].split("\t")[:N_FIXED], COLUMN_NAME])
    records = [_of_column(line, column) for line in lines[start + 1 :] if line]
    return "\n".join([*header, names, *records]) + "\n"


def _column_of(names: list[str], column_name: str) -> int:
    samples = names[N_FIXED:]
    if not column_name and len(samples) == 1:
        return N_FIXED
    if samples.count(column_name) != 1:
        raise MalformedEvent(f"{len(samples)} sample columns, and not one by the sample's name")
    return N_FIXED + samples.index(column_name)


def _of_column(record: str, column: int) -> str:
    cells = record.split("\t")
    if len(cells) <= column:
        raise MalformedEvent("a record has fewer columns than the line of their names")
    return "\t".join([*cells[:N_FIXED], cells[column]])


def _kept(line: str) -> str:
    """Give what is kept of a header line, "" for nothing."""
    if FILE_FORMAT.fullmatch(line):
        return line
    if line.startswith("##reference="):
        build = BUILDS.search(line)
        return f"##reference={build[0]}" if build else ""
    match = STRUCTURED.fullmatch(line)
    names = KEPT_ATTRIBUTES.get(match[1]) if match else None
    if match is None or names is None:
        return ""
    found = {name: value.strip('"') for name, value in ATTRIBUTE.findall(match[2])}
    kept = [
        f"{name}={found[name]}"
        for name in names
        if name in found and PLAIN_VALUE.fullmatch(found[name])
    ]
    if match[1] not in ("contig", "FORMAT", "INFO", "FILTER", "ALT") or not kept:
        return ""
    described = ['Description=""'] if match[1] != "contig" else []
    return f"##{match[1]}=<{','.join(kept + described)}>"
