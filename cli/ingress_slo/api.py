"""The deployed API, as a reader sees it."""

from typing import Any

import requests

_TIMEOUT_SECONDS = 20


class ApiError(Exception):
    """What the API answered, in a sentence."""


class Api:
    """One API and one token."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/")
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {token}"

    def domains(self, cluster_id: str, time_range: str) -> dict[str, Any]:
        """`GET /api/v2/slo/domains`. Raises ApiError."""
        return self._get("/api/v2/slo/domains", cluster_id=cluster_id, time_range=time_range)

    def clusters(self) -> dict[str, Any]:
        """`GET /api/v2/slo/clusters`. Raises ApiError."""
        return self._get("/api/v2/slo/clusters")

    def _get(self, path: str, **query: str) -> dict[str, Any]:
        try:
            answer = self._session.get(f"{self._url}{path}", params=query, timeout=_TIMEOUT_SECONDS)
        except requests.RequestException as error:
            raise ApiError(f"{self._url} cannot be reached: {type(error).__name__}") from error
        if not answer.ok:
            raise ApiError(f"{answer.status_code}: {_detail(answer)}")
        body: dict[str, Any] = answer.json()
        return body


def _detail(answer: requests.Response) -> str:
    try:
        body = answer.json()
    except ValueError:
        return answer.text[:300]
    return str(body.get("detail") or body.get("message") or body)
