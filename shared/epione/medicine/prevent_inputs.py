"""What the record holds of each input of PREVENT, in words and with the events that say so.

Nothing is imputed in silence: what an absent entry is taken to mean is stated as a reason without
an event. Measurements are asked as they are shown, to one decimal, so that a reader can check.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from epione.medicine.recommendation import Reason
from epione.medicine.risk import PreventInputs, egfr_of
from epione.timeline import Code, Gender, History, Stated, codes
from epione.timeline.codes import ConditionGroup, DrugGroup, Measurement

# Our own rule. Risk factors are to be assessed every 4 to 6 years (Arnett et al. 2019, Circulation
# 140:e596-e646, doi:10.1161/CIR.0000000000000678, section 2.2).
OLD_AFTER_YEARS = 5
OLD_AFTER = timedelta(days=1826)

UNITS_SHOWN = {
    "mm[Hg]": " mmHg",
    "mg/dL": " mg/dL",
    "mL/min/{1.73_m2}": " mL/min/1.73 m²",
    "kg/m2": " kg/m²",
    "%": " %",
    "mg/g": " mg/g",
    "cm": " cm",
    "kg": " kg",
}

MEASURED: Mapping[str, Measurement] = {
    "sbp": codes.SYSTOLIC,
    "total_c": codes.TOTAL_CHOLESTEROL,
    "hdl_c": codes.HDL_CHOLESTEROL,
    "egfr": codes.EGFR,
    "bmi": codes.BODY_MASS_INDEX,
    "hba1c": codes.HBA1C,
    "uacr": codes.URINE_ALBUMIN_CREATININE,
}


T = TypeVar("T", covariant=True)


@dataclass(frozen=True, slots=True)
class Known(Generic[T]):
    """One input; `measured_at` are the times of the readings it rests on."""

    value: T | None = None
    reason: Reason | None = None
    measured_at: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class PreventFacts:
    """What is to be asked, how it is known, and the cardiovascular disease on the record."""

    now: datetime
    inputs: PreventInputs
    known: Mapping[str, Known[object]] = field(default_factory=dict)  # by the names of the inputs
    disease: tuple[Reason, ...] = ()

    @property
    def reasons(self) -> tuple[Reason, ...]:
        return tuple(known.reason for known in self.known.values() if known.reason)

    @property
    def turning_old(self) -> tuple[datetime, ...]:
        """When a reading that is used comes to be called old."""
        times = (time + OLD_AFTER for known in self.known.values() for time in known.measured_at)
        return tuple(time for time in times if time > self.now)


def prevent_facts_of(history: History) -> PreventFacts:
    """Read what PREVENT asks from a patient's history."""
    age, sex = _age(history), _sex(history)
    sbp = _measured(history, codes.SYSTOLIC)
    bp_tx = _taking(history, codes.BLOOD_PRESSURE_MEDICINE)
    total_c = _measured(history, codes.TOTAL_CHOLESTEROL)
    hdl_c = _measured(history, codes.HDL_CHOLESTEROL)
    statin = _taking(history, codes.STATIN)
    dm, smoking = _diabetes(history), _smoking(history)
    egfr = _either(_measured(history, codes.EGFR), _egfr_from_creatinine(history))
    bmi = _either(_measured(history, codes.BODY_MASS_INDEX), _bmi_from_height_and_weight(history))
    hba1c = _measured(history, codes.HBA1C)
    uacr = _measured(history, codes.URINE_ALBUMIN_CREATININE)
    return PreventFacts(
        now=history.now,
        inputs=PreventInputs(
            age=age.value,
            sex=sex.value,
            sbp=sbp.value,
            bp_tx=bp_tx.value,
            total_c=total_c.value,
            hdl_c=hdl_c.value,
            statin=statin.value,
            dm=dm.value,
            smoking=smoking.value,
            egfr=egfr.value,
            bmi=bmi.value,
            hba1c=hba1c.value,
            uacr=uacr.value,
        ),
        known={
            "age": age,
            "sex": sex,
            "sbp": sbp,
            "bp_tx": bp_tx,
            "total_c": total_c,
            "hdl_c": hdl_c,
            "statin": statin,
            "dm": dm,
            "smoking": smoking,
            "egfr": egfr,
            "bmi": bmi,
            "hba1c": hba1c,
            "uacr": uacr,
        },
        disease=cardiovascular_disease_of(history),
    )


def cardiovascular_disease_of(history: History) -> tuple[Reason, ...]:
    """Give the entries that make PREVENT not applicable; a past infarction counts too."""
    groups = (codes.ATHEROSCLEROSIS, codes.STROKE, codes.HEART_FAILURE)
    return tuple(
        Reason(f"{shown_name(entry.value.code, group)} on the record", (entry.event_id,))
        for group in groups
        for entry in history.ever(group)
    )


def shown(value: float) -> str:
    """Write a measured value as a clinician reads it: one decimal, none where it is whole."""
    return f"{value:.1f}".removesuffix(".0")


