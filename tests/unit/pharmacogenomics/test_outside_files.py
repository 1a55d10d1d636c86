"""Files of other callers. Forms and samples: the pages that the module names."""

import pytest

from epione.errors import UnreadableCalls
from epione.medicine.pharmacogenomics.outside_files import MARK, OutsideCall, read_outside

CYRIUS = "Sample\tGenotype\tFilter\n"


def calls(text: str) -> list[OutsideCall]:
    return list(read_outside(text).calls)


def test_pharmcats_form_is_read_line_by_line() -> None:
    text = (
        "# made up\nCYP2D6\t*1/*3\nCYP2C9\t\t\t2.0\nG6PD\tB (wildtype)/B (wildtype)\n"
        "HLA-B\t\t*57:01 positive\nMT-RNR1\t1555A>G\n"
    )

    assert calls(text) == [
        OutsideCall("CYP2D6", ("*1/*3",), line=2),
        OutsideCall("CYP2C9", activity_score="2.0", line=3),
        OutsideCall("G6PD", ("B (wildtype)/B (wildtype)",), line=4),
        OutsideCall("HLA-B", phenotype="*57:01 positive", line=5),
        OutsideCall("MT-RNR1", ("1555A>G",), line=6),
    ]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("CYP2D6=*1/*4x2\n", id="an equation"),
        pytest.param("\ufeffCYP2D6\t*1/*4x2\r\n", id="Windows"),
        pytest.param("gene\tdiplotype\tphenotype\nCYP2D6\t*1/*4x2\n", id="with a header"),
    ],
)
def test_a_diplotype_is_read_whichever_way_it_is_written(text: str) -> None:
    assert [(call.gene, call.diplotypes) for call in calls(text)] == [("CYP2D6", ("*1/*4x2",))]


@pytest.mark.parametrize("said", ["No Result", "n/a", "unknown"])
def test_a_phenotype_that_is_none_is_not_stated(said: str) -> None:
    assert calls(f"CYP2D6\t*1/*4\t{said}\n") == [OutsideCall("CYP2D6", ("*1/*4",), line=1)]


@pytest.mark.parametrize(
    ("row", "diplotypes", "copies", "is_sure"),
    [
        pytest.param("*2x2/*71\tPASS", ("*2x2/*71",), "", True, id="sure"),
        pytest.param(
            "*1/*46;*43/*45\tMore_than_one_possible_genotype",
            ("*1/*46", "*43/*45"),
            "",
            True,
            id="two that it cannot tell apart",
        ),
        pytest.param(
            "*1_*2_*68\tNot_assigned_to_haplotypes", (), "*1+*2+*68", False, id="on no strand"
        ),
        pytest.param("*1x4/*2x2\tLowQ_high_CN", ("*1x4/*2x2",), "", False, id="many copies"),
        pytest.param("None\tNone", (), "", True, id="no call"),
    ],
)
def test_cyrius_is_read(row: str, diplotypes: tuple[str, ...], copies: str, is_sure: bool) -> None:
    file = read_outside(f"{CYRIUS}HG00436\t{row}\n")
    (call,) = file.calls

    assert (file.caller, call.gene) == ("Cyrius", "CYP2D6")
    assert (call.diplotypes, call.copies) == (diplotypes, copies)
    assert (call.doubt == "") is is_sure


@pytest.mark.parametrize(
    ("row", "diplotypes", "is_sure"),
    [
        pytest.param("HG01190\t*5/*68+*4", ("*5/*68+*4",), True, id="sure"),
        pytest.param("HG01086\t[*1/*31]\tPossible novel allele", ("*1/*31",), False, id="unsure"),
        pytest.param("HG00436\tNo_call", (), True, id="no call"),
    ],
)
def test_a_summary_of_stellarpgx_is_read_where_its_gene_is_named(
    row: str, diplotypes: tuple[str, ...], is_sure: bool
) -> None:
    file = read_outside(f"# gene: CYP2D6\n{row}\n")
    (call,) = file.calls

    assert (file.caller, call.gene, call.diplotypes) == ("StellarPGx", "CYP2D6", diplotypes)
    assert (call.doubt == "") is is_sure


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"# Doe, Jane\n{CYRIUS}Jane_Doe\t*1/*4\tPASS\n", id="Cyrius"),
        pytest.param("#Jane\n# gene: CYP2D6\nJane_Doe\t[*1/*4]\tof Jane Doe\n", id="StellarPGx"),
        pytest.param("# Jane Doe, born 1970\n# caller: Stargazer\nCYP2D6\t*1/*4\n", id="PharmCAT"),
    ],
)
def test_a_stripped_file_says_the_same_without_names(text: str) -> None:
    file = read_outside(text)
    again = read_outside(file.stripped)

    assert "Jane" not in file.stripped
    assert file.stripped.startswith(MARK)
    assert [(c.gene, c.diplotypes, c.doubt) for c in again.calls] == [
        (c.gene, c.diplotypes, c.doubt) for c in file.calls
    ]
    assert (again.caller, again.stripped) == (file.caller, file.stripped)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("", "holds no call", id="empty"),
        pytest.param("# only a remark\n", "holds no call", id="remarks alone"),
        pytest.param("cyp2d6\t*1/*1\n", "line 1: .*symbol of a gene", id="no symbol"),
        pytest.param("CYP2D6\n", "line 1: a gene has no diplotype", id="no call"),
        pytest.param("CYP2D6\t\t\t\n", "line 1: a gene has no diplotype", id="empty cells"),
        pytest.param("CYP2D6\ta\tb\t1\t2\n", "more cells", id="too many cells"),
        pytest.param("CYP2D6\t*1/*1\t\tmuch\n", "no number such as", id="no score"),
        pytest.param(CYRIUS, "Cyrius holds 0 samples", id="no sample"),
        pytest.param(
            f"{CYRIUS}a\t*1/*1\tPASS\nb\t*1/*1\tPASS\n", "Cyrius holds 2 samples", id="two patients"
        ),
        pytest.param(f"{CYRIUS}a\t*1/*1\n", "line 2: .*three cells", id="a cell is missing"),
        pytest.param(f"{CYRIUS}a\t*1/*1\tGood\n", "line 2: the filter is none of", id="filter"),
        pytest.param(f"{CYRIUS}a\tNone\tJane\n", "the filter is none of", id="a name"),
        pytest.param("# gene: CYP2D6\na\t*1/*1\nb\t*1/*1\n", "StellarPGx holds 2", id="two rows"),
        pytest.param("# gene: CYP2D6\nalone\n", "line 2: a row of StellarPGx", id="no diplotype"),
        pytest.param("# gene: 2D6\nx\t*1/*1\n", "name of a gene", id="no gene"),
        pytest.param("# caller: <b>\nCYP2D6\t*1/*1\n", "name of a caller", id="no caller"),
    ],
)
def test_what_cannot_be_read_is_refused_by_line_and_rule(text: str, says: str) -> None:
    with pytest.raises(UnreadableCalls, match=says):
        read_outside(text)
