import pytest
from tests.unit.ingestion.given import RULES, Json, fhir, only, resource

from epione.timeline import Consent, Status
from epione_ingestion import translate


def consent(scope: str = "treatment", status: str = "active", **elements: object) -> Json:
    stated = {"coding": [{"code": scope}]}
    return resource("Consent", status=status, scope=stated, **elements)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(
            consent(provision={"type": "deny"}), Consent("treatment", False), id="treatment denied"
        ),
        pytest.param(
            consent("patient-privacy", provision={"type": "deny"}),
            Consent("treatment", False),
            id="the use of one's data denied",
        ),
        pytest.param(
            consent("research", provision={"type": "permit"}),
            Consent("research", True),
            id="research permitted",
        ),
        pytest.param(
            consent(provision={"type": "deny", "securityLabel": [{"code": "GDIS"}]}),
            Consent("genomics", False),
            id="genetic data denied",
        ),
        pytest.param(
            consent(policyRule={"coding": [{"code": "OPTOUT"}]}),
            Consent("treatment", False),
            id="by the policy alone",
        ),
    ],
)
def test_a_consent_of_the_whole_is_read(given: Json, expected: Consent) -> None:
    assert only(fhir(given)).body == expected


def test_a_consent_that_ended_is_withdrawn() -> None:
    ended = only(fhir(consent(status="inactive", provision={"type": "deny"})))

    assert ended.status is Status.WITHDRAWN


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(consent(), id="neither rule nor policy"),
        pytest.param(consent("adr", provision={"type": "deny"}), id="an advance directive"),
        pytest.param(consent(provision={"type": "deny", "actor": [{}]}), id="for one person"),
        pytest.param(
            consent(provision={"type": "permit", "provision": [{"type": "deny"}]}),
            id="an exception",
        ),
        pytest.param(
            consent(provision={"type": "deny", "period": {"end": "2027-01-01"}}), id="for a time"
        ),
        pytest.param(
            consent(provision={"type": "deny", "securityLabel": [{"code": "HIV"}]}),
            id="other sensitive data",
        ),
    ],
)
def test_a_consent_with_conditions_is_counted_and_not_half_read(given: Json) -> None:
    translation = translate(fhir(given), RULES)

    assert translation.messages == ()
    assert translation.unused == {"Consent with conditions": 1}
