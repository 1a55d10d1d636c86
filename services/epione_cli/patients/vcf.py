"""A synthetic genome: a VCF of every position that the pinned knowledge asks about."""

from collections.abc import Collection, Mapping

from epione.medicine.pharmacogenomics import gene_names, gene_of

HEADER = """##fileformat=VCFv4.3
##source=synthetic, made by epione_cli.patients
##contig=<ID=chr1,assembly=GRCh38>
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tSAMPLE
"""
SAMPLE = "SAMPLE"


def genome(genotypes: Mapping[str, str], missing: Collection[str] = ()) -> bytes:
    """Give a VCF with these genotypes; every other position has the reference twice.

    Args:
        genotypes: Bases by rs number, "A/G", on the forward strand of GRCh38.
        missing: rs numbers that the file leaves out, as a panel with gaps would.

    Raises:
        KeyError: The knowledge does not have the rs number, or the position not that base.
    """
    rows = []
    unused = set(genotypes) | set(missing)
    for gene in map(gene_of, gene_names()):
        for place in gene.positions.values():
            unused.discard(place.rsid)
            if place.rsid in missing:
                continue
            bases = (place.ref, *place.alts)
            wanted = genotypes.get(place.rsid, f"{place.ref}/{place.ref}").split("/")
            called = "/".join(str({base: n for n, base in enumerate(bases)}[b]) for b in wanted)
            row = (gene.chromosome, str(place.position), place.rsid or ".", place.ref)
            rows.append((*row, ",".join(place.alts) or ".", ".", "PASS", ".", "GT", called))
    if unused:
        raise KeyError(f"no position is named {', '.join(sorted(unused))}")
    rows.sort(key=lambda row: (int(row[0].removeprefix("chr").replace("X", "23")), int(row[1])))
    return (HEADER + "".join("\t".join(row) + "\n" for row in rows)).encode()
