"""What is advised on a drug, what would change it, and why nothing is.

Kinds and strengths are those of CPIC's guidelines, by PMID: 35034351 (clopidogrel), 35152405
(statins), 29152729 (fluoropyrimidines), 30447069 (thiopurines), 32189324 (NSAIDs), 27981572
(voriconazole), 32779747 (phenytoin), 27997040 (tricyclics).
"""

import pytest
from tests.unit.pharmacogenomics.genomes import called

from epione.medicine.pharmacogenomics import DrugAdvice, Guidelines, NoAdvice, outside_calls
from epione.medicine.pharmacogenomics.tables import CPIC
from epione.timeline import RXNORM, Code, GeneCall, joined

ONE = {94842866: "1/1"}  # CYP2C19*1 on both strands
NORMAL_2C19 = called("CYP2C19", ONE)
INTERMEDIATE_2C19 = called("CYP2C19", {**ONE, 94781859: "0/1", 94775367: "0/1"})
POOR_2C19 = called("CYP2C19", {**ONE, 94781859: "1/1", 94775367: "1/1"})
RAPID_2C19 = called("CYP2C19", {**ONE, 94761900: "0/1"})
NORMAL_2C9 = called("CYP2C9", {})
POOR_2C9 = called("CYP2C9", {94981296: "1/1"})
POOR_SLCO1B1 = called("SLCO1B1", {21178615: "1/1"})
NORMAL_SLCO1B1 = called("SLCO1B1", {})
NORMAL_DPYD = called("DPYD", {})
HALF_DPYD = called("DPYD", {97450058: "0/1"})
NO_DPYD = called("DPYD", {97450058: "1/1"})
NORMAL_TPMT = called("TPMT", {})
POOR_TPMT = called("TPMT", {18130687: "1/1", 18138997: "1/1"})
INTERMEDIATE_NUDT15 = called("NUDT15", {48045719: "0/1"})
NORMAL_NUDT15 = called("NUDT15", {})
NORMAL_RYR1 = called("RYR1", {})
MH_RYR1 = called("RYR1", {38580114: "0/1"})
NORMAL_CACNA1S = called("CACNA1S", {})
MH_CACNA1S = called("CACNA1S", {201091993: "0/1"})


def asked(drug: str, *calls: GeneCall, source: str = CPIC) -> tuple[DrugAdvice, ...] | NoAdvice:
    """Give what one guideline says: of CPIC, unless another is named."""
    by_gene = {call.gene: call for call in calls}
    answers = Guidelines().answers_for(Code(RXNORM, "", drug), by_gene)
    found = [each for each in answers if each.source in (source, "")]
    advice = tuple(each for each in found if isinstance(each, DrugAdvice))
    return advice or next(each for each in found if isinstance(each, NoAdvice))


def advised(drug: str, *calls: GeneCall) -> tuple[DrugAdvice, ...]:
    answer = asked(drug, *calls)
    assert not isinstance(answer, NoAdvice), answer.unmet
    return answer


def unmet(drug: str, *calls: GeneCall) -> str:
    answer = asked(drug, *calls)
    assert isinstance(answer, NoAdvice)
    return answer.unmet


@pytest.mark.parametrize(
    ("drug", "calls", "kind", "strength"),
    [
        pytest.param("simvastatin", [NORMAL_SLCO1B1], "standard", "Strong", id="normal transport"),
        pytest.param("simvastatin", [POOR_SLCO1B1], "avoid", "Strong", id="poor transport"),
        pytest.param("atorvastatin", [POOR_SLCO1B1], "adjust", "Moderate", id="lower start"),
        pytest.param("capecitabine", [NORMAL_DPYD], "standard", "Strong", id="score 2"),
        pytest.param("capecitabine", [HALF_DPYD], "adjust", "Strong", id="score 1"),
        pytest.param("fluorouracil", [NO_DPYD], "avoid", "Strong", id="score 0"),
        pytest.param("celecoxib", [POOR_2C9], "adjust", "Moderate", id="a quarter to a half"),
        pytest.param("meloxicam", [POOR_2C9], "avoid", "Moderate", id="half-life too long"),
        pytest.param("citalopram", [POOR_2C19], "avoid", "Strong", id="poor metaboliser"),
        pytest.param("omeprazole", [INTERMEDIATE_2C19], "adjust", "Optional", id="half later"),
        pytest.param(
            "azathioprine", [NORMAL_TPMT, NORMAL_NUDT15], "standard", "Strong", id="both normal"
        ),
        pytest.param(
            "azathioprine", [NORMAL_TPMT, INTERMEDIATE_NUDT15], "adjust", "Strong", id="second gene"
        ),
        pytest.param(
            "mercaptopurine", [POOR_TPMT, NORMAL_NUDT15], "avoid", "Strong", id="first gene"
        ),
        pytest.param("fluvastatin", [POOR_2C9, NORMAL_SLCO1B1], "adjust", "Moderate", id="either"),
    ],
)
def test_the_guideline_is_followed(
    drug: str, calls: list[GeneCall], kind: str, strength: str
) -> None:
    (advice,) = advised(drug, *calls)

    assert (advice.kind, advice.strength, advice.population) == (kind, strength, "general")


