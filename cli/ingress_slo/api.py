"""A client of the deployed API."""

from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import requests
from urllib3.exceptions import NameResolutionError, NewConnectionError

_TIMEOUT_SECONDS = 30
"""One second more than API Gateway's own timeout of 29 seconds."""
_CERTIFICATE = (
    "check the address; if a proxy or a private authority made it, set REQUESTS_CA_BUNDLE to a file with that "
    "authority's certificate"
)

_UNAUTHORIZED = (
    "401: the token is unknown, revoked or expired. `ingress-slo tokens list` shows which are valid, and "
    "`ingress-slo tokens create --scope read` makes one: export it as INGRESS_SLO_TOKEN."
)


class ApiError(Exception):
    """Raised when the API cannot be reached or returns an error. The message is one sentence for the operator."""


class Api:
    """One API and one token."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url.rstrip("/")
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {token}"

    def at(self, url: str) -> "Api":
        """The same token at another address."""
        return Api(url, str(self._session.headers["Authorization"]).removeprefix("Bearer "))

    def domains(self, cluster_id: str, time_range: str) -> dict[str, Any]:
        """`GET /api/v2/slo/domains`, with the domains of every page of it. Raises ApiError."""
        first, *others = self.pages("domains", cluster_id=cluster_id, time_range=time_range)
        found = [domain for page in (first, *others) for domain in page["domains"]]
        return {**first, "domains": found, "next_cursor": None}

    def clusters(self) -> dict[str, Any]:
        """`GET /api/v2/slo/clusters`. Raises ApiError."""
        return self._get("/api/v2/slo/clusters")

    def token(self) -> dict[str, Any]:
        """`GET /api/v2/slo/token`. Raises ApiError."""
        return self._get("/api/v2/slo/token")

    def routes(self, **asked: str) -> list[dict[str, Any]]:
        """`GET /api/v2/slo/routes`, every page of it. Raises ApiError."""
        return [route for page in self.pages("routes", **asked) for route in page["routes"]]

    def history(self, domain: str, **asked: str) -> dict[str, Any]:
        """`GET /api/v2/slo/domains/{domain}/history`. Raises ApiError."""
        return self._get(f"/api/v2/slo/domains/{quote(domain, safe='')}/history", **asked)

    def burn_rates(self, domain: str, **asked: str) -> dict[str, Any]:
        """`GET /api/v2/slo/domains/{domain}/burn-rates`. Raises ApiError."""
        return self._get(f"/api/v2/slo/domains/{quote(domain, safe='')}/burn-rates", **asked)

    def status_changes(self, **asked: str) -> Iterator[dict[str, Any]]:
        """`GET /api/v2/slo/status-history`, every page of it as far as it is read. Raises ApiError."""
        for page in self.pages("status-history", **asked):
            yield from page["changes"]

    def incidents(self, **asked: str) -> Iterator[dict[str, Any]]:
        """`GET /api/v2/slo/incidents`, every page of it as far as it is read. Raises ApiError."""
        for page in self.pages("incidents", **asked):
            yield from page["incidents"]

    def objective_changes(self, **asked: str) -> Iterator[dict[str, Any]]:
        """`GET /api/v2/slo/objective-changes`, every page of it as far as it is read. Raises ApiError."""
        for page in self.pages("objective-changes", **asked):
            yield from page["changes"]

    def objectives(self, cluster_id: str) -> dict[str, Any]:
        """`GET /api/v2/slo/objectives`. Raises ApiError."""
        return self._get("/api/v2/slo/objectives", cluster_id=cluster_id)

    def set_objective(
        self, cluster_id: str, name: str, domain: str, path: str, body: dict[str, Any], before: dict[str, Any] | None
    ) -> dict[str, Any]:
        """`PUT /api/v2/slo/objectives/{name}`; `before` is what was read, if there is one. Raises ApiError."""
        return self.send("PUT", _objective(name), body, **_subject(cluster_id, domain, path, before))

    def delete_objective(self, cluster_id: str, name: str, domain: str, path: str, before: dict[str, Any]) -> None:
        """`DELETE /api/v2/slo/objectives/{name}`, as it was read. Raises ApiError."""
        self.send("DELETE", _objective(name), None, **_subject(cluster_id, domain, path, before))

    def get(self, path: str, **query: str) -> dict[str, Any]:
        """`GET /api/v2/slo/{path}`. Raises ApiError."""
        return self._get(f"/api/v2/slo/{path}", **query)

    def pages(self, path: str, **query: str) -> Iterator[dict[str, Any]]:
        """The pages of `GET /api/v2/slo/{path}`; each is asked for when it is read. Raises ApiError."""
        page = self.get(path, **query)
        yield page
        while cursor := page["next_cursor"]:
            page = self.get(path, **query, cursor=cursor)
            yield page

    def send(
        self, method: str, path: str, body: dict[str, Any] | None = None, *, if_match: str = "", **query: str
    ) -> dict[str, Any]:
        """Change something at `/api/v2/slo/{path}`; the answer is empty if it has no body. Raises ApiError."""
        headers = {"If-Match": if_match} if if_match else {}
        answer = self._request(method, f"/api/v2/slo/{path}", json=body, headers=headers, params=query)
        return answer.json() if answer.content else {}

    def time(self) -> float:
        """The server's time in Unix seconds, from the Date header of an answer that needs no token. Raises ApiError."""
        answer = self._answer("/api/v2/openapi.json")
        try:
            return parsedate_to_datetime(answer.headers["Date"]).timestamp()
        except (KeyError, ValueError) as error:
            raise ApiError(f"{self.url} returns no Date header: is it the API?") from error

    def _get(self, path: str, **query: str) -> dict[str, Any]:
        try:
            body: dict[str, Any] = self._answer(path, **query).json()
        except ValueError as error:
            raise ApiError(f"{self.url}{path} does not return JSON: is it the API?") from error
        return body

    def _answer(self, path: str, **query: str) -> requests.Response:
        return self._request("GET", path, params=query)

    def _request(self, method: str, path: str, **given: Any) -> requests.Response:
        try:
            answer = self._session.request(method, f"{self.url}{path}", timeout=_TIMEOUT_SECONDS, **given)
        except requests.exceptions.SSLError as error:
            raise ApiError(f"{self.url} has no certificate that this machine trusts: {_CERTIFICATE}") from error
        except requests.RequestException as error:
            raise ApiError(f"{self.url} cannot be reached: {_reason(error)}") from error
        if answer.status_code == HTTPStatus.UNAUTHORIZED:
            raise ApiError(_UNAUTHORIZED)
        if not answer.ok:
            raise ApiError(f"{answer.status_code}: {_detail(answer)}")
        return answer


