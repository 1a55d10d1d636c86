"""Consent: what the patient permits or denies as a whole.

Only a consent without exceptions is read: one that binds its provision to persons, times, purposes
or data is counted as not used, since half of it would permit or deny what the patient did not.
"""

from epione.timeline import Consent, Status
from epione_ingestion.fhir.reading import Reading, code_in
from epione_ingestion.node import Node

# R4 consent-state-codes; drafts and proposals are none yet.
STATUSES = {
    "draft": Status.PRELIMINARY,
    "proposed": Status.PRELIMINARY,
    "active": Status.FINAL,
    "rejected": Status.WITHDRAWN,
    "inactive": Status.WITHDRAWN,
    "entered-in-error": Status.WITHDRAWN,
}

# R4 consentscope; to deny the use of one's data is to deny the plan.
SCOPES = {"treatment": "treatment", "patient-privacy": "treatment", "research": "research"}
GENETIC = "GDIS"  # HL7 v3 ActCode: genetic disease information sensitivity
PERMITTED = {"permit": True, "deny": False}
POLICIES = {"OPTIN": True, "OPTOUT": False}  # HL7 v3 ActConsentDirective
EXCEPTIONS = ("actor", "action", "purpose", "class", "code", "data", "dataPeriod", "provision")


def read_consent(reading: Reading) -> None:
    resource = reading.resource
    status = reading.one_of(STATUSES)
    provision = resource.node("provision")
    permitted = _permitted(resource, provision)
    scope = _scope(resource, provision)
    if permitted is None or scope is None or _has_exceptions(reading, provision):
        reading.skip("with conditions")
        return
    reading.add(Consent(scope, permitted), status, reading.time(resource, "dateTime"))


def _permitted(resource: Node, provision: Node | None) -> bool | None:
    """Read the rule of the whole, else the policy that it starts from (R4, Consent 6.2.6)."""
    rule = provision.text("type") if provision else ""
    return PERMITTED.get(rule) if rule else POLICIES.get(code_in(resource.node("policyRule")))


def _scope(resource: Node, provision: Node | None) -> str | None:
    labels = [label.text("code") for label in provision.nodes("securityLabel")] if provision else []
    if labels:
        return "genomics" if labels == [GENETIC] else None
    return SCOPES.get(code_in(resource.node("scope")))


def _has_exceptions(reading: Reading, provision: Node | None) -> bool:
    _, end = reading.period(provision, "period")
    return end is not None or any(name in provision for name in EXCEPTIONS if provision)
