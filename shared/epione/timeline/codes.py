"""The codes by which a plan finds its facts: measurements, conditions and medicines.

Each code was seen with its meaning (2026-11) in one of: the value sets of the 2025-05-08 update of
the electronic clinical quality measures, and of 2021-05-06, as canvas 0.261.0 and
canvas-workflow-kit 0.6.11 spell them out (SNOMED CT, LOINC, RxNorm); Synthea and its OMOP
vocabulary; the FHIR R4 and International Patient Summary 1.1.0 guides (smoking status); CPIC's
drugs (pypgx 0.27.0); Eunomia; and, where none of these holds it, public code that carries the code
with its name. ICD-10-CM: the tabular list of 2026-04 (simple-icd-10-cm 1.5.0), by prefix.
A group holds the codes that surely belong to it, not all that do: what no group knows is counted
and shown as not understood, never taken for absent.
"""

from dataclasses import dataclass

from epione.timeline.events import ICD10CM, LOINC, RXNORM, SNOMED, Code


@dataclass(frozen=True, slots=True)
class Measurement:
    """One quantity by whichever code a laboratory reports it, in the one unit that is read."""

    name: str
    unit: str  # UCUM; ingestion converts to it
    loinc: tuple[str, ...]  # the first is the one to order

    @property
    def code(self) -> Code:
        return Code(LOINC, self.loinc[0], self.name)


@dataclass(frozen=True, slots=True)
class ConditionGroup:
    """A condition by the codes that say it; `icd10cm` and `but_not` are prefixes."""

    name: str
    snomed: frozenset[str]
    icd10cm: tuple[str, ...]
    but_not: tuple[str, ...] = ()

    def holds(self, code: Code) -> bool:
        """Say whether the code names a condition of this group."""
        if code.system == SNOMED:
            return code.code in self.snomed
        said = code.code.upper()
        return (
            code.system == ICD10CM
            and said.startswith(self.icd10cm)
            and not said.startswith(self.but_not)
        )


@dataclass(frozen=True, slots=True)
class DrugGroup:
    """A class of medicines by RxNorm ingredient and product."""

    name: str
    rxnorm: frozenset[str]

    def holds(self, code: Code) -> bool:
        """Say whether the code names a medicine of this group."""
        return code.system == RXNORM and code.code in self.rxnorm


SYSTOLIC = Measurement("systolic blood pressure", "mm[Hg]", ("8480-6",))
DIASTOLIC = Measurement("diastolic blood pressure", "mm[Hg]", ("8462-4",))
TOTAL_CHOLESTEROL = Measurement("total cholesterol", "mg/dL", ("2093-3", "14647-2"))
HDL_CHOLESTEROL = Measurement("HDL cholesterol", "mg/dL", ("2085-9", "14646-4"))
CREATININE = Measurement("creatinine", "mg/dL", ("2160-0", "38483-4", "14682-9"))
EGFR = Measurement("eGFR", "mL/min/{1.73_m2}", ("98979-8", "62238-1", "33914-3", "77147-7"))
HBA1C = Measurement("HbA1c", "%", ("4548-4", "17856-6", "59261-8"))
URINE_ALBUMIN_CREATININE = Measurement(
    "urine albumin/creatinine ratio", "mg/g", ("9318-7", "14959-1", "32294-1", "30000-4")
)
BODY_MASS_INDEX = Measurement("body mass index", "kg/m2", ("39156-5",))
HEIGHT = Measurement("height", "cm", ("8302-2", "3137-7"))
WEIGHT = Measurement("weight", "kg", ("29463-7", "3141-9"))
MEASUREMENTS = (
    SYSTOLIC,
    DIASTOLIC,
    TOTAL_CHOLESTEROL,
    HDL_CHOLESTEROL,
    CREATININE,
    EGFR,
    HBA1C,
    URINE_ALBUMIN_CREATININE,
    BODY_MASS_INDEX,
    HEIGHT,
    WEIGHT,
)

SMOKING_STATUS = Code(LOINC, "72166-2", "tobacco smoking status")
SMOKES = frozenset(
    {
        (SNOMED, "449868002"),  # smokes tobacco daily
        (SNOMED, "428041000124106"),  # occasional smoker
        (SNOMED, "77176002"),  # smoker
        (SNOMED, "428071000124103"),  # heavy smoker
        (SNOMED, "428061000124105"),  # light smoker
        (LOINC, "LA18976-3"),  # current every day smoker
        (LOINC, "LA18977-1"),  # current some day smoker
        (LOINC, "LA18979-7"),  # smoker, current status unknown
        (LOINC, "LA18981-3"),  # heavy tobacco smoker
        (LOINC, "LA18982-1"),  # light tobacco smoker
    }
)
SMOKES_NOT = frozenset(
    {
        (SNOMED, "266919005"),  # never smoked tobacco
        (SNOMED, "8517006"),  # ex-smoker
        (LOINC, "LA18978-9"),  # never smoker
        (LOINC, "LA15920-4"),  # former smoker
    }
)

