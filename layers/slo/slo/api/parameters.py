"""Parses and validates query parameters and JSON bodies. An error names the field."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta

from slo.errors import BadRequestError, FieldError
from slo.incidents.incident import KINDS, IncidentStatus
from slo.objectives.burn_rates import Severity
from slo.objectives.exclusions import Reason
from slo.objectives.objective import Owner
from slo.objectives.periods import TimeZone
from slo.objectives.status import Status
from slo.objectives.targets import PRESET, LatencyObjective, Level, Milliseconds
from slo.times import TimeRange
from slo.traefik.snapshots import CLUSTER_ID_PATTERN, ChannelOfObjective, ClusterId, Name

Sort = Literal[
    "name",
    "status",
    "availability",
    "p95_latency",
    "error_rate",
    "requests_per_sec",
    "error_budget_remaining",
    "-name",
    "-status",
    "-availability",
    "-p95_latency",
    "-error_rate",
    "-requests_per_sec",
    "-error_budget_remaining",
]
STATUSES: tuple[Status, ...] = get_args(Status)
INCIDENT_STATUSES: tuple[IncidentStatus, ...] = get_args(IncidentStatus)
SEVERITIES: tuple[Severity, ...] = get_args(Severity)

Domain = Annotated[str, Meta(min_length=1, max_length=253, pattern=r"[^.\s]")]
PathPrefix = Annotated[str, Meta(min_length=1, max_length=1024, pattern=r"^[/{]")]
"""Begins with a slash, or with a brace for the pattern of a PathRegexp."""
Moment = Annotated[datetime, Meta(tz=True)]
_MAX_LIMIT = 1000


def _list_of(choices: tuple[str, ...]) -> Meta:
    """Some of these, separated by commas. The pattern is for readers of the document: `chosen` has the better error."""
    one = f"({'|'.join(choices)})"
    return Meta(extra_json_schema={"pattern": f"^$|^{one}(,{one})*$"})


_WHOLE = re.compile(r"-?[0-9]{1,18}$")
_UNKNOWN = re.compile(r"unknown field `(.*)`$")
_MISSING = re.compile(r"required field `(.*)`$")


class Parameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all query parameters."""


class ClusterParameters(Parameters, frozen=True, kw_only=True):
    """Parameters of an operation on one cluster."""

    cluster_id: ClusterId | None = None
    """The cluster; optional if the token is limited to one cluster."""


class OneOrAllClusters(ClusterParameters, frozen=True, kw_only=True):
    """Parameters of an operation on what is set for one cluster, or for all of them."""

    cluster_id: Annotated[str, Meta(pattern=rf"^\*$|{CLUSTER_ID_PATTERN}")] | None = None
    """The cluster, optional if the token is limited to one cluster; or `*` for what is set for all clusters."""


class WindowParameters(ClusterParameters, frozen=True, kw_only=True):
    """A time range that ends at the watermark, or an arbitrary window."""

    time_range: TimeRange = "1d"
    """The last day, 7 days or 30 days up to `to`. Ignored with `from`."""
    start: Moment | None = msgspec.field(default=None, name="from")
    """Start of a window of at most 90 days. It is snapped to a stored bound, which the answer returns."""
    end: Moment | None = msgspec.field(default=None, name="to")
    """End of the window; by default the watermark."""


class DomainsParameters(WindowParameters, frozen=True, kw_only=True):
    """Parameters of the list of domains."""

    search: Annotated[str, Meta(max_length=253)] = ""
    """Only domains whose name or one of whose paths contains this text, ignoring case."""
    status: Annotated[str, _list_of(STATUSES)] = ""
    """Only domains whose own status is one of these, as in `overview`. Separate several by commas; empty for all."""
    sort: Sort = "name"
    """Sort key; a leading `-` reverses the order. Domains without a value come last. `*` sorts after other names."""
    limit: Annotated[int, Meta(ge=1, le=_MAX_LIMIT)] = _MAX_LIMIT
    """Maximum number of domains in one answer."""
    cursor: Annotated[str, Meta(max_length=2000)] = ""
    """`next_cursor` of the previous answer. All pages show the same watermark."""


class RoutesParameters(ClusterParameters, frozen=True, kw_only=True):
    """Parameters of the route map."""

    service_key: Name | None = None
    """Only routes that Traefik counts under this `service` or `router` label."""
    domain: Domain | None = None
    """Only routes of this domain."""
    limit: Annotated[int, Meta(ge=1, le=_MAX_LIMIT)] = _MAX_LIMIT
    """Maximum number of mappings in one answer."""
    cursor: Annotated[str, Meta(max_length=4000)] = ""
    """`next_cursor` of the previous answer."""


class RouteParameters(WindowParameters, frozen=True, kw_only=True):
    """Parameters of an operation on a domain or one of its routes."""

    path_prefix: PathPrefix | None = None
    """The route; by default the whole domain."""


