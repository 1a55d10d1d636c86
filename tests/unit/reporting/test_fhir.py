"""What a bundle says, and that it keeps to R4 and to the guide's profiles whatever was found."""

import re
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.pharmacogenomics.genomes import called, genome_with
from tests.unit.reporting.conftest import as_read
from tests.unit.reporting.profiles import Guide
from tests.unit.reporting.reports import (
    ISSUED,
    OLD,
    PAROXETINE,
    Resource,
    bundle,
    components,
    faults,
    findings,
    genotype_of,
    implications_on,
    notes_of,
    of_profile,
    report_in,
    resources,
    tasks_on,
)

from epione.medicine.pharmacogenomics import (
    Body,
    Circumstances,
    Guidelines,
    Taken,
    call_gene,
    gene_names,
    gene_of,
    outside_calls,
)
from epione.reporting import bundle_of
from epione.timeline import RXNORM, GeneCall, joined

ONE = {94842866: "1/1"}  # CYP2C19*1 on both strands
POOR_2C19 = called("CYP2C19", {**ONE, 94781859: "1/1", 94775367: "1/1"})
UNSEEN_2C19 = called("CYP2C19", {**ONE, 94781859: "1/1", 94775367: "1/1", 94762712: ""})
NO_2C19 = called("CYP2C19", {**ONE, 94781859: "./1"})
POOR_SLCO1B1 = called("SLCO1B1", {21178615: "1/1"})
ALONE_SLCO1B1 = called("SLCO1B1", {21178615: "1/1", 21176804: "./1"})
UNPAIRED_DPYD = called("DPYD", {97450058: "0/1", 97082391: "0/1"})
SEVERAL_UGT1A1 = called("UGT1A1", {233759924: "0/1", 233760233: "0/1"}, elsewhere="")
RESEARCH_2D6 = called("CYP2D6", {})
(NORMAL_2D6,) = outside_calls("# caller: Cyrius\nCYP2D6=*1/*1\n")
(FASTER_2D6,) = outside_calls("# caller: Cyrius\nCYP2D6=*1/*2x2\n")
(OTHER_2C19,) = outside_calls("# caller: Other\nCYP2C19=*1/*1\n")
HLA = outside_calls("# caller: Typer\nHLA-A\t*01:01/*31:01\nHLA-B\t*57:01/*15:02\n")
(TESTED_HLA,) = outside_calls("# caller: Laboratory\nHLA-B\t\t*57:01 positive\n")
(FOREIGN,) = outside_calls("# caller: Laboratory\nCOMT\trs4680 A/rs4680 G\n")
IVACAFTOR = called("CFTR", {})
WARFARIN = (called("CYP2C9", {}), called("VKORC1", {}), called("CYP4F2", {}))
WITH_POSITIONS = [name for name in gene_names() if gene_of(name).positions]
PROXY = Circumstances((PAROXETINE,))
EVERYTHING: dict[str, dict[str, Any]] = {
    "nothing read": {"calls": []},
    "a poor metaboliser": {"calls": [POOR_2C19]},
    "a position not read": {"calls": [UNSEEN_2C19]},
    "no call": {"calls": [NO_2C19]},
    "several diplotypes": {"calls": [SEVERAL_UGT1A1]},
    "one position decides": {"calls": [ALONE_SLCO1B1]},
    "variants not paired": {"calls": [UNPAIRED_DPYD]},
    "for research": {"calls": [RESEARCH_2D6]},
    "another caller": {"calls": [FASTER_2D6]},
    "callers that disagree": {"calls": [joined(POOR_2C19, OTHER_2C19)]},
    "types of HLA": {"calls": [*HLA]},
    "one allele of HLA tested": {"calls": [TESTED_HLA]},
    "a gene of no knowledge": {"calls": [FOREIGN]},
    "a man's one allele": {"calls": [called("G6PD", {154535277: "1"}, elsewhere="0")]},
    "a rare disease": {"calls": [IVACAFTOR]},
    "beside an inhibitor": {"calls": [FASTER_2D6], "circumstances": PROXY},
    "a dose": {
        "calls": [*WARFARIN],
        "circumstances": Circumstances(body=Body(age_years=60, height_cm=170, weight_kg=80)),
    },
    "old knowledge": {"calls": [POOR_2C19], "issued": OLD},
    "on GRCh37": {"calls": [POOR_2C19], "build": "GRCh37"},
}


