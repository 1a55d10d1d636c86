import json
from datetime import UTC, date, datetime, timedelta

import pytest

from epione.medicine.ingredients import ingredient_of
from epione.timeline import Code
from epione.timeline.names import name_of
from epione_cli.patients import Kind, Sent, Story, stories
from epione_cli.patients.vcf import genome
from epione_genomics.features import features_of, genome_of
from epione_training.lives.planted import planted
from epione_training.lives.world import world_of

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
LEAP_DAY = datetime(2028, 2, 29, 9, 0, tzinfo=UTC)


def story(name: str, now: datetime = NOW) -> Story:
    return next(each for each in stories(now) if each.name == name)


def only(told: Story, kind: Kind) -> list[Sent]:
    return [sent for sent in told.sent if sent.kind is kind]


def resources(sent: Sent) -> list[dict[str, object]]:
    return [entry["resource"] for entry in json.loads(sent.content)["entry"]]


def calls(sent: Sent) -> dict[str, str | None]:
    features = features_of(genome_of(sent.content.splitlines(keepends=True)), "")
    return {call.gene: call.diplotype for call in features.genes}


def test_the_same_day_gives_the_same_bytes() -> None:
    assert stories(NOW) == stories(NOW)


@pytest.mark.parametrize("now", [NOW, LEAP_DAY], ids=["a common day", "a leap day"])
def test_everyone_has_the_age_that_the_title_says(now: datetime) -> None:
    ages = {each.name: _age(each.sent[0].person.birth_date, now.date()) for each in stories(now)}

    assert ages == {"high-blood-pressure": 57, "before-capecitabine": 64, "hardly-known": 45}


def _age(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def test_what_is_sent_is_in_order_and_not_of_the_future() -> None:
    for each in stories(NOW):
        times = [sent.at for sent in each.sent]

        assert times == sorted(times)
        assert times[-1] <= NOW


def test_the_names_are_nobodys() -> None:
    assert {each.sent[0].person.family for each in stories(NOW)} == {
        "Testwell",
        "Sampleson",
        "Placeholder",
    }


def test_every_resource_of_a_chart_speaks_of_its_patient() -> None:
    chart = resources(only(story("high-blood-pressure"), Kind.FHIR)[0])
    patient, *others = chart

    about = {(each.get("subject") or each["patient"])["reference"] for each in others}  # type: ignore[index]

    assert about == {f"urn:uuid:{patient['id']}"}


def test_the_chart_holds_what_a_risk_asks_for_but_the_newest_cholesterol() -> None:
    chart = resources(only(story("high-blood-pressure"), Kind.FHIR)[0])
    codes = [each["code"]["coding"][0]["code"] for each in chart if "code" in each]  # type: ignore[index]

    assert {"85354-9", "8867-4", "2085-9", "2160-0", "4548-4", "14959-1", "72166-2"} <= set(codes)
    assert codes.count("85354-9") == 4


def test_a_problem_list_tells_since_when_a_problem_is_had() -> None:
    chart = resources(only(story("high-blood-pressure"), Kind.FHIR)[0])

    years = {
        each["code"]["coding"][0]["display"]: NOW.year - int(str(each["onsetDateTime"])[:4])  # type: ignore[index]
        for each in chart
        if each["resourceType"] == "Condition"
    }

    assert years == {
        "Iron deficiency anemia": 12,
        "Essential hypertension": 9,
        "Hyperlipidemia": 7,
        "Osteoarthritis of knee": 3,
    }


@pytest.mark.parametrize(
    ("name", "n_events"),
    [
        pytest.param("high-blood-pressure", 7, id="enough"),
        pytest.param("before-capecitabine", 4, id="just enough"),
        pytest.param("hardly-known", 1, id="too little"),
    ],
)
def test_a_model_of_planted_lives_understands_so_much_of_a_story(name: str, n_events: int) -> None:
    vocabulary = world_of(planted()).vocabulary
    charts = [each for sent in only(story(name), Kind.FHIR) for each in resources(sent)]

    names = {
        name_of(Code(coding["system"], coding["code"], coding["display"]), ingredient_of)
        for each in charts
        if each["resourceType"] in ("Condition", "MedicationRequest")
        for coding in (each.get("code") or each["medicationCodeableConcept"])["coding"]  # type: ignore[index]
    }

    assert sum(vocabulary.known_as(each) in vocabulary.by_name for each in names) == n_events


def test_a_laboratory_puts_its_own_result_right() -> None:
    first, second = only(story("high-blood-pressure"), Kind.HL7V2)

    assert b"2093-3^Cholesterol^LN||7.9|mmol/L^^UCUM|||||F|" in first.content
    assert b"2093-3^Cholesterol^LN||6.2|mmol/L^^UCUM|||||C|" in second.content


def test_a_message_ends_each_segment_as_hl7_asks() -> None:
    message = only(story("high-blood-pressure"), Kind.HL7V2)[0].content

    assert b"\n" not in message
    assert [line[:3] for line in message.split(b"\r")] == [
        b"MSH", b"PID", b"OBR", b"OBX", b"OBX", b""
    ]  # fmt: skip


def test_chart_and_laboratory_name_the_same_medical_record() -> None:
    told = story("high-blood-pressure")
    identifier = resources(told.sent[0])[0]["identifier"][0]  # type: ignore[index]

    assert identifier["system"] == "urn:oid:2.999.7.1"
    assert b"|700001^^^NORTH&2.999.7.1&ISO^MR|" in only(told, Kind.HL7V2)[0].content


@pytest.mark.parametrize(
    ("name", "gene", "diplotype"),
    [
        ("high-blood-pressure", "CYP2C19", "*2/*2"),
        ("high-blood-pressure", "SLCO1B1", "*1/*5"),
        ("before-capecitabine", "DPYD", "Reference/c.1905+1G>A (*2A)"),
        ("before-capecitabine", "CYP2C19", "*1/*1"),
    ],
)
def test_a_genome_holds_the_alleles_of_its_story(name: str, gene: str, diplotype: str) -> None:
    (sent,) = only(story(name), Kind.GENOME)

    assert calls(sent)[gene] == diplotype


def test_a_panel_with_gaps_leaves_the_positions_out() -> None:
    (sent,) = only(story("hardly-known"), Kind.GENOME)

    assert b"rs4149056" not in sent.content
    assert b"rs4149056" in genome({})


def test_an_unknown_rs_number_is_refused() -> None:
    with pytest.raises(KeyError, match="rs1"):
        genome({"rs1": "A/A"})


def test_a_genome_is_small_enough_to_go_inline() -> None:
    assert len(genome({})) < 256 * 1024


def test_nothing_lies_more_than_two_years_back() -> None:
    chart = only(story("high-blood-pressure"), Kind.FHIR)[0]
    times = [each.get("effectiveDateTime") for each in resources(chart)]

    oldest = min(datetime.fromisoformat(str(time)) for time in times if time)

    assert oldest > NOW - timedelta(days=730)
