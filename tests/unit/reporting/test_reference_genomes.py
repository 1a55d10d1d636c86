"""The bundles of the oracle's 230 genomes keep to R4 and to the guide's profiles.

Reference data: pharmacogenomics/cases (genomes), fhir/genomics_reporting (profiles). Only the files
are taken from the cases: what was called of them is `test_oracle`'s.
"""

from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.unit.reporting.conftest import as_read
from tests.unit.reporting.profiles import Guide
from tests.unit.reporting.reports import Resource, faults, findings, of_profile, resources

from epione.errors import UnreadableGenome
from epione.medicine.genome import Sites, read_vcf
from epione.medicine.pharmacogenomics import call_genes, gene_names, gene_of
from epione.reporting import Findings, bundle_of, text_of
from epione.reporting.text import WIDTH

pytestmark = pytest.mark.reference


@pytest.fixture(scope="module")
def reports(reference_data: Path) -> Mapping[str, Findings]:
    """Give what is found in each file that can be read."""
    genes = [gene_of(name) for name in gene_names()]
    sites = Sites(site for gene in genes for site in gene.sites.values())
    found = {}
    for path in sorted((reference_data / "pharmacogenomics/cases/vcf").glob("*.vcf")):
        try:
            with path.open("rb") as lines:
                found[path.name] = findings(*call_genes(genes, read_vcf(lines, sites)))
        except UnreadableGenome:
            continue
    return found


@pytest.fixture(scope="module")
def bundles(reports: Mapping[str, Findings]) -> Mapping[str, Resource]:
    return {name: as_read(bundle_of(found)) for name, found in reports.items()}


def test_every_bundle_keeps_to_r4_and_to_the_profiles(
    bundles: Mapping[str, Resource], guide: Guide
) -> None:
    found = {name: list(faults(bundle, guide)) for name, bundle in bundles.items()}

    assert len(found) > 200
    assert {name: each for name, each in found.items() if each} == {}


def test_every_gene_that_was_called_is_a_genotype(
    reports: Mapping[str, Findings], bundles: Mapping[str, Resource]
) -> None:
    different = [
        name
        for name, report in reports.items()
        if len(of_profile(bundles[name], "genotype"))
        != sum(bool(c.diplotypes or c.component_haplotypes) for c in report.calls.values())
    ]

    assert different == []


def test_every_piece_of_advice_is_an_implication(
    reports: Mapping[str, Findings], bundles: Mapping[str, Resource]
) -> None:
    different = [
        name
        for name, report in reports.items()
        if len(of_profile(bundles[name], "therapeutic-implication")) != len(report.advice)
        or len(of_profile(bundles[name], "medication-recommendation"))
        != len(report.to_do_differently)
    ]

    assert different == []


def test_no_two_bundles_share_a_name(bundles: Mapping[str, Resource]) -> None:
    named = [frozenset(each["id"] for each in resources(bundle)) for bundle in bundles.values()]
    distinct = set(named)

    assert sum(map(len, distinct)) == len(frozenset().union(*distinct))
    assert len(distinct) > 100


def test_no_line_of_a_report_is_too_long(reports: Mapping[str, Findings]) -> None:
    longest = {
        name: max(map(len, text_of(report, "S1").splitlines())) for name, report in reports.items()
    }

    assert {name: length for name, length in longest.items() if length > WIDTH} == {}
