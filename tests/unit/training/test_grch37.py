"""A position is placed on GRCh37 where chains and records leave no doubt, and only there."""

from collections.abc import Mapping

import pytest

from epione_training.knowledge.grch37 import AROUND, placed, read_chains

# 1,000 bases without a gap, a gap of 10 here and 3 there, and 1,000 more.
CHAIN = "chain 9 chr1 9999 + 100 2110 chr1 9999 + 600 2603 1\n1000 10 3\n1000\n\n"
BACK = "chain 9 chr1 9999 + 600 2603 chr1 9999 + 100 2110 1\n1000 3 10\n1000\n\n"
ROW = {"chrom": "chr1", "pos_grch38": "500", "ref": "A"}
RECORD = {
    "Chromosome": "1",
    "GRCh38Position": "500",
    "GRCh37Position": "1000",
    "GRCh38Allele": "A",
    "GRCh37Allele": "A",
}


def rows(
    row: Mapping[str, str] | None = None,
    *records: Mapping[str, str],
    chain: str = CHAIN,
    back: str = BACK,
) -> list[tuple[str, ...]]:
    chains, chains_back = (read_chains(t.splitlines(), frozenset({"chr1"})) for t in (chain, back))
    return [tuple(each) for each in placed([{**ROW, **(row or {})}], records, chains, chains_back)]


@pytest.mark.parametrize(
    ("row", "records", "expected"),
    [
        pytest.param({}, [], ("500", "1000", "A", "chain"), id="by the chain alone"),
        pytest.param({}, [RECORD], ("500", "1000", "A", "record"), id="a record agrees"),
        pytest.param(
            {}, [{**RECORD, "GRCh37Allele": "G"}], ("500", "1000", "G", "record"), id="another base"
        ),
        pytest.param(
            {"ref": "ATG"}, [RECORD], ("500", "1000", "ATG", "record"), id="a record of one base"
        ),
        pytest.param(
            {"ref": "AT"},
            [{**RECORD, "GRCh38Allele": "ATG", "GRCh37Allele": "ATG"}],
            ("500", "1000", "AT", "record"),
            id="a record of more bases",
        ),
        pytest.param(
            {"pos_grch38": "1500"}, [], ("1500", "1993", "A", "chain"), id="behind the gap"
        ),
    ],
)
def test_a_position_is_placed_where_the_only_chain_leads(
    row: dict[str, str], records: list[dict[str, str]], expected: tuple[str, ...]
) -> None:
    assert rows(row, *records) == [("chr1", *expected)]


@pytest.mark.parametrize(
    ("row", "chain", "back"),
    [
        pytest.param({"pos_grch38": "1105"}, CHAIN, BACK, id="in a gap"),
        pytest.param({"pos_grch38": str(1100 - AROUND + 1)}, CHAIN, BACK, id="a gap is near"),
        pytest.param({"pos_grch38": "5000"}, CHAIN, BACK, id="no chain"),
        pytest.param({"chrom": "chr2"}, CHAIN, BACK, id="no chain of its chromosome"),
        pytest.param({}, CHAIN * 2, BACK, id="two chains"),
        pytest.param({}, CHAIN, BACK * 2, id="two chains back"),
        pytest.param({}, CHAIN.replace("9999 + 600", "9999 - 600"), BACK, id="the other strand"),
        pytest.param({}, CHAIN.replace("chr1 9999 + 6", "chrX 9999 + 6"), BACK, id="elsewhere"),
        pytest.param({}, CHAIN, BACK.replace("+ 100", "+ 101"), id="the way back differs"),
    ],
)
def test_a_position_in_doubt_is_left_out(row: dict[str, str], chain: str, back: str) -> None:
    assert rows(row, chain=chain, back=back) == []


def test_records_that_differ_on_its_bases_leave_a_position_out() -> None:
    assert rows({}, RECORD, {**RECORD, "GRCh37Allele": "G"}) == []


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        pytest.param({"GRCh37Position": "1001"}, "differently", id="another place"),
        pytest.param({"GRCh38Allele": "C"}, "has C at chr1:500, and not A", id="another base"),
    ],
)
def test_a_record_that_contradicts_stops_the_import(record: dict[str, str], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        rows({}, {**RECORD, **record})