@pytest.mark.parametrize(
    ("drug", "calls", "kind", "strength"),
    [
        pytest.param("halothane", [MH_RYR1, NORMAL_CACNA1S], "avoid", "Strong", id="by RYR1"),
        pytest.param("halothane", [NORMAL_RYR1, MH_CACNA1S], "avoid", "Strong", id="by CACNA1S"),
        pytest.param("succinylcholine", [MH_RYR1], "avoid", "Strong", id="CACNA1S not called"),
        pytest.param(
            "halothane",
            [NORMAL_RYR1, NORMAL_CACNA1S],
            "indeterminate",
            "Strong",
            id="not ruled out",
        ),
        pytest.param("halothane", [NORMAL_RYR1], "indeterminate", "Strong", id="nor by one gene"),
        pytest.param(
            "rasburicase", [called("G6PD", {}, elsewhere="0")], "standard", "Strong", id="one X"
        ),
        pytest.param(
            "rasburicase",
            [called("G6PD", {154533122: "1"}, elsewhere="0")],
            "avoid",
            "Strong",
            id="one X, deficient",
        ),
        pytest.param(
            "rasburicase", [called("G6PD", {154533122: "1/1"})], "avoid", "Strong", id="both X"
        ),
        pytest.param(
            "rasburicase",
            [called("G6PD", {154533122: "0/1"})],
            "adjust",
            "Moderate",
            id="one X of two: the enzyme is measured",
        ),
        pytest.param(
            "nitrofurantoin",
            [called("G6PD", {154533122: "1/1"})],
            "adjust",
            "Optional",
            id="medium risk",
        ),
        pytest.param("atazanavir", [called("UGT1A1", {})], "standard", "Strong", id="UGT1A1"),
        pytest.param(
            "atazanavir", [called("UGT1A1", {233760498: "1/1"})], "avoid", "Strong", id="jaundice"
        ),
        pytest.param("tacrolimus", [called("CYP3A5", {})], "adjust", "Strong", id="expresser"),
        pytest.param(
            "tacrolimus", [called("CYP3A5", {99672916: "1/1"})], "standard", "Strong", id="*3/*3"
        ),
        pytest.param(
            "efavirenz",
            [called("CYP2B6", {41006936: "1/1", 41009358: "1/1"})],
            "adjust",
            "Moderate",
            id="*6/*6",
        ),
        pytest.param(
            "ivacaftor", [called("CFTR", {117587806: "0/1"})], "standard", "Moderate", id="G551D"
        ),
        pytest.param("ivacaftor", [called("CFTR", {})], "avoid", "Moderate", id="nothing found"),
    ],
)
def test_the_genes_of_a_vcf_answer(
    drug: str, calls: list[GeneCall], kind: str, strength: str
) -> None:
    """PMIDs 30499100, 36049896, 26417955, 25801146, 31006110, 24598717."""
    (advice,) = advised(drug, *calls)

    assert (advice.kind, advice.strength) == (kind, strength)


