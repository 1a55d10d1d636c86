"""PREVENT as a torch module in float64: five models, two sexes, two horizons, five outcomes.

Source: Khan et al. 2024, doi:10.1161/CIRCULATIONAHA.123.067626; terms and units as in
`epione.medicine.risk.coefficients.TERMS`. Nothing is fitted here: the weights are as published.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from epione.medicine.risk import COLUMNS, HORIZONS_YEARS, OPTIONAL, OUTCOMES, SEXES, Model
from epione.medicine.risk.coefficients import TERMS, Equation

# The equations' own conversion, to the digits published with them (Khan 2024, Supplement).
MMOL_L_PER_MG_DL = 0.02586


class Prevent(nn.Module):
    """Rows of inputs in, risks and the model that answered each row out."""

    weight: Tensor

    def __init__(self, coefficients: Mapping[Equation, Mapping[str, float]]) -> None:
        super().__init__()
        published = [
            [
                [
                    coefficients[Equation(model, sex, horizon, outcome)].get(term, 0.0)
                    for horizon in HORIZONS_YEARS
                    for outcome in OUTCOMES
                ]
                for term in TERMS
            ]
            for model in Model
            for sex in SEXES
        ]
        self.register_buffer("weight", torch.tensor(published, dtype=torch.float64))

    def forward(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Answer every row.

        Args:
            inputs: (batch, 14) float64, columns as `COLUMNS`; sex 0 female, 1 male; NaN where an
                optional input is not known.

        Returns:
            Risks, (batch, 2, 5) float64, fractions by horizon and outcome; and the model, (batch,)
            int64, as it stands in `Model`.
        """
        model = model_of(inputs)  # (batch,)
        equation = model * len(SEXES) + column(inputs, "sex").to(torch.int64)  # (batch,)
        weight = self.weight[equation]  # (batch, terms, 10)
        log_odds = (terms_of(inputs).unsqueeze(1) @ weight).squeeze(1)  # (batch, 10)
        risks = torch.sigmoid(log_odds).reshape(-1, len(HORIZONS_YEARS), len(OUTCOMES))
        return risks, model


def column(inputs: Tensor, name: str) -> Tensor:
    """Take one input of every row: (batch,)."""
    return inputs[:, COLUMNS.index(name)]


def model_of(inputs: Tensor) -> Tensor:
    """Choose by which optional inputs are known: (batch,) int64, as in `Model`."""
    known = torch.stack([~torch.isnan(column(inputs, name)) for name in OPTIONAL], dim=1)
    known = known.to(torch.int64)  # (batch, 3)
    alone = (known * torch.arange(1, 1 + len(OPTIONAL))).sum(dim=1)  # (batch,)
    full = torch.full_like(alone, list(Model).index(Model.FULL))
    return torch.where(known.sum(dim=1) > 1, full, alone)


def terms_of(inputs: Tensor) -> Tensor:
    """Count every term of the equations: (batch, terms), in the order of `TERMS`."""
    age = (column(inputs, "age") - 55) / 10
    to_mmol_l = exactly(MMOL_L_PER_MG_DL)
    non_hdl = (column(inputs, "total_c") - column(inputs, "hdl_c")) * to_mmol_l - 3.5
    hdl = (column(inputs, "hdl_c") * to_mmol_l - exactly(1.3)) / exactly(0.3)
    sbp, bmi, egfr = (column(inputs, name) for name in ("sbp", "bmi", "egfr"))
    sbp_from_110 = (sbp.clamp(min=110) - 130) / 20
    bmi_from_30 = (bmi.clamp(min=30) - 30) / 5
    egfr_below_60 = (egfr.clamp(max=60) - 60) / -15
    diabetes, smoking, bp_tx, statin = (
        column(inputs, name) for name in ("dm", "smoking", "bp_tx", "statin")
    )
    sdi, uacr, hba1c = (column(inputs, name) for name in ("sdi_decile", "uacr", "hba1c"))
    hba1c_above = known_or_zero(hba1c - exactly(5.3))
    terms = {
        "constant": torch.ones_like(age),
        "age": age,
        "age squared": age * age,
        "non_hdl_c": non_hdl,
        "hdl_c": hdl,
        "sbp below 110": (sbp.clamp(max=110) - 110) / 20,
        "sbp from 110": sbp_from_110,
        "diabetes": diabetes,
        "smoking": smoking,
        "bmi below 30": (bmi.clamp(max=30) - 25) / 5,
        "bmi from 30": bmi_from_30,
        "egfr below 60": egfr_below_60,
        "egfr from 60": (egfr.clamp(min=60) - 90) / -15,
        "bp_tx": bp_tx,
        "statin": statin,
        "bp_tx x sbp from 110": bp_tx * sbp_from_110,
        "statin x non_hdl_c": statin * non_hdl,
        "age x non_hdl_c": age * non_hdl,
        "age x hdl_c": age * hdl,
        "age x sbp from 110": age * sbp_from_110,
        "age x diabetes": age * diabetes,
        "age x smoking": age * smoking,
        "age x bmi from 30": age * bmi_from_30,
        "age x egfr below 60": age * egfr_below_60,
        "sdi decile 4 to 6": ((sdi >= 4) & (sdi <= 6)).to(age.dtype),
        "sdi decile 7 to 10": (sdi >= 7).to(age.dtype),
        "sdi missing": torch.isnan(sdi).to(age.dtype),
        "uacr": known_or_zero(torch.log(uacr)),
        "uacr missing": torch.isnan(uacr).to(age.dtype),
        "hba1c with diabetes": hba1c_above * diabetes,
        "hba1c without diabetes": hba1c_above * (1 - diabetes),
        "hba1c missing": torch.isnan(hba1c).to(age.dtype),
    }
    return torch.stack([terms[term] for term in TERMS], dim=1)


def known_or_zero(value: Tensor) -> Tensor:
    """Put 0 where a value is NaN."""
    return torch.where(torch.isnan(value), torch.zeros_like(value), value)


def exactly(value: float) -> Tensor:
    """Give a constant in float64: torch 2.15 exports a bare Python number rounded to float32."""
    return torch.tensor(value, dtype=torch.float64)
