"""What FHIR R4 itself demands of the resources that a report is made of.

Written from the specification (HL7 FHIR 4.0.1, CC0): names, cardinalities, types and codes of these
resources and data types, and the invariants ele-1, ext-1, obs-6, obs-7 and bdl-7. The examples of
the specification itself, which `test_structure` goes through, hold the table to it.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

Fault = str

ANY = (
    "base64Binary|boolean|canonical|code|date|dateTime|decimal|id|instant|integer|markdown|oid"
    "|positiveInt|string|time|unsignedInt|uri|url|uuid|Address|Age|Annotation|Attachment"
    "|CodeableConcept|Coding|ContactPoint|Count|Distance|Duration|HumanName|Identifier|Money"
    "|Period|Quantity|Range|Ratio|Reference|SampledData|Signature|Timing|RelatedArtifact|Expression"
    "|Dosage|Meta|ContactDetail|UsageContext|DataRequirement|ParameterDefinition"
    "|TriggerDefinition|Contributor"
)
ELEMENT = "id 0..1 string; extension 0..* Extension"
BACKBONE = f"{ELEMENT}; modifierExtension 0..* Extension"
RESOURCE = "id 0..1 id; meta 0..1 Meta; implicitRules 0..1 uri; language 0..1 code"
DOMAIN = (
    f"{RESOURCE}; text 0..1 Narrative; contained 0..* Resource; extension 0..* Extension; "
    "modifierExtension 0..* Extension"
)
TYPES = {
    "Meta": f"{ELEMENT}; versionId 0..1 id; lastUpdated 0..1 instant; source 0..1 uri; "
    "profile 0..* canonical; security 0..* Coding; tag 0..* Coding",
    "Narrative": f"{ELEMENT}; status 1..1 code{{generated,extensions,additional,empty}}; "
    "div 1..1 xhtml",
    "Extension": f"{ELEMENT}; url 1..1 uri; value[x] 0..1 {ANY}",
    "Coding": f"{ELEMENT}; system 0..1 uri; version 0..1 string; code 0..1 code; "
    "display 0..1 string; userSelected 0..1 boolean",
    "CodeableConcept": f"{ELEMENT}; coding 0..* Coding; text 0..1 string",
    "Identifier": f"{ELEMENT}; use 0..1 code{{usual,official,temp,secondary,old}}; "
    "type 0..1 CodeableConcept; system 0..1 uri; value 0..1 string; period 0..1 Period; "
    "assigner 0..1 Reference",
    "Reference": f"{ELEMENT}; reference 0..1 string; type 0..1 uri; identifier 0..1 Identifier; "
    "display 0..1 string",
    "Annotation": f"{ELEMENT}; author[x] 0..1 Reference|string; time 0..1 dateTime; "
    "text 1..1 markdown",
    "RelatedArtifact": f"{ELEMENT}; type 1..1 code{{documentation,justification,citation,"
    "predecessor,successor,derived-from,depends-on,composed-of}; label 0..1 string; "
    "display 0..1 string; citation 0..1 markdown; url 0..1 url; document 0..1 Attachment; "
    "resource 0..1 canonical",
    "Attachment": f"{ELEMENT}; contentType 0..1 code; language 0..1 code; data 0..1 base64Binary; "
    "url 0..1 url; size 0..1 unsignedInt; hash 0..1 base64Binary; title 0..1 string; "
    "creation 0..1 dateTime",
    "Quantity": f"{ELEMENT}; value 0..1 decimal; comparator 0..1 code{{<,<=,>=,>}}; "
    "unit 0..1 string; system 0..1 uri; code 0..1 code",
    "Period": f"{ELEMENT}; start 0..1 dateTime; end 0..1 dateTime",
    "Range": f"{ELEMENT}; low 0..1 Quantity; high 0..1 Quantity",
    "Ratio": f"{ELEMENT}; numerator 0..1 Quantity; denominator 0..1 Quantity",
    "SampledData": f"{ELEMENT}; origin 1..1 Quantity; period 1..1 decimal; factor 0..1 decimal; "
    "lowerLimit 0..1 decimal; upperLimit 0..1 decimal; dimensions 1..1 positiveInt; "
    "data 0..1 string",
    "Timing": f"{BACKBONE}; event 0..* dateTime; repeat 0..1 *; code 0..1 CodeableConcept",
    "HumanName": f"{ELEMENT}; use 0..1 code{{usual,official,temp,nickname,anonymous,old,maiden}}; "
    "text 0..1 string; family 0..1 string; given 0..* string; prefix 0..* string; "
    "suffix 0..* string; period 0..1 Period",
    "ContactPoint": f"{ELEMENT}; system 0..1 code{{phone,fax,email,pager,url,sms,other}}; "
    "value 0..1 string; use 0..1 code{home,work,temp,old,mobile}; rank 0..1 positiveInt; "
    "period 0..1 Period",
    "Address": f"{ELEMENT}; use 0..1 code{{home,work,temp,old,billing}}; "
    "type 0..1 code{postal,physical,both}; text 0..1 string; line 0..* string; city 0..1 string; "
    "district 0..1 string; state 0..1 string; postalCode 0..1 string; country 0..1 string; "
    "period 0..1 Period",
    "Bundle": f"{RESOURCE}; identifier 0..1 Identifier; type 1..1 code{{document,message,"
    "transaction,transaction-response,batch,batch-response,history,searchset,collection}; "
    "timestamp 0..1 instant; total 0..1 unsignedInt; link 0..* Bundle.link; "
    "entry 0..* Bundle.entry; signature 0..1 *",
    "Bundle.link": f"{BACKBONE}; relation 1..1 string; url 1..1 uri",
    "Bundle.entry": f"{BACKBONE}; link 0..* Bundle.link; fullUrl 0..1 uri; resource 0..1 Resource; "
    "search 0..1 *; request 0..1 *; response 0..1 *",
    "Patient": f"{DOMAIN}; identifier 0..* Identifier; active 0..1 boolean; name 0..* HumanName; "
    "telecom 0..* ContactPoint; gender 0..1 code{male,female,other,unknown}; birthDate 0..1 date; "
    "deceased[x] 0..1 boolean|dateTime; address 0..* Address; maritalStatus 0..1 CodeableConcept; "
    "multipleBirth[x] 0..1 boolean|integer; photo 0..* Attachment; contact 0..* Patient.contact; "
    "communication 0..* Patient.communication; generalPractitioner 0..* Reference; "
    "managingOrganization 0..1 Reference; link 0..* Patient.link",
    "Patient.contact": f"{BACKBONE}; relationship 0..* CodeableConcept; name 0..1 HumanName; "
    "telecom 0..* ContactPoint; address 0..1 Address; gender 0..1 code{male,female,other,unknown}; "
    "organization 0..1 Reference; period 0..1 Period",
    "Patient.communication": f"{BACKBONE}; language 1..1 CodeableConcept; preferred 0..1 boolean",
    "Patient.link": f"{BACKBONE}; other 1..1 Reference; "
    "type 1..1 code{replaced-by,replaces,refer,seealso}",
    "DiagnosticReport": f"{DOMAIN}; identifier 0..* Identifier; basedOn 0..* Reference; "
    "status 1..1 code{registered,partial,preliminary,final,amended,corrected,appended,cancelled,"
    "entered-in-error,unknown}; category 0..* CodeableConcept; code 1..1 CodeableConcept; "
    "subject 0..1 Reference; encounter 0..1 Reference; effective[x] 0..1 dateTime|Period; "
    "issued 0..1 instant; performer 0..* Reference; resultsInterpreter 0..* Reference; "
    "specimen 0..* Reference; result 0..* Reference; imagingStudy 0..* Reference; "
    "media 0..* DiagnosticReport.media; conclusion 0..1 string; "
    "conclusionCode 0..* CodeableConcept; presentedForm 0..* Attachment",
    "DiagnosticReport.media": f"{BACKBONE}; comment 0..1 string; link 1..1 Reference",
    "Observation": f"{DOMAIN}; identifier 0..* Identifier; basedOn 0..* Reference; "
    "partOf 0..* Reference; status 1..1 code{registered,preliminary,final,amended,corrected,"
    "cancelled,entered-in-error,unknown}; category 0..* CodeableConcept; "
    "code 1..1 CodeableConcept; subject 0..1 Reference; "
    "focus 0..* Reference; encounter 0..1 Reference; "
    "effective[x] 0..1 dateTime|Period|Timing|instant; issued 0..1 instant; "
    "performer 0..* Reference; value[x] 0..1 Quantity|CodeableConcept|string|boolean|integer|Range"
    "|Ratio|SampledData|time|dateTime|Period; dataAbsentReason 0..1 CodeableConcept; "
    "interpretation 0..* CodeableConcept; note 0..* Annotation; bodySite 0..1 CodeableConcept; "
    "method 0..1 CodeableConcept; specimen 0..1 Reference; device 0..1 Reference; "
    "referenceRange 0..* Observation.referenceRange; hasMember 0..* Reference; "
    "derivedFrom 0..* Reference; component 0..* Observation.component",
    "Observation.referenceRange": f"{BACKBONE}; low 0..1 Quantity; high 0..1 Quantity; "
    "type 0..1 CodeableConcept; appliesTo 0..* CodeableConcept; age 0..1 Range; text 0..1 string",
    "Observation.component": f"{BACKBONE}; code 1..1 CodeableConcept; value[x] 0..1 Quantity"
    "|CodeableConcept|string|boolean|integer|Range|Ratio|SampledData|time|dateTime|Period; "
    "dataAbsentReason 0..1 CodeableConcept; interpretation 0..* CodeableConcept; "
    "referenceRange 0..* Observation.referenceRange",
    "Task": f"{DOMAIN}; identifier 0..* Identifier; instantiatesCanonical 0..1 canonical; "
    "instantiatesUri 0..1 uri; basedOn 0..* Reference; groupIdentifier 0..1 Identifier; "
    "partOf 0..* Reference; status 1..1 code{draft,requested,received,accepted,rejected,ready,"
    "cancelled,in-progress,on-hold,failed,completed,entered-in-error}; "
    "statusReason 0..1 CodeableConcept; businessStatus 0..1 CodeableConcept; intent 1..1 code"
    "{unknown,proposal,plan,order,original-order,reflex-order,filler-order,instance-order,option}; "
    "priority 0..1 code{routine,urgent,asap,stat}; code 0..1 CodeableConcept; "
    "description 0..1 string; focus 0..1 Reference; for 0..1 Reference; encounter 0..1 Reference; "
    "executionPeriod 0..1 Period; authoredOn 0..1 dateTime; lastModified 0..1 dateTime; "
    "requester 0..1 Reference; performerType 0..* CodeableConcept; owner 0..1 Reference; "
    "location 0..1 Reference; reasonCode 0..1 CodeableConcept; reasonReference 0..1 Reference; "
    "insurance 0..* Reference; note 0..* Annotation; relevantHistory 0..* Reference; "
    "restriction 0..1 Task.restriction; input 0..* Task.input; output 0..* Task.output",
    "Task.restriction": f"{BACKBONE}; repetitions 0..1 positiveInt; period 0..1 Period; "
    "recipient 0..* Reference",
    "Task.input": f"{BACKBONE}; type 1..1 CodeableConcept; value[x] 1..1 {ANY}",
    "Task.output": f"{BACKBONE}; type 1..1 CodeableConcept; value[x] 1..1 {ANY}",
}
# Primitive types by what JSON makes of them; a text also by the pattern that R4 gives.
NUMBERS = frozenset({"decimal", "integer", "positiveInt", "unsignedInt"})
YEAR = r"\d{4}"
DAY = rf"{YEAR}-\d\d-\d\d"
TIME = r"\d\d:\d\d:\d\d(\.\d+)?"
ZONE = r"(Z|[+-]\d\d:\d\d)"
TEXTS = {
    "base64Binary": r"[\s\S]+",
    "canonical": r"\S+",
    "code": r"[^\s]+(\s[^\s]+)*",
    "date": rf"{YEAR}(-\d\d(-\d\d)?)?",
    "dateTime": rf"{YEAR}(-\d\d(-\d\d(T{TIME}{ZONE})?)?)?",
    "id": r"[A-Za-z0-9\-.]{1,64}",
    "instant": rf"{DAY}T{TIME}{ZONE}",
    "markdown": r"[\s\S]*\S[\s\S]*",
    "oid": r"urn:oid:[0-2](\.(0|[1-9]\d*))+",
    "string": r"[\s\S]*\S[\s\S]*",
    "time": TIME,
    "uri": r"\S+",
    "url": r"\S+",
    "uuid": r"urn:uuid:[0-9a-f-]{36}",
    "xhtml": r"\s*<div[\s\S]+",
}
RESOURCES = frozenset(
    name for name, text in TYPES.items() if text.startswith(RESOURCE) and "." not in name
)


def structure_faults(resource: Mapping[str, Any], path: str = "") -> Iterator[Fault]:
    """Give what R4 refuses of a resource; of types that are not in the table, nothing."""
    kind = resource.get("resourceType")
    path = path or str(kind)
    if kind not in RESOURCES:
        if kind is None:
            yield f"{path}: no resourceType"
        return
    fields = {name: value for name, value in resource.items() if name != "resourceType"}
    yield from _faults(fields, kind, path)
    yield from _invariants(resource, path)


def _faults(value: Any, kind: str, path: str) -> Iterator[Fault]:
    if kind == "*":
        return
    if kind == "Resource":
        yield from structure_faults(value, path)
    elif kind.split("{")[0] in {*TEXTS, *NUMBERS, "boolean"}:
        yield from _primitive(value, kind, path)
    elif not isinstance(value, dict) or not value:
        yield f"{path}: is no {kind}"
    elif kind in TYPES:
        yield from _fields(value, kind, path)


def _fields(value: Mapping[str, Any], kind: str, path: str) -> Iterator[Fault]:
    known: set[str] = set()
    for line in re.split(r"; ", TYPES[kind]):
        name, cardinality, types = line.split(" ", 2)
        found = []
        for type_ in types.split("|"):
            key = _key(name, type_)
            known |= {key, f"_{key}"}
            found += [(key, type_)] if key in value or f"_{key}" in value else []
        yield from _cardinality(value, found, name, cardinality, path)
    yield from (f"{path}.{name}: is unknown" for name in value.keys() - known)
    if kind == "Extension" and (
        any(name.startswith(("value", "_value")) for name in value) == ("extension" in value)
    ):
        yield f"{path}: ext-1, a value or extensions"


def _key(name: str, type_: str) -> str:
    if not name.endswith("[x]"):
        return name
    return name.removesuffix("[x]") + type_[0].upper() + type_[1:].split("{")[0]


def _cardinality(
    value: Mapping[str, Any],
    found: list[tuple[str, str]],
    name: str,
    cardinality: str,
    path: str,
) -> Iterator[Fault]:
    least, most = cardinality.split("..")
    if len(found) < int(least):
        yield f"{path}.{name}: is missing"
    if len(found) > 1:
        yield f"{path}.{name}: is there twice"
    for key, type_ in found:
        there = value.get(key)
        if there is None:
            continue
        if most == "*" and (not isinstance(there, list) or not there):
            yield f"{path}.{key}: is no list with entries"
            continue
        if most == "1" and isinstance(there, list):
            yield f"{path}.{key}: is a list"
            continue
        for each in there if most == "*" else [there]:
            if each is not None:  # of a list of primitives, one with an extension alone
                yield from _faults(each, type_, f"{path}.{key}")


def _primitive(value: Any, kind: str, path: str) -> Iterator[Fault]:
    name, _, codes = kind.partition("{")
    if name == "boolean":
        if not isinstance(value, bool):
            yield f"{path}: is no boolean"
    elif name in NUMBERS:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or (name != "decimal" and not isinstance(value, int)):
            yield f"{path}: is no {name}"
    elif not isinstance(value, str) or not re.fullmatch(TEXTS[name], value):
        yield f"{path}: is no {name}"
    elif codes and value not in codes.rstrip("}").split(","):
        yield f"{path}: {value} is no code of it"


def _invariants(resource: Mapping[str, Any], path: str) -> Iterator[Fault]:
    if resource["resourceType"] == "Observation":
        has_value = any(name.startswith("value") for name in resource)
        if has_value and "dataAbsentReason" in resource:
            yield f"{path}: obs-6, a value or why there is none"
        codes = _codes(resource.get("code", {}))
        if has_value and any(
            codes & _codes(each.get("code", {})) for each in resource.get("component", ())
        ):
            yield f"{path}: obs-7, no value beside a component of the same code"
    if resource["resourceType"] == "Bundle":
        urls = [each.get("fullUrl") for each in resource.get("entry", ()) if "fullUrl" in each]
        versions = [
            each.get("resource", {}).get("meta", {}).get("versionId")
            for each in resource.get("entry", ())
            if "fullUrl" in each
        ]
        if len(set(zip(urls, versions, strict=True))) < len(urls):
            yield f"{path}: bdl-7, a fullUrl is there twice"


def _codes(concept: Mapping[str, Any]) -> set[tuple[str, str]]:
    return {(each.get("system", ""), each.get("code", "")) for each in concept.get("coding", ())}
