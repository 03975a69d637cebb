"""What OpenSLO v1 asks of the documents that are written, as a JSON schema of our own.

It restates, for the kinds SLO and Service, the specification (https://github.com/OpenSLO/OpenSLO, README.md) and the
JSON schemas that the project had in `schemas/v1` until September 2024 (Apache-2.0). Here unknown fields
are refused, which OpenSLO's own schemas let pass.
"""

from typing import Any

Schema = dict[str, Any]
NAME: Schema = {"type": "string", "maxLength": 63, "pattern": r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"}


def fields(required: Schema, optional: Schema | None = None) -> Schema:
    properties = {**required, **(optional or {})}
    return {"type": "object", "required": [*required], "properties": properties, "additionalProperties": False}


ANNOTATIONS: Schema = {
    "type": "object",
    "propertyNames": {"pattern": r"^ingress-slo\.io/[a-zA-Z0-9][-a-zA-Z0-9_.]{0,62}$"},
    "additionalProperties": {"type": "string"},
}
METADATA = fields({"name": NAME}, {"displayName": {"type": "string", "minLength": 1}, "annotations": ANNOTATIONS})
METRIC = fields({"metricSource": fields({"type": {"type": "string"}, "spec": {"type": "object"}})})
INDICATOR = fields(
    {
        "metadata": METADATA,
        "spec": fields({"ratioMetric": fields({"counter": {"type": "boolean"}, "good": METRIC, "total": METRIC})}),
    }
)
CALENDAR = fields(
    {
        "startTime": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$"},
        "timeZone": {"type": "string", "pattern": r"[A-Z][a-zA-Z_]+/[A-Z][a-zA-Z_]+"},
    }
)
DURATION: Schema = {"type": "string", "pattern": r"^[1-9]\d*[mhdwMQY]$"}
WINDOW: Schema = {
    "oneOf": [
        fields({"duration": DURATION, "isRolling": {"const": True}}),
        fields({"duration": DURATION, "isRolling": {"const": False}, "calendar": CALENDAR}),
    ]
}
OBJECTIVE = fields({"target": {"type": "number", "minimum": 0, "exclusiveMaximum": 1}})
SLO = fields(
    {
        "service": NAME,
        "indicator": INDICATOR,
        "timeWindow": {"type": "array", "minItems": 1, "maxItems": 1, "items": WINDOW},
        "budgetingMethod": {"const": "Occurrences"},
        "objectives": {"type": "array", "minItems": 1, "items": OBJECTIVE},
    }
)


def document(kind: str, spec: Schema) -> Schema:
    return fields({"apiVersion": {"const": "openslo/v1"}, "kind": {"const": kind}, "metadata": METADATA, "spec": spec})


SCHEMA: Schema = {"oneOf": [document("SLO", SLO), document("Service", fields({}))]}
