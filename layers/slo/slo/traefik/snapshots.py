"""The wire contract: the snapshot that an agent pushes once a minute and ingest accepts.

A snapshot is one gzip JSON document with the routes that the cluster declares and the cumulative values of every
Traefik process that was scraped. It contains only what was seen; rollup computes the increases.

Times are Unix seconds, durations are seconds. Field names are the JSON keys.
"""

import re
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from slo.errors import FieldError

CONTENT_TYPE = "application/gzip"
"""Sent without `Content-Encoding`, because API Gateway would then decompress the body itself."""

VERSION: Literal[2] = 2
"""Version 2 adds kinds of routes, routes that are not counted, entry points, gRPC codes and witnesses of a process."""
MAX_BODY_BYTES = 4 * 1024 * 1024
"""Largest compressed body: Lambda's invocation payload is limited to 6 MB, and base64 adds a third."""
MAX_JSON_BYTES = 32 * 1024 * 1024
"""Largest body after decompression. Decompression stops at this size, and the body is rejected."""
MAX_JSON_VALUES = 3_000_000
"""Most values in a body. A value that takes 2 bytes in JSON takes up to 60 bytes in Python."""
MAX_ROUTES = 10_000
MAX_ROWS = 2 * MAX_ROUTES
"""Of one process: a router that listens on two entry points has a series for each."""
MAX_PROCESSES = 100
MAX_WARNINGS = 32
MAX_PATH = 1024
MAX_SERVICE_KEYS = 64
MAX_ROUTER_KEYS = 16
MAX_CERTIFICATES = 200
MAX_PROMISES = 1_000
MAX_ALTERNATIVE_NAMES = 32
CERTIFICATE_DAYS = 30
"""Certificates are told of this many days before they expire, and as long afterwards."""

GRPC = "grpc:"
"""Before a gRPC status, to tell it from an HTTP status."""
CODE_PATTERN = r"^(?:[0-9]{1,3}|grpc:[0-9]{1,2})$(?!\n)"
CLUSTER_ID_PATTERN = r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"

ClusterId = Annotated[str, Meta(pattern=CLUSTER_ID_PATTERN)]
_CHANNEL_NAME = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
CHANNEL_NAME_PATTERN = rf"^{_CHANNEL_NAME}$(?!\n)"
ChannelName = Annotated[str, Meta(pattern=CHANNEL_NAME_PATTERN)]
"""Name of a channel of the notifications."""
OBJECTIVE_CHANNEL_PATTERN = rf"^({_CHANNEL_NAME})?$(?!\n)"
ChannelOfObjective = Annotated[str, Meta(pattern=OBJECTIVE_CHANNEL_PATTERN)]
"""Name of the channel that an objective's incidents are told to; empty if the rules of the notifications choose."""
MAX_DOMAIN = 253
MAX_NAME = 512
Name = Annotated[str, Meta(min_length=1, max_length=MAX_NAME)]
Text = Annotated[str, Meta(max_length=1024)]
Count = Annotated[int, Meta(ge=0, le=2**53)]
"""Prometheus counters are floats, exact up to 2**53. The 64 bits of a ledger hold the sum of two thousand of them."""
Seconds = Annotated[float, Meta(ge=0, lt=1e11)]
Timestamp = Annotated[float, Meta(ge=0, lt=1e11)]
MeasuredBy = Literal["router", "service"]

NO_ROUTER_LABELS = (
    "Traefik runs without router labels: retries count twice, empty services and middlewares' answers are not seen, "
    "and paths that share a service cannot be told apart. Set --metrics.prometheus.addRoutersLabels=true."
)
"""The agent's warning if Traefik has no router series. The API repeats it while that is the case."""


_OF_A_POD = re.compile(r"Pod \S+( could not be scraped)?: ")


def unreachable_warning(pod: "UnreachablePod") -> str:
    """The agent's warning of a pod whose scrape failed."""
    return f"Pod {pod.pod} could not be scraped: {pod.error}"