def _objective(name: str) -> str:
    return f"objectives/{quote(name, safe='')}"


def _subject(cluster_id: str, domain: str, path: str, before: dict[str, Any] | None) -> dict[str, str]:
    """Query and `If-Match` of a change to an objective."""
    asked = {"cluster_id": cluster_id, "domain": domain, "path_prefix": path}
    if_match = "" if before is None else f'"{before["version"]}"'
    return {**{name: value for name, value in asked.items() if value}, "if_match": if_match}


def _reason(error: requests.RequestException) -> str:
    """Why there is no answer, and what to do."""
    cause = getattr(error.args[0] if error.args else None, "reason", None)
    if isinstance(error, ValueError):
        return "it is not the address of an API. Write it as https://..., with its stage (--url or INGRESS_SLO_URL)."
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy does not answer. Check HTTPS_PROXY and NO_PROXY."
    if isinstance(error, requests.Timeout):
        return f"it does not answer within {_TIMEOUT_SECONDS} seconds. Check the network, and try again."
    if isinstance(cause, NameResolutionError):
        return "there is no such host. Check the address (--url or INGRESS_SLO_URL) and the network."
    if isinstance(cause, NewConnectionError):
        return "nothing answers there. Check the address (--url or INGRESS_SLO_URL) and the network."
    return "the connection broke off. Try again."


def _detail(answer: requests.Response) -> str:
    try:
        body = answer.json()
    except ValueError:
        return answer.text[:300]
    wrong = [f"{error['field']}: {error['message']}" for error in body.get("errors", ())]
    return " ".join([str(body.get("detail") or body.get("message") or body), *wrong])
