"""What a caller may ask for: the query parameters of each operation, read from text, with an error for each field."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta

from slo.errors import BadRequestError, FieldError
from slo.objectives.status import Status
from slo.objectives.targets import DEFAULT_TARGET, LatencyObjective, Milliseconds
from slo.times import TimeRange
from slo.traefik.snapshots import ClusterId, Name

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

Domain = Annotated[str, Meta(min_length=1, max_length=253)]
PathPrefix = Annotated[str, Meta(min_length=1, max_length=1024, pattern=r"^/")]
Moment = Annotated[datetime, Meta(tz=True)]
_MAX_LIMIT = 1000
_STATUS_LIST = f"^({'|'.join(STATUSES)})(,({'|'.join(STATUSES)}))*$"
_WHOLE = re.compile(r"-?[0-9]{1,18}$")
_UNKNOWN = re.compile(r"unknown field `(.*)`$")
_MISSING = re.compile(r"required field `(.*)`$")


class Parameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of any operation."""


class ClusterParameters(Parameters, frozen=True, kw_only=True):
    """Of whatever is about one cluster."""

    cluster_id: ClusterId | None = None
    """The cluster; a token that is limited to one cluster need not say it."""


class WindowParameters(ClusterParameters, frozen=True, kw_only=True):
    """A time range that ends at the watermark, or any window."""

    time_range: TimeRange = "1d"
    """The last day, 7 days or 30 days up to `to`. With `from` it is not used: the nearest one's targets hold."""
    start: Moment | None = msgspec.field(default=None, name="from")
    """Begin of a window of at most 90 days; snapped to a bound that is kept, and the answer says to which."""
    end: Moment | None = msgspec.field(default=None, name="to")
    """End of the window; the watermark if not given."""


class DomainsParameters(WindowParameters, frozen=True, kw_only=True):
    """Of the list of domains."""

    search: Annotated[str, Meta(max_length=253)] = ""
    """Only domains that have this in their name or in one of their paths, in any case."""
    status: Annotated[str, Meta(extra_json_schema={"pattern": f"^$|{_STATUS_LIST}"})] = ""
    """Only domains of this status, or with a route of it; several, separated by commas; empty for all."""
    sort: Sort = "name"
    """By what; a leading `-` reverses it. What has no value comes last, the domain `*` is the last of the names."""
    limit: Annotated[int, Meta(ge=1, le=_MAX_LIMIT)] = _MAX_LIMIT
    """Domains in one answer."""
    cursor: Annotated[str, Meta(max_length=2000)] = ""
    """`next_cursor` of the answer before. All pages are as of the same watermark."""


class RoutesParameters(ClusterParameters, frozen=True, kw_only=True):
    """Of the route map."""

    service_key: Name | None = None
    """Only routes that Traefik counts under this name: the label `service` or `router` of its metrics."""
    domain: Domain | None = None
    """Only routes of this domain."""
    limit: Annotated[int, Meta(ge=1, le=_MAX_LIMIT)] = _MAX_LIMIT
    """Mappings in one answer."""
    cursor: Annotated[str, Meta(max_length=4000)] = ""
    """`next_cursor` of the answer before."""


class RouteParameters(WindowParameters, frozen=True, kw_only=True):
    """Of what is about a domain or one of its routes."""

    path_prefix: PathPrefix | None = None
    """The route; the whole domain if not given."""


class HistoryParameters(RouteParameters, frozen=True, kw_only=True):
    """Of a history."""

    step: Literal["6h", "1d"] | None = None
    """Width of a point of 30 days: 6 hours or a day."""


class BurnRateParameters(ClusterParameters, frozen=True, kw_only=True):
    """Of burn rates."""

    time_range: TimeRange = "30d"
    """Whose target the burn rates are of."""


class StatusHistoryParameters(ClusterParameters, frozen=True, kw_only=True):
    """Of the status history."""

    domain: Domain | None = None
    """Only this domain and its routes."""
    path_prefix: PathPrefix | None = None
    """Only this route of the domain."""
    time_range: TimeRange | None = None
    """Only changes of the status over this time range."""
    start: Moment | None = msgspec.field(default=None, name="from")
    """Only changes after this time; at most 180 days are kept."""
    end: Moment | None = msgspec.field(default=None, name="to")
    """Only changes up to this time."""
    limit: Annotated[int, Meta(ge=1, le=_MAX_LIMIT)] = 100
    """Changes in one answer, the latest first."""
    cursor: Annotated[str, Meta(max_length=2000)] = ""
    """`next_cursor` of the answer before."""


class TargetParameters(ClusterParameters, frozen=True, kw_only=True):
    """Which target."""

    domain: Domain | None = None
    """The domain; the whole cluster if not given."""
    path_prefix: PathPrefix | None = None
    """The route of the domain; all of it if not given."""
    time_range: TimeRange = "1d"
    """The time range that the target is for."""


class TargetBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is promised."""

    availability: Annotated[float, Meta(ge=0.5, le=0.99999)]
    """Ratio of requests that do not fail with a 5xx: 0.999 for 99.9 %."""
    p95_latency: Milliseconds
    """Milliseconds."""
    latency_objective: LatencyObjective | None = None
    """A share of requests under a threshold, such as 99 % under 300 ms."""
    minimum_requests: Annotated[int, Meta(ge=0, le=1_000_000)] = DEFAULT_TARGET.minimum_requests
    """Fewer requests than this in a burn-rate window alert nobody."""


def read_parameters[T: Parameters](kind: type[T], query: Mapping[str, str]) -> T:
    """The parameters in a query string. Raises BadRequestError naming the field."""
    try:
        return msgspec.convert(_with_numbers(query, kind), kind)
    except msgspec.ValidationError as error:
        raise BadRequestError("A parameter is not valid.", errors=[_field_error(error, kind)]) from error


def read_body[T: msgspec.Struct](kind: type[T], body: bytes) -> T:
    """A JSON body, in which 100.0 is as whole a number as 100. Raises BadRequestError naming the field."""
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
    """An error of one parameter."""
    return BadRequestError("A parameter is not valid.", errors=[FieldError(name, message)])


def statuses(text: str) -> frozenset[Status]:
    """The statuses in a list with commas; none for all. Raises BadRequestError."""
    named = [part.strip() for part in text.split(",") if part.strip()]
    found = frozenset(status for status in STATUSES if status in named)
    if len(found) < len(set(named)):
        raise invalid("status", f"Expected some of {', '.join(STATUSES)}, separated by commas.")
    return found


def _with_numbers(query: Mapping[str, str], kind: type[Parameters]) -> dict[str, str | int]:
    """Whole numbers as such: letting msgspec guess would make a date of any number, and nothing of "null"."""
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
    """The values of a field that is one of a few."""
    attributes = {item.encode_name: item.name for item in msgspec.structs.fields(kind)}
    hint: Any = get_type_hints(kind).get(attributes.get(name, ""))
    options = (option for option in (hint, *get_args(hint)) if get_origin(option) is Literal)
    return tuple(str(value) for option in options for value in get_args(option))