@pytest.mark.parametrize(
    ("call", "kinds"),
    [
        pytest.param(NORMAL_2C19, ["standard", "standard", "standard"], id="normal"),
        pytest.param(INTERMEDIATE_2C19, ["avoid", "indeterminate", "avoid"], id="intermediate"),
        pytest.param(POOR_2C19, ["avoid", "avoid", "avoid"], id="poor"),
        pytest.param(RAPID_2C19, ["standard", "indeterminate", "indeterminate"], id="rapid"),
    ],
)
def test_each_population_gets_its_own_advice(call: GeneCall, kinds: list[str]) -> None:
    advice = advised("clopidogrel", call)

    assert [each.kind for each in advice] == kinds
    assert [each.population for each in advice] == [
        "acute coronary syndrome or PCI",
        "cardiovascular disease without acute coronary syndrome or PCI",
        "neurovascular disease",
    ]


def test_advice_says_what_it_rests_on() -> None:
    advice = advised("clopidogrel", POOR_2C19)[0]

    assert advice.reasons == ("CYP2C19 *2/*2: Poor Metabolizer",)
    assert advice.genes == ("CYP2C19",)
    assert advice.drug == Code(RXNORM, "32968", "clopidogrel")
    assert advice.evidence[0].reference == "PMID 35034351"


def test_an_activity_score_is_among_the_reasons() -> None:
    (advice,) = advised("capecitabine", HALF_DPYD)

    reason = "DPYD Reference/c.1905+1G>A (*2A): Intermediate Metabolizer, activity score 1.0"
    assert advice.reasons == (reason,)


def test_a_second_gene_that_was_not_called_is_looked_up_as_such() -> None:
    (advice,) = advised("azathioprine", POOR_TPMT)

    assert advice.kind == "avoid"
    assert advice.reasons == ("NUDT15 is not in the genome", "TPMT *3A/*3A: Poor Metabolizer")
    assert advice.would_change_if == ("NUDT15 is called",)


@pytest.mark.parametrize(
    ("drug", "call", "kinds", "gene"),
    [
        pytest.param("amitriptyline", POOR_2C19, ["avoid"], "CYP2D6", id="CYP2D6"),
        pytest.param("phenytoin", POOR_2C9, ["adjust", "adjust"], "HLA-B", id="HLA-B"),
        pytest.param("sertraline", POOR_2C19, ["adjust"], "CYP2B6", id="CYP2B6"),
        pytest.param("rosuvastatin", POOR_SLCO1B1, ["adjust"], "ABCG2", id="ABCG2"),
    ],
)
def test_a_table_of_two_genes_answers_where_one_is_not_known(
    drug: str, call: GeneCall, kinds: list[str], gene: str
) -> None:
    advice = advised(drug, call)

    assert [each.kind for each in advice] == kinds
    assert f"{gene} is called" in advice[0].would_change_if


def test_diplotypes_that_disagree_are_told_and_none_is_chosen() -> None:
    (advice,) = advised("simvastatin", called("SLCO1B1", {21176804: "0/1", 21239158: ""}))

    assert (advice.kind, advice.strength) == ("indeterminate", "No recommendation")
    assert "SLCO1B1 Indeterminate: " in advice.action
    assert "SLCO1B1 Normal Function: Start simvastatin" in advice.action
    assert advice.would_change_if[0] == (
        "chr12:21239158 (rs140790673) of SLCO1B1 is known: "
        "*1/*29 is Indeterminate; *1/*37 is Normal Function"
    )


def test_diplotypes_that_agree_on_the_advice_are_no_reason_to_doubt_it() -> None:
    call = called("CYP2C19", {94842866: ""})

    assert len(call.diplotypes) == 3
    assert advised("clopidogrel", call)[0].kind == "standard"


def test_phase_sets_that_disagree_are_told() -> None:
    call = called("DPYD", {97450058: "0|1:a", 97515787: "0|1:b"})

    (advice,) = advised("capecitabine", call)

    assert advice.kind == "indeterminate"
    assert advice.would_change_if[0].startswith("the phase of DPYD is known: Reference/[")


def test_unphased_variants_are_taken_to_be_apart_and_that_is_said() -> None:
    (advice,) = advised("capecitabine", called("DPYD", {97450058: "0/1", 97515787: "0/1"}))

    assert advice.kind == "avoid"
    assert advice.would_change_if == (
        "all stand on one strand: DPYD Reference/[c.1679T>G (*13) + c.1905+1G>A (*2A)], "
        "Intermediate Metabolizer → adjust",
    )