def reported(what: str) -> Resource:
    said = dict(EVERYTHING[what])
    return as_read(bundle(*said.pop("calls"), **said))


@pytest.mark.reference
@pytest.mark.parametrize("what", EVERYTHING)
def test_a_bundle_keeps_to_r4_and_to_the_profiles(what: str, guide: Guide) -> None:
    assert list(faults(reported(what), guide)) == []


@pytest.mark.reference
def test_a_reference_that_leads_nowhere_is_found(guide: Guide) -> None:
    read = reported("a poor metaboliser")
    read["entry"].pop()

    assert any("is not in the bundle" in fault for fault in faults(read, guide))


@st.composite
def some_calls(draw: st.DrawFn) -> list[GeneCall]:
    """Give the calls of a few genes with a few genotypes that are not the reference."""
    genotypes = st.sampled_from(["0/1", "1/1", "0|1", "1|0", "./1", ""])
    calls = []
    for name in draw(st.lists(st.sampled_from(WITH_POSITIONS), unique=True, max_size=3)):
        gene = gene_of(name)
        changed = st.dictionaries(st.sampled_from(list(gene.positions)), genotypes, max_size=4)
        calls.append(call_gene(gene, genome_with(gene, draw(changed))))
    return [call for call in calls if call is not None]


@pytest.mark.reference
@settings(deadline=None, max_examples=60)
@given(some_calls())
def test_whatever_a_genome_holds_its_bundle_keeps_to_the_profiles(
    guide: Guide, calls: list[GeneCall]
) -> None:
    assert list(faults(as_read(bundle(*calls)), guide)) == []


def test_the_same_report_has_the_same_names() -> None:
    assert bundle(POOR_2C19) == bundle(POOR_2C19)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(findings(POOR_2C19, issued=OLD), id="made at another time"),
        pytest.param(findings(NO_2C19), id="of another genome"),
    ],
)
def test_two_reports_share_no_name(other: Any) -> None:
    one, two = (
        {each["id"] for each in resources(as_read(each))} | {as_read(each)["id"]}
        for each in (bundle(POOR_2C19), bundle_of(other))
    )

    assert not one & two