class BudgetParameters(ClusterParameters, frozen=True, kw_only=True):
    """Parameters of the budget of a domain or one of its routes."""

    path_prefix: PathPrefix | None = None
    """The route; by default the whole domain."""


class StatementParameters(ClusterParameters, frozen=True, kw_only=True):
    """Parameters of the statement of a month."""

    month: Annotated[str, Meta(pattern=r"^2[0-9]{3}-(0[1-9]|1[0-2])$")]
    """The calendar month, such as `2026-10`: in the time zone of each calendar objective, in UTC for the others."""
    domain: Domain | None = None
    """Only objectives of this domain, of its routes, and the cluster's for it."""
    verify: Literal["true", "false"] = "false"
    """`true`: count requests and errors again, by the ledgers at the ends of the month, and say whether they agree."""
    limit: Annotated[int, Meta(ge=1, le=200)] = 50
    """Maximum number of lines in one answer."""
    cursor: Annotated[str, Meta(max_length=4000)] = ""
    """`next_cursor` of the previous answer."""


class ExclusionBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A time that is not to count for objectives."""

    start: Moment = msgspec.field(name="from")
    """When it begins, or when a recurring one first does."""
    end: Moment = msgspec.field(name="to")
    reason: Reason
    """Why, for everyone who reads the figures."""
    rule: Annotated[str, Meta(max_length=300)] = ""
    """An RFC 5545 recurrence rule, such as `FREQ=WEEKLY;BYDAY=SU`; empty if it happens once."""
    time_zone: TimeZone = "UTC"
    """Where a recurring one begins at the same time of day: an IANA name."""


class HistoryParameters(RouteParameters, frozen=True, kw_only=True):
    """Parameters of a history."""

    step: Literal["6h", "1d"] | None = None
    """Minimum width of a point in windows longer than 7 days: 6 hours or a day."""


class StatusHistoryParameters(ClusterParameters, frozen=True, kw_only=True):
    """Parameters of the status history."""

    domain: Domain | None = None
    """Only this domain and its routes."""
    path_prefix: PathPrefix | None = None
    """Only this route of the domain."""
    time_range: TimeRange | None = None
    """Only changes of the status for this time range."""
    start: Moment | None = msgspec.field(default=None, name="from")
    """Only changes after this time; changes are kept for 180 days."""
    end: Moment | None = msgspec.field(default=None, name="to")
    """Only changes up to this time."""
    limit: Annotated[int, Meta(ge=1, le=_MAX_LIMIT)] = 100
    """Maximum number of changes in one answer, newest first."""
    cursor: Annotated[str, Meta(max_length=2000)] = ""
    """`next_cursor` of the previous answer."""


class IncidentsParameters(ClusterParameters, frozen=True, kw_only=True):
    """Parameters of the list of incidents."""

    status: Annotated[str, _list_of(INCIDENT_STATUSES)] = ""
    """Only incidents with one of these statuses. Separate several by commas; empty for all."""
    kind: Annotated[str, _list_of(KINDS)] = ""
    """Only incidents of one of these kinds. Separate several by commas; empty for all."""
    severity: Annotated[str, _list_of(SEVERITIES)] = ""
    """Only incidents whose highest severity is one of these; empty for all."""
    domain: Domain | None = None
    """Only incidents of this domain, and of certificates that serve it."""
    start: Moment | None = msgspec.field(default=None, name="from")
    """Only incidents that went on after this time; they are kept for 400 days after they are resolved."""
    end: Moment | None = msgspec.field(default=None, name="to")
    """Only incidents that began up to this time."""
    limit: Annotated[int, Meta(ge=1, le=200)] = 50
    """Maximum number of incidents in one answer."""
    cursor: Annotated[str, Meta(max_length=2000)] = ""
    """`next_cursor` of the previous answer."""


class ObjectiveParameters(OneOrAllClusters, frozen=True, kw_only=True):
    """What an objective is for."""

    domain: Domain | None = None
    """The domain; by default the whole cluster, or all clusters."""
    path_prefix: PathPrefix | None = None
    """The route of the domain; by default the whole domain."""


class ObjectiveChangesParameters(OneOrAllClusters, frozen=True, kw_only=True):
    """Parameters of the history of objectives."""

    domain: Domain | None = None
    """Only what concerns this domain: its own objectives, its routes', the cluster's and those of all clusters."""
    path_prefix: PathPrefix | None = None
    """Only what concerns this route of the domain."""
    start: Moment | None = msgspec.field(default=None, name="from")
    """Only changes at or after this time."""
    end: Moment | None = msgspec.field(default=None, name="to")
    """Only changes up to this time."""
    level: Level | None = None
    """Only what is set at this level: for all clusters, for the cluster, for a domain or for a route."""
    limit: Annotated[int, Meta(ge=1, le=_MAX_LIMIT)] = 100
    """Maximum number of changes in one answer, newest first."""
    cursor: Annotated[str, Meta(max_length=2000)] = ""
    """`next_cursor` of the previous answer."""


class ObjectiveBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an objective promises."""

    availability: Annotated[float, Meta(ge=0.5, le=0.99999)]
    """Ratio of requests without a 5xx: 0.999 for 99.9 %."""
    period: Literal["7d", "28d", "30d", "week", "month", "quarter"] = "30d"
    """The time that the error budget is for: the last 7, 28 or 30 days, or the calendar's week, month or quarter."""
    time_zone: TimeZone = "UTC"
    """Where a calendar period begins at midnight: an IANA name, such as Europe/Berlin."""
    p95_latency: Milliseconds | None = None
    """Highest P95 latency, in milliseconds; null promises nothing about it."""
    latency_objective: LatencyObjective | None = None
    """A share of requests under a threshold, such as 99 % under 300 ms."""
    minimum_requests: Annotated[int, Meta(ge=0, le=1_000_000)] = PRESET.minimum_requests
    """A burn-rate window with fewer requests than this raises no alert."""
    owner: Owner = ""
    """Whom to ask about it."""
    channel: ChannelOfObjective = ""
    """The channel that its incidents are told to. Empty lets the rules of the notifications choose."""
    is_followed: bool = False
    """Whether list, status and alerts follow this one of the subject's objectives; by default the longest period."""
    origin: Literal["page", "file"] = "page"
    """`file`: the objective is kept in a file, and a change on the page lasts until the file is applied again."""