def test_a_missing_position_that_could_change_the_advice_is_named() -> None:
    (advice,) = advised("simvastatin", called("SLCO1B1", {21178615: ""}))

    assert advice.kind == "standard"
    assert advice.would_change_if == (
        "chr12:21178615 (rs4149056), not in the file, is read as C: "
        "SLCO1B1 *1/*5, Decreased Function → avoid",
    )


def test_a_missing_position_that_could_change_nothing_is_not_named() -> None:
    (advice,) = advised("omeprazole", called("CYP2C19", {**ONE, 94775160: ""}))

    assert "chr10:94775160" not in " ".join(advice.would_change_if[1:])


@pytest.mark.parametrize(
    ("drug", "call", "change"),
    [
        pytest.param(
            "atazanavir",
            called("UGT1A1", {233760233: ""}),
            "chr2:233760233 (rs3064744), not in the file, is read as CATAT: "
            "UGT1A1 *28/*28, Poor Metabolizer → avoid",
            id="away from use as usual",
        ),
        pytest.param(
            "tacrolimus",
            called("CYP3A5", {99672916: ""}),
            "chr7:99672916 (rs776746), not in the file, is read as C: "
            "CYP3A5 *3/*3, Poor Metabolizer → standard",
            id="towards use as usual",
        ),
    ],
)
def test_a_missing_position_that_changes_the_advice_on_both_strands_alone_is_named(
    drug: str, call: GeneCall, change: str
) -> None:
    (advice,) = advised(drug, call)

    assert change in advice.would_change_if
    assert advice.unread == (call.gene,)


def test_many_conditions_to_the_same_end_are_counted() -> None:
    dpyd = called("DPYD", {97515787: "0/0"}, elsewhere="")

    (advice,) = advised("capecitabine", dpyd)

    assert len(advice.would_change_if) < 10
    assert "more positions of DPYD that were not read differs → adjust" in " ".join(
        advice.would_change_if
    )


@pytest.mark.parametrize(
    ("read", "unread"),
    [
        pytest.param({21178615: ""}, ("SLCO1B1",), id="the position that decides is missing"),
        pytest.param({}, (), id="everything was read"),
        pytest.param({21178615: "1/1", 21176804: ""}, (), id="not used as usual anyway"),
    ],
)
def test_use_as_usual_names_the_genes_not_wholly_read(
    read: dict[int, str], unread: tuple[str, ...]
) -> None:
    (advice,) = advised("simvastatin", called("SLCO1B1", read))

    assert advice.unread == unread


def test_what_to_mind_about_a_call_is_among_the_reasons() -> None:
    (advice,) = advised("simvastatin", called("SLCO1B1", {21178615: "0/1", 21176804: "./1"}))

    assert advice.kind == "avoid"
    assert "the phenotype is that of rs4149056 alone" in advice.reasons[1]


@pytest.mark.parametrize(
    ("drug", "calls", "reason"),
    [
        pytest.param("aspirin", [], "aspirin is not mapped to a drug with a guideline", id="drug"),
        pytest.param(
            "acenocoumarol",
            [NORMAL_2C9],
            "CPIC's guideline on acenocoumarol (CYP2C9, CYP4F2) is not held in this release",
            id="no table",
        ),
        pytest.param("clopidogrel", [], "CYP2C19 is not in the genome", id="no position"),
        pytest.param(
            "clopidogrel",
            [called("CYP2C19", {94781859: "./1", 94762706: ""})],
            "CYP2C19 is not called: half a genotype at chr10:94781859; "
            "1 of its positions are not in the file",
            id="no call",
        ),
        pytest.param(
            "azathioprine",
            [called("NUDT15", {48040977: "1/1"}), NORMAL_TPMT],
            "NUDT15 *18/*18 has no phenotype that CPIC's table knows",
            id="no phenotype",
        ),
    ],
)
def test_where_nothing_is_advised_the_first_unmet_condition_is_said(
    drug: str, calls: list[GeneCall], reason: str
) -> None:
    assert unmet(drug, *calls) == reason