DIABETES = ConditionGroup(
    "diabetes",
    frozenset({"73211009", "44054006", "46635009", "313436004", "313435000", "127013003"}),
    ("E08", "E09", "E10", "E11", "E13"),
    but_not=("E10.A",),  # presymptomatic
)
HYPERTENSION = ConditionGroup(
    "hypertension",
    frozenset({"38341003", "59621000", "1201005", "10725009"}),
    ("I10", "I11", "I12", "I13", "I15", "I1A"),
)
STROKE = ConditionGroup(
    "stroke",
    frozenset({"230690007", "422504002", "432504007", "266257000", "275526006", "274100004"}),
    ("I60", "I61", "I63", "I69", "G45.0", "G45.1", "G45.8", "G45.9", "Z86.73"),
)
HEART_FAILURE = ConditionGroup(
    "heart failure",
    frozenset({"84114007", "42343007", "88805009", "85232009", "48447003", "417996009"}),
    ("I50", "I11.0", "I13.0", "I13.2"),
)
ATHEROSCLEROSIS = ConditionGroup(
    "atherosclerotic cardiovascular disease",
    frozenset(
        {
            "22298006",  # myocardial infarction
            "399211009",  # history of myocardial infarction
            "401303003",  # acute ST-segment elevation myocardial infarction
            "401314000",  # acute non-ST-segment elevation myocardial infarction
            "53741008",  # coronary arteriosclerosis
            "414545008",  # ischaemic heart disease
            "194828000",  # angina
            "399957001",  # peripheral arterial occlusive disease
            "400047006",  # peripheral vascular disease
        }
    ),
    ("I20", "I21", "I22", "I23", "I24", "I25", "I70.2", "I73.9", "Z95.1", "Z95.5", "Z98.61"),
)
KIDNEY_DISEASE = ConditionGroup(
    "chronic kidney disease",
    frozenset(
        {"709044004", "431855005", "431856006", "433144002", "431857002", "433146000", "46177005"}
    ),
    ("N18", "I12", "I13", "E10.22", "E11.22"),
)
PREGNANCY = ConditionGroup(
    "pregnancy",
    frozenset({"77386006", "72892002"}),
    ("Z33.1", "Z34", "Z3A", "O09"),
)

STATIN = DrugGroup(
    "statin",
    frozenset({"83367", "36567", "42463", "301542", "6472", "41127", "861634"})
    | {"617312", "617310", "617311", "259255"}  # atorvastatin 10, 20, 40, 80 mg
    | {"314231", "312961", "198211"},  # simvastatin 10, 20, 40 mg
)
# The classes of table 18 of the 2017 ACC/AHA guideline (Whelton et al. 2018, Hypertension
# 71:e13-e115, doi:10.1161/HYP.0000000000000065): PREVENT asks for any, whatever it is taken for.
BLOOD_PRESSURE_MEDICINE = DrugGroup(
    "blood-pressure medicine",
    # ACE inhibitors
    frozenset({"18867", "1998", "3827", "50166", "29046", "30131", "54552", "35208", "35296"})
    | {"38454"}
    # angiotensin receptor blockers and aliskiren
    | {"1091643", "214354", "83515", "83818", "52175", "321064", "73494", "69749", "325646"}
    # calcium channel blockers
    | {"17767", "7417", "7435", "3443", "11170"}
    # diuretics
    | {"5487", "2409", "5764", "4603", "1808", "38413", "9997", "298869", "10763", "644"}
    # beta blockers
    | {"1202", "19484", "20352", "6918", "31555", "8787", "6185", "7226", "149"}
    # alpha-1 blockers, central agents, direct vasodilators
    | {"49276", "8629", "2599", "5470"}
    # lisinopril 5, 10, 20 mg; amlodipine 2.5, 5, 10 mg; losartan 25, 50, 100 mg
    | {"311354", "314076", "314077", "308136", "197361", "308135", "979485", "979492", "979480"}
    # hydrochlorothiazide 25 mg; metoprolol 25, 50, 100 mg; verapamil 40 mg; furosemide 40 mg
    | {"310798", "866924", "866514", "866412", "897718", "313988"},
)

TACHYARRHYTHMIA = ConditionGroup("tachyarrhythmia", frozenset({"6285003"}), ("I47",))
ANGIOEDEMA = ConditionGroup("angioedema", frozenset({"41291007"}), ("T78.3",))
HYPERKALAEMIA = ConditionGroup("hyperkalaemia", frozenset({"14140009"}), ("E87.5",))
HYPOKALAEMIA = ConditionGroup("hypokalaemia", frozenset({"43339004"}), ("E87.6",))
HYPONATRAEMIA = ConditionGroup("hyponatraemia", frozenset({"89627008"}), ("E87.1",))
HYPERCALCAEMIA = ConditionGroup("hypercalcaemia", frozenset({"66931009"}), ("E83.52",))
GOUT = ConditionGroup("gout", frozenset({"90560007"}), ("M10",))
