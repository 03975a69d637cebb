"""Pushes a snapshot as gzip JSON, and retries with backoff and full jitter until the run's deadline."""

import gzip
import random
from collections.abc import Callable
from http import HTTPStatus

import msgspec
import requests

from ingress_slo_agent import __version__
from ingress_slo_agent.fitting import SEVERAL_AGENTS, excess
from ingress_slo_agent.logs import log
from ingress_slo_agent.settings import Server
from slo.traefik import snapshots
from slo.traefik.snapshots import Snapshot

_FIRST_BACKOFF_SECONDS = 0.5
_LONGEST_BACKOFF_SECONDS = 10.0
_WORTH_RETRYING = frozenset(
    {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
    | {status for status in HTTPStatus if status >= HTTPStatus.INTERNAL_SERVER_ERROR}
)

_TODO: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: "Check TOKEN: `ingress-slo tokens list` shows which tokens are valid.",
    # The HTTP API at PushUrl says only `{"message":"Forbidden"}` of a token that is unknown, revoked or expired, and a
    # REST API says the same of a stage that it does not have.
    HTTPStatus.FORBIDDEN: "Check TOKEN and CLUSTER_ID: `ingress-slo tokens list` shows which tokens are valid, and the "
    "token needs the scope ingest, for this cluster. ENDPOINT is the stack's output PushUrl.",
    HTTPStatus.NOT_FOUND: "Check ENDPOINT: it is the stack's output PushUrl.",
    HTTPStatus.CONFLICT: "Upgrade the stack, then the agent.",
    HTTPStatus.CONTENT_TOO_LARGE: SEVERAL_AGENTS,
    HTTPStatus.UNPROCESSABLE_CONTENT: f"If the stack is older than this agent ({__version__}), upgrade the stack.",
}
_OLDER_STACK = (
    f"The stack is older than its agent ({__version__}) and does not know snapshots of version {snapshots.VERSION}. "
    "What only these say is missing: upgrade the stack."
)
_UNTRUSTED = (
    "nothing was sent, because the certificate is not one that this machine trusts. If a proxy or a private authority "
    "made it, set REQUESTS_CA_BUNDLE to a file with that authority's certificate."
)


class RefusedError(Exception):
    """Raised when the server rejects the snapshot with a status that is not worth a retry, or surely would."""

    def __init__(self, reason: str, status: int) -> None:
        super().__init__(reason)
        self.todo = _TODO.get(status, "")
        """What the operator can do; empty if the reason says all."""


class _UnknownVersionError(Exception):
    """Raised when a stack that is older than the agent does not know the snapshot's version."""


class UnreachableError(Exception):
    """Raised when no attempt succeeded before the deadline."""


class Push:
    """Sends snapshots to one server."""

    def __init__(
        self, server: Server, *, clock: Callable[[], float], sleep: Callable[[float], None], session: requests.Session
    ) -> None:
        self._server = server
        self._clock = clock
        self._sleep = sleep
        self._session = session

    def send(self, snapshot: Snapshot) -> int:
        """Send until the server accepts. Returns the number of attempts. Raises RefusedError or UnreachableError."""
        deadline = self._clock() + self._server.deadline_seconds
        attempt = 0
        while True:
            attempt += 1
            try:
                problem, pause = self._attempt(snapshot)
            except _UnknownVersionError:
                log("error", _OLDER_STACK, cluster_id=snapshot.cluster_id)
                snapshot, problem, pause = _for_older_stack(snapshot), "the stack is older than the agent", 0.0
            if problem is None:
                return attempt
            pause = self._backoff(attempt) if pause is None else pause
            if self._clock() + pause >= deadline:
                raise UnreachableError(f"gave up after {attempt} attempts: {problem}")
            self._sleep(pause)

    def _attempt(self, snapshot: Snapshot) -> tuple[str | None, float | None]:
        """Returns (problem, seconds): None once accepted, else what failed and the server's Retry-After, if any."""
        text = snapshots.encode(msgspec.structs.replace(snapshot, sent_at=self._clock()))
        if reason := excess(text):
            raise RefusedError(f"not sent: {reason}", HTTPStatus.CONTENT_TOO_LARGE)
        body = gzip.compress(text)
        try:
            answer = self._session.post(
                f"{self._server.endpoint.rstrip('/')}/api/v2/clusters/{snapshot.cluster_id}/snapshots",
                data=body,
                headers={"Authorization": f"Bearer {self._server.token}", "Content-Type": snapshots.CONTENT_TYPE},
                timeout=(self._server.connect_timeout_seconds, self._server.read_timeout_seconds),
                allow_redirects=False,
            )
        except requests.exceptions.SSLError as error:
            if "CERTIFICATE_VERIFY_FAILED" not in str(error):
                return f"{type(error).__name__} at {self._server.endpoint}", None
            raise UnreachableError(f"{_UNTRUSTED} {self._server.endpoint}: {error}") from error
        except requests.RequestException as error:
            return f"{type(error).__name__} at {self._server.endpoint}", None
        if answer.ok and not answer.is_redirect:
            return None, None
        reason = f"{answer.status_code}: {_detail(answer)}".replace(self._server.token, "(the token)")
        if answer.status_code not in _WORTH_RETRYING:
            if snapshot.version > 1 and _refuses_version(answer):
                raise _UnknownVersionError
            raise RefusedError(reason, answer.status_code)
        return reason, _retry_after(answer)

    @staticmethod
    def _backoff(attempt: int) -> float:
        """Full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/."""
        return random.uniform(0, min(_LONGEST_BACKOFF_SECONDS, _FIRST_BACKOFF_SECONDS * 2**attempt))


def _for_older_stack(snapshot: Snapshot) -> Snapshot:
    """The snapshot in the version before, with a warning that operators see wherever they look at the cluster."""
    warnings = (_OLDER_STACK, *snapshot.warnings)[: snapshots.MAX_WARNINGS]
    return msgspec.structs.replace(snapshots.as_version_1(snapshot), warnings=warnings)


def _refuses_version(answer: requests.Response) -> bool:
    """Whether the field `version` is what the stack does not accept."""
    try:
        return any(error["field"] == "version" for error in answer.json().get("errors", ()))
    except (ValueError, AttributeError, TypeError, KeyError):
        return False


def _retry_after(answer: requests.Response) -> float | None:
    text = answer.headers.get("Retry-After", "")
    return float(text) if text.isdecimal() else None


def _detail(answer: requests.Response) -> str:
    """The `detail` of the problem document (RFC 9457) and its errors by field."""
    try:
        body = answer.json()
        fields = "; ".join(f"{error['field']}: {error['message']}" for error in body.get("errors", ()))
        return " ".join(part for part in (body.get("detail") or body.get("message") or "", fields) if part)
    except (ValueError, AttributeError, TypeError, KeyError):
        return answer.text[:300]