def shown_name(code: Code, group: ConditionGroup | DrugGroup) -> str:
    """Give the terminology's name of the code, or the group's where none came with it."""
    return code.display or group.name


def shown_reading(measurement: Measurement, reading: Stated[float], now: datetime) -> str:
    """Write a reading with its unit, its date, and what is to be doubted."""
    return shown_result(measurement, reading) + _doubt(reading.at, now)


def shown_result(measurement: Measurement, reading: Stated[float]) -> str:
    """Write a reading with its unit and its date."""
    unit = UNITS_SHOWN[measurement.unit]
    text = f"{measurement.name} {shown(reading.value)}{unit} on {reading.at.date().isoformat()}"
    return f"{text} (preliminary)" if reading.preliminary else text


def _doubt(at: datetime, now: datetime) -> str:
    return f", more than {OLD_AFTER_YEARS} years old" if now >= at + OLD_AFTER else ""


def _age(history: History) -> Known[int]:
    if history.demographics is None or history.age is None:
        return Known()
    return Known(history.age, Reason(f"age {history.age} years", (history.demographics.event_id,)))


def _sex(history: History) -> Known[str]:
    if history.demographics is None or history.sex not in (Gender.FEMALE, Gender.MALE):
        return Known()
    return Known(
        history.sex.value, Reason(f"sex {history.sex.value}", (history.demographics.event_id,))
    )


def _measured(history: History, measurement: Measurement) -> Known[float]:
    reading = history.latest(measurement)
    if reading is None:
        return _unread(history, measurement)
    text = shown_reading(measurement, reading, history.now)
    return Known(round(reading.value, 1), Reason(text, (reading.event_id,)), (reading.at,))


def _either(measured: Known[float], derived: Known[float]) -> Known[float]:
    """Prefer what was measured; where neither is known, what is said of the measurement stays."""
    return derived if derived.value is not None and measured.value is None else measured


def _unread(history: History, measurement: Measurement) -> Known[float]:
    """Say of a result that is there, as text, as "<5" or in another unit, that it is not used."""
    result = history.unread(measurement)
    if result is None:
        return Known()
    unit = UNITS_SHOWN[measurement.unit].strip()
    text = f"{measurement.name} of {result.at.date()} is not used: it is no number in {unit}"
    return Known(None, Reason(text, (result.event_id,)))


def _egfr_from_creatinine(history: History) -> Known[float]:
    creatinine, age = history.latest(codes.CREATININE), history.age
    if creatinine is None or age is None:
        return Known()
    egfr = egfr_of(creatinine.value, age, history.sex.value)
    if egfr is None:
        return Known()
    text = (
        f"eGFR {shown(egfr)} mL/min/1.73 m² by CKD-EPI 2021 from "
        f"{shown_reading(codes.CREATININE, creatinine, history.now)}"
    )
    return Known(round(egfr, 1), Reason(text, (creatinine.event_id,)), (creatinine.at,))


def _bmi_from_height_and_weight(history: History) -> Known[float]:
    height, weight = history.latest(codes.HEIGHT), history.latest(codes.WEIGHT)
    if height is None or weight is None or height.value <= 0:
        return Known()
    # Divided twice, not by a square: that of a height misread by powers of ten raises.
    bmi = weight.value * 10_000 / height.value / height.value
    text = (
        f"body mass index {shown(bmi)} kg/m² from "
        f"{shown_reading(codes.WEIGHT, weight, history.now)} and "
        f"{shown_reading(codes.HEIGHT, height, history.now)}"
    )
    return Known(
        round(bmi, 1), Reason(text, (weight.event_id, height.event_id)), (weight.at, height.at)
    )


def _taking(history: History, group: DrugGroup) -> Known[bool]:
    taken = history.taking(group)
    if not taken:
        return Known(False, Reason(f"no {group.name} among the current medicines on the record"))
    names = _listed(each.value.drug.display for each in taken if each.value.drug.display)
    text = f"takes a {group.name}: {names}" if names else f"takes a {group.name}"
    return Known(True, Reason(text, tuple(each.event_id for each in taken)))


def _diabetes(history: History) -> Known[bool]:
    active = history.active(codes.DIABETES)
    if not active:
        return Known(False, Reason("no diabetes on the record"))
    names = _listed(shown_name(each.value.code, codes.DIABETES) for each in active)
    return Known(True, Reason(names, tuple(each.event_id for each in active)))


def _smoking(history: History) -> Known[bool]:
    answer = history.latest_answer(codes.SMOKING_STATUS)
    if answer is None:
        return Known()
    said = (answer.value.system, answer.value.code)
    if said not in codes.SMOKES | codes.SMOKES_NOT:
        return Known()
    smokes = said in codes.SMOKES
    text = f"{'smokes' if smokes else 'does not smoke'}, as answered on {answer.at.date()}"
    reason = Reason(text + _doubt(answer.at, history.now), (answer.event_id,))
    return Known(smokes, reason, (answer.at,))


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(set(names)))