@pytest.mark.parametrize(
    ("drug", "text", "kinds"),
    [
        pytest.param("codeine", "CYP2D6\t*1/*1", ["standard"], id="normal"),
        pytest.param("codeine", "CYP2D6\t*4/*4", ["avoid"], id="poor"),
        pytest.param("codeine", "CYP2D6\t*1x3/*4", ["avoid"], id="ultrarapid"),
        pytest.param("codeine", "CYP2D6\t*1/*22", ["indeterminate"], id="uncertain function"),
        pytest.param("codeine", "CYP2D6\t*1xN/*4", ["indeterminate"], id="copies not counted"),
        pytest.param("codeine", "CYP2D6\t*1xN/*1", ["avoid"], id="copies that do not matter"),
        pytest.param("tramadol", "CYP2D6\t*4/*5", ["avoid"], id="tramadol"),
        pytest.param("atomoxetine", "CYP2D6\t*4/*4", ["adjust", "adjust"], id="by age"),
        pytest.param("ondansetron", "CYP2D6\t*1x2/*1", ["avoid"], id="ondansetron"),
        pytest.param("tamoxifen", "CYP2D6\t*4/*4", ["avoid"], id="tamoxifen"),
        pytest.param("paroxetine", "CYP2D6\t*4/*4", ["adjust"], id="paroxetine"),
        pytest.param("nortriptyline", "CYP2D6\t*1/*4", ["adjust"], id="nortriptyline"),
        pytest.param("venlafaxine", "CYP2D6\t*1x3/*1", ["indeterminate"], id="no recommendation"),
        pytest.param("abacavir", "HLA-B\t*57:01/*08:01", ["avoid"], id="positive"),
        pytest.param("abacavir", "HLA-B\t*57:03/*08:01", ["standard"], id="negative"),
        pytest.param("abacavir", "HLA-B\t*57/*08:01", ["indeterminate"], id="one field"),
        pytest.param("allopurinol", "HLA-B\t*58:01/*08:01", ["avoid"], id="allopurinol"),
        pytest.param(
            "oxcarbazepine", "HLA-B\t*15:02/*08:01", ["avoid", "adjust"], id="by past use"
        ),
        pytest.param(
            "carbamazepine",
            "HLA-A\t*31:01/*02:01\nHLA-B\t*07:02/*08:01",
            ["avoid", "adjust", "adjust"],
            id="two genes, by the guideline's table",
        ),
        pytest.param(
            "carbamazepine", "HLA-B\t*15:02/*08:01", ["avoid", "avoid", "adjust"], id="one of two"
        ),
        pytest.param(
            "phenytoin",
            "HLA-B\t*15:02/*08:01\nCYP2C9\t*1/*1",
            ["avoid", "adjust"],
            id="with CYP2C9",
        ),
        pytest.param(
            "phenytoin",
            "HLA-B\t*07:02/*08:01\nCYP2C9\t*3/*3",
            ["adjust", "adjust"],
            id="CYP2C9 decides",
        ),
        pytest.param("gentamicin", "MT-RNR1\tm.1555A>G", ["avoid"], id="increased risk"),
        pytest.param("gentamicin", "MT-RNR1\tm.663A>G", ["standard"], id="uncertain risk"),
    ],
)
def test_calls_of_other_callers_are_advised_on(drug: str, text: str, kinds: list[str]) -> None:
    """PMIDs 33387367, 30801677, 28002639, 29385237, 37032427, 27997040, 24561393, 26094938,
    29392710, 32779747, 34032273."""
    assert [each.kind for each in advised(drug, *outside_calls(text))] == kinds


def test_the_caller_is_named_among_the_reasons() -> None:
    (advice,) = advised("codeine", *outside_calls("# caller: Aldy 4\nCYP2D6\t*1/*4x2"))

    assert advice.reasons == (
        "CYP2D6 *1/*4x2, called by Aldy 4: Intermediate Metabolizer, activity score 1.0",
    )


def test_only_the_results_that_a_guideline_asks_for_are_told() -> None:
    (advice,) = advised("abacavir", *outside_calls("# caller: X\nHLA-B\t*57:01/*58:01"))

    assert advice.reasons == ("HLA-B *57:01/*58:01, called by X: *57:01 positive",)


def test_a_test_of_another_allele_does_not_answer() -> None:
    reason = unmet("allopurinol", *outside_calls("HLA-B\t\t*57:01 negative"))

    assert reason == "HLA-B is not called: what is known of it does not answer for allopurinol"