def is_of_a_pod(warning: str) -> bool:
    """Whether an agent's warning names a pod that did not answer, or that it had to leave out."""
    return bool(_OF_A_POD.match(warning))


class IngressRouteInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One (domain, path_prefix) pair of one rule (a `routes[]` entry of an IngressRoute, or an Ingress path).

    A rule that serves several pairs appears once per pair, with the same keys.
    """

    name: Name
    """Name of the object that declares the rule, or of the router if no Kubernetes object does."""
    namespace: Name
    """Its namespace, or the provider if no Kubernetes object declares the rule."""
    kind: Annotated[str, Meta(pattern=r"^[A-Za-z]{1,63}$(?!\n)")] = "IngressRoute"
    """Kind of the Kubernetes object; `Router` if there is none."""
    domain: Annotated[str, Meta(min_length=1, max_length=MAX_DOMAIN)]
    """Lower case; `*` for a rule without a Host, a pattern in braces for a HostRegexp."""
    path_prefix: Annotated[str, Meta(min_length=1, max_length=MAX_PATH)] = "/"
    """A pattern in braces for a PathRegexp."""
    service_key: Name
    """The rule's `service` label in router metrics, with `@provider`."""
    service_name: Annotated[str, Meta(max_length=512)] = ""
    """The Kubernetes Service; the first one if the rule has several."""
    service_port: Annotated[int, Meta(ge=0, le=65535)] | Annotated[str, Meta(max_length=63)] = 0
    """The port's number, or its name if the rule uses the name."""
    tls: bool = False
    router_keys: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=MAX_ROUTER_KEYS)]
    """Every `router` label that Traefik may give this rule, the usual one first."""
    service_keys: Annotated[tuple[Name, ...], Meta(max_length=MAX_SERVICE_KEYS)] = ()
    """Every `service` label that counts requests of this rule in service metrics."""
    parent_keys: Annotated[tuple[Name, ...], Meta(max_length=MAX_SERVICE_KEYS)] = ()
    """Every `router` label of the rules whose requests this rule receives (`parentRefs`)."""
    not_counted: Text = ""
    """Why Traefik serves this rule but does not count its requests, and what to change. Empty if it counts them."""


class SeriesRow(msgspec.Struct, frozen=True, kw_only=True):
    """Cumulative values of one (router, service) pair, or of one service, in one Traefik process.

    `codes` sums over methods and protocols, `methods` over codes and protocols. A gRPC status is written `grpc:14`, an
    HTTP status `200`. `buckets` and `duration_seconds_sum`
    leave out the protocols `websocket` and `sse`, whose durations are connection lifetimes.
    """

    router: Annotated[str, Meta(max_length=MAX_NAME)] = ""
    """Empty if the process is measured by service."""
    service: Annotated[str, Meta(max_length=MAX_NAME)]
    codes: Annotated[dict[Annotated[str, Meta(pattern=CODE_PATTERN)], Count], Meta(max_length=128)]
    methods: Annotated[dict[Annotated[str, Meta(max_length=32)], Count], Meta(max_length=32)]
    """The same requests by method, with the same sum as `codes`."""
    buckets: Annotated[tuple[Count, ...], Meta(max_length=65)]
    """Cumulative (`le`) counts: one per bound in the process' `bounds`, then one for +Inf."""
    duration_seconds_sum: Seconds
    created: Timestamp = 0.0
    """When Traefik created the oldest series of the row, by the clock of its node; 0 if that is not known."""


class ProcessMetrics(msgspec.Struct, frozen=True, kw_only=True):
    """One complete `/metrics` exposition of one Traefik process."""

    pod: Name
    """`namespace/name` of the pod, or the URL if fixed URLs are scraped."""
    date: Timestamp
    """The `Date` header of the `/metrics` response, by the clock of the process' node."""
    process_start_time_seconds: Timestamp
    mallocs: Annotated[float, Meta(ge=0)] = 0.0
    """`go_memstats_mallocs_total`, which only grows; 0 if it is missing."""
    cpu_seconds: Seconds = 0.0
    """`process_cpu_seconds_total`, which only grows; 0 if it is missing."""
    entry_points: Annotated[tuple[Name, ...], Meta(max_length=64)] = ()
    """The entry points that the exposition names; empty if it names none or the agent sends version 1."""
    measured_by: MeasuredBy
    bounds: Annotated[tuple[Seconds, ...], Meta(max_length=64)]
    """Finite upper bounds of the latency buckets, ascending."""
    rows: Annotated[tuple[SeriesRow, ...], Meta(max_length=MAX_ROWS)]