def read_parameters[T: Parameters](kind: type[T], query: Mapping[str, str]) -> T:
    """Parse a query string. Raises BadRequestError, which names the field."""
    try:
        return msgspec.convert(_with_numbers(query, kind), kind)
    except msgspec.ValidationError as error:
        raise BadRequestError("A parameter is not valid.", errors=[_field_error(error, kind)]) from error


def read_body[T: msgspec.Struct](kind: type[T], body: bytes) -> T:
    """Parse a JSON body; 100.0 counts as an integer. Raises BadRequestError, which names the field."""
    try:
        return msgspec.convert(_json.decode(body), kind)
    except msgspec.ValidationError as error:
        raise BadRequestError("The body is not valid.", errors=[_field_error(error, kind)]) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequestError(f"The body is not JSON: {error}.") from error


def _number(text: str) -> float | int:
    value = float(text)
    return int(value) if value.is_integer() else value


_json = msgspec.json.Decoder(float_hook=_number)


def invalid(name: str, message: str) -> BadRequestError:
    """The error for one invalid parameter."""
    return BadRequestError("A parameter is not valid.", errors=[FieldError(name, message)])


def statuses(text: str) -> frozenset[Status]:
    """Parse a comma-separated list of statuses; empty means all. Raises BadRequestError."""
    return chosen("status", text, STATUSES)


def chosen[T: str](name: str, text: str, choices: tuple[T, ...]) -> frozenset[T]:
    """Parse a comma-separated list of some choices; empty means all. Raises BadRequestError."""
    named = [part.strip() for part in text.split(",") if part.strip()]
    found = frozenset(choice for choice in choices if choice in named)
    if len(found) < len(set(named)):
        raise invalid(name, f"Expected some of {', '.join(choices)}, separated by commas.")
    return found


def _with_numbers(query: Mapping[str, str], kind: type[Parameters]) -> dict[str, str | int]:
    """Convert integer fields here: msgspec's `strict=False` would read any number as a date, and "null" as None."""
    hints = get_type_hints(kind)
    numbers = {item.encode_name for item in msgspec.structs.fields(kind) if hints[item.name] is int}
    return {name: int(text) if name in numbers and _WHOLE.match(text) else text for name, text in query.items()}


def _field_error(error: msgspec.ValidationError, kind: type[msgspec.Struct]) -> FieldError:
    message, _, path = str(error).partition(" - at ")
    name = path.strip("`").removeprefix("$").removeprefix(".")
    for pattern in (_UNKNOWN, _MISSING):
        if found := pattern.search(message):
            name = f"{name}.{found[1]}" if name else found[1]
    if choices := _choices(kind, name):
        message = f"{message}; expected one of {', '.join(choices)}"
    elif name == "availability":
        message = f"{message}; it is a ratio, such as 0.999 for 99.9 %"
    return FieldError(name or "(body)", message)


def _choices(kind: type[msgspec.Struct], name: str) -> tuple[str, ...]:
    """The allowed values of a field that is a Literal."""
    attributes = {item.encode_name: item.name for item in msgspec.structs.fields(kind)}
    hint: Any = get_type_hints(kind).get(attributes.get(name, ""))
    options = (option for option in (hint, *get_args(hint)) if get_origin(option) is Literal)
    return tuple(str(value) for option in options for value in get_args(option))