def test_a_disputed_gene_is_advised_on_by_nobodys_word() -> None:
    """Both results lead away from clopidogrel; and which is the patient's is not known."""
    (panel,) = outside_calls("# caller: Panel\nCYP2C19\t*1/*2")
    call = joined(POOR_2C19, panel)

    advice = advised("clopidogrel", call)

    assert [each.kind for each in advice] == ["indeterminate"] * 3
    assert "the VCF calls CYP2C19 *2/*2: Poor Metabolizer" in advice[0].reasons
    assert "Panel calls CYP2C19 *1/*2: Intermediate Metabolizer" in advice[0].reasons
    assert advice[0].would_change_if == ("CYP2C19 is called for sure",)


def test_what_one_gene_asks_for_stands_beside_a_result_of_another_that_nobody_knows() -> None:
    unknown = called("NUDT15", {48040977: "1/1"})  # *18/*18, without a phenotype
    poor = GeneCall("TPMT", "*3A/*3A", lookup_keys=("Poor Metabolizer",))
    (alone,) = advised("azathioprine", poor)

    (advice,) = advised("azathioprine", unknown, poor)

    assert (advice.kind, advice.action) == (alone.kind, alone.action)
    assert "a tenth" in advice.action
    assert any("NUDT15 *18/*18: no phenotype assigned" in reason for reason in advice.reasons)


def test_a_susceptible_gene_stands_beside_an_allele_of_the_other_that_nobody_knows() -> None:
    (unknown,) = outside_calls("RYR1\tc.1A>G/Reference")
    susceptible = GeneCall("CACNA1S", "x", lookup_keys=("Malignant Hyperthermia Susceptibility",))

    (advice,) = advised("sevoflurane", unknown, susceptible)

    assert advice.kind == "avoid"


def test_a_dispute_about_one_allele_of_hla_leaves_the_others_sure() -> None:
    (one,) = outside_calls("# caller: One\nHLA-B\t*57:01/*58:01")
    (other,) = outside_calls("# caller: Other\nHLA-B\t\t*57:01 negative")
    call = joined(one, other)

    (allopurinol,), (abacavir,) = advised("allopurinol", call), advised("abacavir", call)

    assert call.disputed
    assert (allopurinol.kind, abacavir.kind) == ("avoid", "indeterminate")


def test_results_that_lead_to_the_same_are_told_together() -> None:
    (advice,) = advised("codeine", *outside_calls("CYP2D6\t*1xN/*4"))

    assert advice.action.count("Avoid codeine") == 1
    assert "CYP2D6 3.0 or CYP2D6 4.0 or" in advice.action


@pytest.mark.parametrize(
    ("drug", "says"),
    [
        pytest.param("codeine", "research use only", id="read for research alone"),
        pytest.param("abacavir", "no position of HLA-B is in this release", id="HLA-B"),
        pytest.param("gentamicin", "no position of MT-RNR1 is in this release", id="MT-RNR1"),
    ],
)
def test_a_genome_does_not_answer_for_what_other_callers_do(drug: str, says: str) -> None:
    assert says in unmet(drug, called("CYP2D6", {}))


def test_advice_holds_the_calls_that_its_tables_were_asked_for() -> None:
    hla = outside_calls("# caller: Typer\nHLA-A\t*01:01/*02:01\nHLA-B\t*57:01/*15:02\n")

    (advice,) = advised("abacavir", *hla)

    assert [(call.gene, call.lookup_keys) for call in advice.looked_up] == [
        ("HLA-B", ("*57:01 positive",))
    ]


def test_a_call_of_a_later_release_is_advised_on_by_what_it_means() -> None:
    """A release is rolled back: calls stay on the record that name alleles which it lacks."""
    later = GeneCall(
        "CYP2C19",
        "*1/*999",
        ("*1/*999", "*998/*999"),
        ("Intermediate Metabolizer", "Poor Metabolizer"),
        lookup_keys=("Intermediate Metabolizer", "Poor Metabolizer"),
        missing_positions=(94761900,),
    )

    advice = advised("clopidogrel", later)

    assert {each.kind for each in advice} == {"indeterminate"}
    assert {each.would_change_if for each in advice} == {("CYP2C19 is called for sure",)}
