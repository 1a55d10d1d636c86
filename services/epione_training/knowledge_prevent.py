"""Write the coefficients of PREVENT in our schema from the reference data.

python -m epione_training.knowledge_prevent REFERENCE_DATA
"""

import csv
import io
import json
import sys
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path

from epione.medicine.risk import HORIZONS_YEARS, OUTCOMES, SEXES, Model
from epione.medicine.risk.coefficients import RELEASE, TABLE, TERMS

# How the supplement of Khan et al. 2024 calls each term; the base and 30-year tables vary.
PUBLISHED = {
    "Constant": "constant",
    "Age, per 10 years": "age",
    "Age, 10 years": "age",
    "Age squared": "age squared",
    "non-HDL-C per 1 mmol/L": "non_hdl_c",
    "HDL-C per 0.3 mmol/L": "hdl_c",
    "SBP <110 per 20 mmHg": "sbp below 110",
    "SBP ≥110 per 20 mmHg": "sbp from 110",
    "Diabetes": "diabetes",
    "Current smoking": "smoking",
    "BMI <30, per 5 kg/m2": "bmi below 30",
    "BMI 30+, per 5 kg/m2": "bmi from 30",
    "eGFR <60, per -15 ml": "egfr below 60",
    "eGFR 60+, per -15 ml": "egfr from 60",
    "Anti-hypertensive use": "bp_tx",
    "Statin use": "statin",
    "Treated SBP ≥110 mm Hg per 20 mm Hg": "bp_tx x sbp from 110",
    "Treated non-HDL-C": "statin x non_hdl_c",
    "Age per 10yr * non-HDL-C per 1 mmol/L": "age x non_hdl_c",
    "Age per 10yr * HDL-C per 0.3 mmol/L": "age x hdl_c",
    "Age per 10yr * SBP ≥110 mm Hg per 20 mmHg": "age x sbp from 110",
    "Age per 10yr * diabetes": "age x diabetes",
    "Age per 10yr * current smoking": "age x smoking",
    "Age per 10yr * BMI 30+ per 5 kg/m2": "age x bmi from 30",
    "Age per 10yr * eGFR <60, per -15 ml": "age x egfr below 60",
    "SDI decile categories 4-6 vs. 1-3": "sdi decile 4 to 6",
    "SDI decile categories 7-10 vs. 1-3": "sdi decile 7 to 10",
    "Missing SDI": "sdi missing",
    "ln-ACR, mg/g, per 1 ln unit": "uacr",
    "Missing ACR/PCR/Dipstick": "uacr missing",
    "HbA1c in DM, per 1%": "hba1c with diabetes",
    "HbA1c no DM, per 1%": "hba1c without diabetes",
    "Missing HbA1c": "hba1c missing",
}

Row = dict[str, str]


def coefficient_table(reference_data: Path) -> str:
    """Give the whole table as tab-separated text, one line a model, horizon, sex and term."""
    published = json.loads(
        (reference_data / "risk" / "prevent_coefficients.json").read_text(encoding="utf-8")
    )
    text = io.StringIO()
    columns = ["model", "horizon_years", "sex", "term", *OUTCOMES]
    writer = csv.DictWriter(text, columns, delimiter="\t", lineterminator="\n")
    writer.writeheader()
    for model in Model:
        for horizon in HORIZONS_YEARS:
            for sex in SEXES:
                for row in _rows(published[f"{model}_{horizon}yr"], sex):
                    writer.writerow({"model": model, "horizon_years": horizon, "sex": sex, **row})
    return text.getvalue()


def _rows(table: list[Mapping[str, str | float]], sex: str) -> Iterator[Row]:
    by_term = {PUBLISHED[str(row["beta_coefficients"])]: row for row in table}
    for term in TERMS:
        row = by_term.get(term)
        if row and any(row[f"{sex}_{outcome}"] for outcome in OUTCOMES):
            cells = {outcome: row[f"{sex}_{outcome}"] for outcome in OUTCOMES}
            yield {"term": term, **{name: str(cell or "") for name, cell in cells.items()}}


def main() -> None:
    folder = Path(str(resources.files("epione.medicine.risk"))) / "knowledge" / RELEASE
    table = coefficient_table(Path(sys.argv[1]))
    (folder / TABLE).write_text(table, encoding="utf-8")


if __name__ == "__main__":
    main()