def test_every_resource_is_named_by_a_uuid_of_version_5() -> None:
    names = [entry["fullUrl"] for entry in reported("a poor metaboliser")["entry"]]

    assert all(re.fullmatch(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f-]{21}", n) for n in names)
    assert len(set(names)) == len(names)


def test_everything_is_of_one_patient_who_is_not_named() -> None:
    read = reported("a poor metaboliser")

    (patient,) = [each for each in resources(read) if each["resourceType"] == "Patient"]
    subjects = {
        (each.get("subject") or each["for"])["reference"]
        for each in resources(read)
        if each is not patient
    }
    assert set(patient) == {"resourceType", "id", "identifier"}
    assert "value" not in patient["identifier"][0]
    assert subjects == {f"urn:uuid:{patient['id']}"}


def test_a_genotype_names_its_gene_its_assembly_and_what_it_means() -> None:
    genotype = genotype_of(reported("a poor metaboliser"), "CYP2C19")

    assert genotype["valueCodeableConcept"] == {"text": "CYP2C19*2/*2"}
    assert components(genotype, "48018-6")[0]["coding"] == [
        {"system": "http://www.genenames.org", "code": "HGNC:2621", "display": "CYP2C19"}
    ]
    assert components(genotype, "62374-4")[0]["coding"][0]["code"] == "LA26806-2"
    assert components(genotype, "conclusion-string") == ["Poor Metabolizer"]


def test_an_assembly_is_the_one_that_was_read() -> None:
    genotype = genotype_of(reported("on GRCh37"), "CYP2C19")

    assert components(genotype, "62374-4")[0]["coding"][0]["code"] == "LA14029-5"


def test_a_genotype_is_derived_from_its_haplotypes() -> None:
    read = as_read(bundle(called("CYP2C19", {**ONE, 94781859: "0/1", 94775367: "0/1"})))

    haplotypes = {each["id"]: each for each in of_profile(read, "haplotype")}
    derived = [each["reference"][9:] for each in genotype_of(read, "CYP2C19")["derivedFrom"]]
    named = [haplotypes[name]["valueCodeableConcept"]["text"] for name in derived]
    assert named == ["CYP2C19*1", "CYP2C19*2"]


def test_haplotypes_of_hla_are_coded_by_their_names() -> None:
    haplotypes = of_profile(reported("types of HLA"), "haplotype")

    assert "HLA-B*57:01" in {
        each["valueCodeableConcept"]["coding"][0]["code"] for each in haplotypes
    }


def test_a_gene_without_a_call_says_why() -> None:
    genotype = genotype_of(reported("no call"), "CYP2C19")

    assert "valueCodeableConcept" not in genotype
    assert genotype["dataAbsentReason"]["coding"][0]["code"] == "unknown"
    assert "half a genotype at chr10:94781859" in genotype["dataAbsentReason"]["text"]


@pytest.mark.parametrize("gene", [*gene_names(), "HLA-A", "HLA-B"])
def test_no_gene_is_passed_over(gene: str) -> None:
    genotype = genotype_of(reported("nothing read"), gene)

    assert genotype["dataAbsentReason"]["coding"][0]["code"] == "not-performed"
    assert gene in genotype["dataAbsentReason"]["text"]


def test_what_is_for_research_is_no_genotype() -> None:
    read = reported("for research")

    genotype = genotype_of(read, "CYP2D6")
    assert genotype["dataAbsentReason"]["coding"][0]["code"] == "unsupported"
    assert "For research use only, and no advice rests on it: CYP2D6*1/*1." in notes_of(genotype)
    assert of_profile(read, "haplotype") == []


def test_equally_good_diplotypes_are_told_and_none_is_a_haplotype_for_sure() -> None:
    call = GeneCall(
        "CYP2C19",
        "*1/*2",
        ("*1/*2", "*2/*3"),
        ("Intermediate Metabolizer", "Poor Metabolizer"),
        lookup_keys=("Intermediate Metabolizer", "Poor Metabolizer"),
    )

    read = as_read(bundle(call))

    genotype = genotype_of(read, "CYP2C19")
    assert genotype["valueCodeableConcept"]["text"] == "CYP2C19*1/*2 or CYP2C19*2/*3"
    assert "2 diplotypes explain the genotypes equally well." in notes_of(genotype)
    assert of_profile(read, "haplotype") == []
    (phenotype,) = components(implications_on(read, "voriconazole")[0], "therapeutic-implication")
    assert "coding" not in phenotype


def test_positions_that_were_not_read_are_told_with_what_they_leave_open() -> None:
    lines = {"CYP2C19": ["may be *2/*2 or *2/*4"]}

    genotype = genotype_of(as_read(bundle(UNSEEN_2C19, left_open=lines)), "CYP2C19")

    assert "Positions not read: chr10 (GRCh38) 94762712." in notes_of(genotype)
    assert "may be *2/*2 or *2/*4" in notes_of(genotype)


def test_one_position_that_decides_gives_a_meaning_and_no_genotype() -> None:
    genotype = genotype_of(reported("one position decides"), "SLCO1B1")

    assert "rs4149056 alone" in genotype["dataAbsentReason"]["text"]
    assert components(genotype, "conclusion-string") == ["Poor Function"]


def test_variants_that_are_not_paired_are_haplotypes() -> None:
    read = reported("variants not paired")

    assert genotype_of(read, "DPYD")["valueCodeableConcept"]["text"].endswith("(phase not known)")
    assert len(of_profile(read, "haplotype")) == 2


def test_another_caller_is_named() -> None:
    assert genotype_of(reported("another caller"), "CYP2D6")["method"] == {"text": "Cyrius"}


def test_callers_that_disagree_are_told_and_none_is_chosen() -> None:
    read = reported("callers that disagree")

    genotype = genotype_of(read, "CYP2C19")
    assert of_profile(read, "haplotype") == []
    assert genotype["status"] == "preliminary"
    assert "Callers disagree on it, and none is chosen." in notes_of(genotype)
    assert genotype["valueCodeableConcept"]["text"] == "CYP2C19*2/*2 or CYP2C19*1/*1"


def test_a_phenotype_that_another_caller_states_alone_is_no_genotype() -> None:
    (stated,) = outside_calls("# caller: Laboratory\nCYP2D6\t\tPoor Metabolizer\n")

    genotype = genotype_of(as_read(bundle(stated)), "CYP2D6")

    assert genotype["dataAbsentReason"]["text"] == "the phenotype is the caller's"
    assert components(genotype, "conclusion-string") == ["Poor Metabolizer"]
    assert genotype["method"] == {"text": "Laboratory"}


def test_a_gene_that_has_no_number_here_goes_by_its_name() -> None:
    genotype = genotype_of(reported("a gene of no knowledge"), "COMT")

    assert components(genotype, "48018-6") == [{"text": "COMT"}]


def test_every_gene_of_the_release_has_a_number() -> None:
    read = reported("nothing read")

    codes = {
        components(genotype_of(read, gene), "48018-6")[0]["coding"][0]["code"]
        for gene in gene_names()
    }
    assert len(codes) == len(gene_names())
    assert all(re.fullmatch(r"HGNC:\d+", code) for code in codes)


@pytest.mark.reference
def test_genes_have_the_numbers_that_the_guides_examples_have(examples: list[Resource]) -> None:
    everything = [
        each
        for example in examples
        for each in (resources(example) if example["resourceType"] == "Bundle" else [example])
    ]
    theirs = {
        (coding.get("display"), coding["code"])
        for each in everything
        for gene in components(each, "48018-6")
        for coding in gene.get("coding", ())
        if "code" in coding
    }
    read = reported("nothing read")

    ours = {
        (coding["display"], coding["code"])
        for gene in (*gene_names(), "HLA-A", "HLA-B")
        for coding in components(genotype_of(read, gene), "48018-6")[0]["coding"]
    }

    both = ours & theirs
    shared = {name for name, _ in ours} & {name for name, _ in theirs}
    assert {name for name, _ in both} == shared
    assert len(shared) > 4


def test_every_piece_of_advice_says_its_release_its_date_and_its_publications() -> None:
    read = as_read(bundle(POOR_2C19, FASTER_2D6, POOR_SLCO1B1, UNPAIRED_DPYD, *HLA, *WARFARIN))

    implications = of_profile(read, "therapeutic-implication")
    assert len(implications) > 40
    for each in implications:
        cited = [extension["valueRelatedArtifact"] for extension in each["extension"]]
        assert any(
            re.fullmatch(
                r"https://(pubmed\.ncbi\.nlm\.nih\.gov/\d+/"
                r"|www\.clinpgx\.org/guidelineAnnotation/PA\d+)",
                artifact["url"],
            )
            for artifact in cited
        )
        assert all("as of 20" in artifact["citation"] for artifact in cited)
        (knowledge,) = components(each, "knowledge-base")
        assert re.fullmatch(r"\w+ [\d-]+, as of \d{4}-\d\d-\d\d", knowledge["text"])


def test_an_implication_says_the_medicine_the_phenotype_the_grade_and_what_to_do() -> None:
    (implication,) = implications_on(reported("a poor metaboliser"), "citalopram")

    assert components(implication, "51963-7")[0]["coding"][0] == {
        "system": RXNORM,
        "code": "2556",
        "display": "citalopram",
    }
    assert components(implication, "therapeutic-implication") == [
        {
            "coding": [
                {"system": "http://loinc.org", "code": "LA9657-3", "display": "Poor metabolizer"}
            ],
            "text": "CYP2C19: Poor Metabolizer",
        }
    ]
    assert components(implication, "93044-6") == [{"text": "CPIC: Strong"}]
    assert components(implication, "knowledge-base") == [{"text": "CPIC 2025-11, as of 2025-11-05"}]
    assert "citalopram" in components(implication, "conclusion-string")[0]
    assert "Because CYP2C19 *2/*2: Poor Metabolizer." in notes_of(implication)


def test_a_phenotype_without_a_code_of_its_own_has_none() -> None:
    likely = GeneCall(
        "CYP2C19",
        "*2/*10",
        ("*2/*10",),
        ("Likely Poor Metabolizer",),
        lookup_keys=("Likely Poor Metabolizer",),
    )

    (implication,) = implications_on(as_read(bundle(likely)), "citalopram")

    assert components(implication, "therapeutic-implication") == [
        {"text": "CYP2C19: Likely Poor Metabolizer"}
    ]


def test_what_counts_beside_an_inhibitor_is_coded_and_the_genetic_phenotype_told() -> None:
    (implication,) = implications_on(reported("beside an inhibitor"), "codeine")

    counts, genetic = components(implication, "therapeutic-implication")
    assert counts["coding"][0]["code"] == "LA9657-3"
    assert counts["text"].endswith("Poor Metabolizer, activity score 0.0, beside what is taken")
    assert "coding" not in genetic
    assert "Ultrarapid Metabolizer, activity score 3.0 by the genes alone" in genetic["text"]


def test_a_poor_metaboliser_beside_an_inhibitor_stays_what_the_genes_say() -> None:
    (poor,) = outside_calls("# caller: Cyrius\nCYP2D6=*4/*4\n")

    (implication,) = implications_on(as_read(bundle(poor, circumstances=PROXY)), "codeine")

    (phenotype,) = components(implication, "therapeutic-implication")
    assert phenotype["text"] == "CYP2D6: Poor Metabolizer, activity score 0.0"


def test_results_that_halve_to_one_of_themselves_count_as_that() -> None:
    call = GeneCall(
        "CYP2D6",
        "*1/*4",
        ("*1/*4", "*4/*4"),
        ("Intermediate Metabolizer", "Poor Metabolizer"),
        (1.0, 0.0),
        ("1.0", "0.0"),
        caller="Cyrius",
    )

    (implication,) = implications_on(as_read(bundle(call, circumstances=PROXY)), "codeine")

    counts, genetic = components(implication, "therapeutic-implication")
    assert counts["coding"][0]["code"] == "LA9657-3"
    assert "Intermediate Metabolizer or Poor Metabolizer" in genetic["text"]


def test_advice_that_ends_says_when() -> None:
    until = Taken(
        PAROXETINE.drug, starts=date(2024, 5, 1), ends=datetime(2024, 7, 1, tzinfo=ISSUED.tzinfo)
    )

    (implication,) = implications_on(
        as_read(bundle(FASTER_2D6, circumstances=Circumstances((until,)))), "codeine"
    )

    assert "Holds until 2024-07-01T00:00:00+00:00." in notes_of(implication)


def test_of_hla_only_the_medicines_own_alleles_are_told() -> None:
    (implication,) = implications_on(reported("types of HLA"), "abacavir")

    assert components(implication, "therapeutic-implication") == [
        {"text": "HLA-B: *57:01 positive"}
    ]


def test_another_drug_is_a_recommendation_with_a_code() -> None:
    read = reported("a poor metaboliser")

    task = tasks_on(read, "clopidogrel")[0]
    implications = {f"urn:uuid:{each['id']}": each for each in implications_on(read, "clopidogrel")}
    assert task["code"]["coding"][0]["code"] == "LA26421-0"
    assert task["reasonReference"]["reference"] in implications
    assert {"reference": f"urn:uuid:{task['id']}"} in [
        extension.get("valueReference") for extension in report_in(read)["extension"]
    ]


def test_another_dose_is_a_recommendation_in_words() -> None:
    (task,) = tasks_on(reported("a poor metaboliser"), "citalopram") or [{}]
    (lower,) = tasks_on(as_read(bundle(POOR_SLCO1B1)), "atorvastatin")

    assert "code" not in lower
    assert "20 mg or less" in lower["description"]
    assert task["status"] == "requested"


@pytest.mark.parametrize(
    ("what", "drug"),
    [
        pytest.param("a dose", "celecoxib", id="use as usual"),
        pytest.param("a rare disease", "ivacaftor", id="for those with a rare disease alone"),
        pytest.param("callers that disagree", "voriconazole", id="results that disagree"),
    ],
)
def test_what_changes_nothing_is_said_and_not_recommended(what: str, drug: str) -> None:
    read = reported(what)

    assert implications_on(read, drug)
    assert tasks_on(read, drug) == []


def test_old_knowledge_is_for_information() -> None:
    old = reported("old knowledge")
    said = "For information: its knowledge is of 2025-11-05, more than twelve months old."

    assert all(said in notes_of(each) for each in implications_on(old, "clopidogrel"))
    assert all(each["description"].endswith(said) for each in tasks_on(old, "clopidogrel"))
    assert len(tasks_on(old, "clopidogrel")) > 1
    assert "more than twelve months old" in report_in(old)["conclusion"]


def test_young_knowledge_is_not_called_old() -> None:
    assert "twelve months" not in str(reported("a poor metaboliser"))


def test_a_report_leads_to_every_observation() -> None:
    read = reported("a poor metaboliser")

    led_to = {each["reference"] for each in report_in(read)["result"]}
    assert led_to == {
        f"urn:uuid:{each['id']}"
        for each in resources(read)
        if each["resourceType"] == "Observation"
    }


def test_a_report_says_what_there_is_no_advice_on_and_that_it_is_no_device() -> None:
    notes = [
        extension["valueAnnotation"]["text"]
        for extension in report_in(reported("a poor metaboliser"))["extension"]
        if "valueAnnotation" in extension
    ]

    assert any(note.startswith("Not a medical device.") for note in notes)
    assert any("abacavir" in note and "HLA-B" in note for note in notes)
    assert any("acenocoumarol" in note and "no guideline" in note for note in notes)


@pytest.mark.parametrize(
    ("what", "says"),
    [
        pytest.param("callers that disagree", "What to do is not known of ", id="a dispute"),
        pytest.param("no call", "Whether anything is to be done differently is not", id="no gene"),
        pytest.param("a rare disease", "Nothing to do differently was found", id="nothing"),
    ],
)
def test_a_conclusion_calls_nothing_usual_that_is_not_known(what: str, says: str) -> None:
    conclusion = report_in(reported(what))["conclusion"]

    assert says in conclusion
    assert ("Nothing to do" in conclusion) == ("Nothing to do" in says or "depends" in conclusion)


def test_a_report_says_what_was_taken_into_account() -> None:
    notes = str(report_in(reported("beside an inhibitor"))["extension"])

    assert "Taken into account: paroxetine is taken." in notes


def test_every_drug_is_answered_for() -> None:
    read = reported("a poor metaboliser")

    told = str(report_in(read)["extension"])
    silent = [
        drug.display
        for drug in Guidelines().drugs()
        if drug.display not in told
        and not any(implications_on(read, drug.display, source) for source in ("CPIC", "DPWG"))
    ]
    assert silent == []