class UnreachablePod(msgspec.Struct, frozen=True, kw_only=True):
    """A running Traefik pod whose scrape failed."""

    pod: Name
    error: Text


class IngressMetrics(msgspec.Struct, frozen=True, kw_only=True):
    """Traefik's metrics: router series if a process has them, otherwise service series; never entry points."""

    processes: Annotated[tuple[ProcessMetrics, ...], Meta(max_length=MAX_PROCESSES)] = ()
    unreachable: Annotated[tuple[UnreachablePod, ...], Meta(max_length=MAX_PROCESSES)] = ()


class Certificate(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """A certificate that Traefik serves and that expires soon: a series of its gauge `traefik_tls_certs_not_after`.

    Addresses are not in that gauge: a certificate for addresses alone has no alternative names.
    """

    not_after: Timestamp
    """When it expires."""
    common_name: Annotated[str, Meta(max_length=MAX_NAME)] = ""
    """Its common name, or `serial` and its serial number if it names nothing; empty if only the common name is."""
    alternative_names: Annotated[
        tuple[Annotated[str, Meta(max_length=MAX_DOMAIN)], ...], Meta(max_length=MAX_ALTERNATIVE_NAMES)
    ] = ()
    """The DNS names that it serves, as it spells them: the first ones in their order if there are more."""

    @property
    def names(self) -> frozenset[str]:
        """All names. A certificate with the same ones that expires later has replaced this one."""
        return frozenset(filter(None, (self.common_name, *self.alternative_names)))


class LatencyShare(msgspec.Struct, frozen=True):
    """The share of requests that must take at most `threshold`."""

    share: Annotated[float, Meta(ge=0.01, le=0.99999)]
    """Ratio."""
    threshold: Annotated[float, Meta(ge=0.1, le=600_000)]
    """Milliseconds."""


class Promise(msgspec.Struct, frozen=True, kw_only=True):
    """What an object's annotations promise for one of the places that it declares: an objective kept in Kubernetes."""

    domain: Annotated[str, Meta(min_length=1, max_length=MAX_DOMAIN)]
    path_prefix: Annotated[str, Meta(min_length=1, max_length=MAX_PATH)]
    declared_by: Name
    """The object as messages name it: `IngressRoute shop/web`."""
    availability: Annotated[float, Meta(ge=0.5, le=0.99999)]
    """Ratio."""
    latency_objective: LatencyShare | None = None
    p95_latency: Annotated[float, Meta(ge=0.1, le=600_000)] | None = None
    """Milliseconds."""
    period: Literal["7d", "28d", "30d", "week", "month", "quarter"] = "30d"
    time_zone: Annotated[str, Meta(min_length=1, max_length=64)] = "UTC"
    """As it is written: the stack checks it, because it has the data of the time zones that count."""
    owner: Annotated[str, Meta(max_length=200)] = ""
    channel: ChannelOfObjective = ""
    """As it is written: only the stack knows which channels there are. An older agent or stack does not know it."""


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """One run of the agent in one cluster."""

    version: Literal[1, 2] = VERSION
    cluster_id: ClusterId
    snapshot_id: Annotated[str, Meta(min_length=1, max_length=64)]
    agent_version: Annotated[str, Meta(max_length=64)] = ""
    taken_at: Timestamp
    """When the scrapes began, by the agent's clock."""
    sent_at: Timestamp
    """When this attempt was sent, by the agent's clock. The server computes the skew of that clock from it."""
    scope: Annotated[str, Meta(min_length=1, max_length=64)]
    """Identifies what is scraped (a hash of namespace, selector, port, path and URLs)."""
    ingress_routes: Annotated[tuple[IngressRouteInfo, ...], Meta(max_length=MAX_ROUTES)] = ()
    routes_complete: bool = True
    """False if an API group could not be listed. No route is retired then."""
    ingress_metrics: IngressMetrics
    warnings: Annotated[tuple[Text, ...], Meta(max_length=MAX_WARNINGS)] = ()
    """What an operator should fix, in sentences."""
    certificates: Annotated[tuple[Certificate, ...], Meta(max_length=MAX_CERTIFICATES)] = ()
    """Those that expire soon, the soonest first. An agent or a stack that is older does not know this field."""
    promises: Annotated[tuple[Promise, ...], Meta(max_length=MAX_PROMISES)] | None = None
    """What annotations promise, one for each place. Null if the agent sees no objects, or is older. An older stack does
    not know this field."""


def mistakes(process: ProcessMetrics) -> list[FieldError]:
    """Errors in a process' bounds and rows that the types do not catch. `field` is relative to the process."""
    return [
        *([FieldError("bounds", "Bounds must ascend.")] if not _ascend(process.bounds, strictly=True) else []),
        *(
            FieldError(f"rows[{index}].{field}", message)
            for index, row in enumerate(process.rows)
            for field, message in _row_mistakes(row, process)
        ),
        *([FieldError("rows", "Two rows have the same router and service; add them up.")] if _repeats(process) else []),
    ]


def _row_mistakes(row: SeriesRow, process: ProcessMetrics) -> list[tuple[str, str]]:
    found = []
    expected = len(process.bounds) + 1
    if len(row.buckets) != expected or not _ascend(row.buckets, strictly=False):
        found.append(("buckets", f"Expected {expected} cumulative counts that never decrease."))
    if sum(row.methods.values()) != sum(row.codes.values()):
        found.append(("methods", "Expected counts that add up to those of `codes`."))
    if bool(row.router) != (process.measured_by == "router") or not (row.router or row.service):
        found.append(("router", "Expected a router if measured_by is `router`, otherwise none."))
    return found


def _ascend(values: tuple[float, ...] | tuple[int, ...], *, strictly: bool) -> bool:
    return sorted(values) == list(values) and not (strictly and len(set(values)) < len(values))


def _repeats(process: ProcessMetrics) -> bool:
    return len({(row.router, row.service) for row in process.rows}) < len(process.rows)


def as_version_1(snapshot: Snapshot) -> Snapshot:
    """The snapshot for a stack that knows only version 1: with the kinds and status codes that it accepts.

    Such a stack ignores the other new fields, and reads a gRPC status as a plain code.
    """
    metrics = snapshot.ingress_metrics
    return msgspec.structs.replace(
        snapshot,
        version=1,
        ingress_routes=tuple(map(_route_as_version_1, snapshot.ingress_routes)),
        ingress_metrics=msgspec.structs.replace(
            metrics, processes=tuple(map(_process_as_version_1, metrics.processes))
        ),
    )


def _route_as_version_1(info: IngressRouteInfo) -> IngressRouteInfo:
    known = info.kind in ("IngressRoute", "Ingress")
    return info if known else msgspec.structs.replace(info, kind="Ingress")


def _process_as_version_1(process: ProcessMetrics) -> ProcessMetrics:
    return msgspec.structs.replace(process, rows=tuple(map(_row_as_version_1, process.rows)))


def _row_as_version_1(row: SeriesRow) -> SeriesRow:
    codes: dict[str, int] = {}
    for code, count in row.codes.items():
        plain = code.removeprefix(GRPC)
        codes[plain] = codes.get(plain, 0) + count
    return msgspec.structs.replace(row, codes=codes)


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Snapshot)


def encode(snapshot: Snapshot) -> bytes:
    """The snapshot as uncompressed JSON."""
    return _encoder.encode(snapshot)


def decode(body: bytes) -> Snapshot:
    """Parse JSON. Raises `msgspec.ValidationError` (names the field) or `msgspec.DecodeError` (not JSON)."""
    return _decoder.decode(body)
