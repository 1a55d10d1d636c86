"""The board shows what is measured, all of it, and Prometheus looks where it is told."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import Counter, Gauge, Histogram

from epione import telemetry

OBSERVABILITY = Path(__file__).parents[3] / "k8s" / "observability"
BOARD = json.loads((OBSERVABILITY / "grafana" / "dashboards" / "epione.json").read_text())
OF_PROMETHEUS = {"job", "le"}  # labels that no metric of ours names

EXPRESSIONS = [target["expr"] for panel in BOARD["panels"] for target in panel.get("targets", [])]


def labels_by_series() -> dict[str, set[str]]:
    """Give every series that is told, with its labels."""
    found: dict[str, set[str]] = {}
    for metric in vars(telemetry).values():
        if isinstance(metric, Counter):
            found[f"{metric._name}_total"] = set(metric._labelnames)
        elif isinstance(metric, Gauge):
            found[metric._name] = set(metric._labelnames)
        elif isinstance(metric, Histogram):
            found |= {
                f"{metric._name}_{end}": set(metric._labelnames)
                for end in ("bucket", "sum", "count")
            }
    return found


SERIES = labels_by_series()


def series_in(expression: str) -> set[str]:
    return set(re.findall(r"\bepione_\w+", expression))


def labels_in(expression: str) -> set[str]:
    """Give the labels that an expression selects or groups by."""
    selected = re.findall(r"(\w+)[!=]?[=~]\"", expression)
    grouped = re.findall(r"by \(([^)]*)\)", expression)
    return {*selected, *(name.strip() for group in grouped for name in group.split(","))}


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_what_the_board_asks_for_is_told(expression: str) -> None:
    asked = series_in(expression)

    known = {label for name in asked & SERIES.keys() for label in SERIES[name]}
    assert asked - SERIES.keys() == set()
    assert asked or expression == "sum by (job) (up)"
    assert labels_in(expression) - OF_PROMETHEUS <= known


def test_everything_that_is_told_is_on_the_board() -> None:
    shown = {name for expression in EXPRESSIONS for name in series_in(expression)}

    told = {re.sub(r"_(bucket|sum|count)$", "", name) for name in SERIES}
    assert told - {re.sub(r"_(bucket|sum|count)$", "", name) for name in shown} == set()


def test_no_two_panels_lie_on_each_other() -> None:
    places = [panel["gridPos"] for panel in BOARD["panels"]]
    cells = [
        (x, y)
        for place in places
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]

    assert len(cells) == len(set(cells))


def test_every_service_is_scraped_at_its_port_of_operation() -> None:
    config = read("prometheus.yml")

    scraped = {
        job["job_name"]: (each["names"], each["port"])
        for job in config["scrape_configs"]
        for each in job["dns_sd_configs"]
    }
    services = ("ingestion", "genomics", "inference")
    assert scraped == {name: ([name], 9464) for name in services}


def test_the_board_s_data_source_is_the_one_that_is_provided() -> None:
    (source,) = read("grafana/provisioning/datasources/prometheus.yml")["datasources"]

    asked = {panel["datasource"]["uid"] for panel in BOARD["panels"] if "targets" in panel}
    assert asked == {source["uid"]}


def read(name: str) -> Any:
    return yaml.safe_load((OBSERVABILITY / name).read_text())
