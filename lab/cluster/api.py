"""A small Kubernetes API server: Traefik 3.x and the Python client can list, get and watch, Helm can install a chart,
and kubectl can apply objects, run a Job and read its log.

Objects live in memory (`objects`) and can change at any time. Open watches receive each change as a JSON line. A watch
with `sendInitialEvents=true` first receives all objects, then a bookmark.
"""

import asyncio
import json
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple, Self

import yaml
from aiohttp import web

from lab.background import LoopThread
from lab.cluster import discovery, jobs, protobuf
from lab.cluster.objects import KINDS, Key, Object, ObjectStore, WatchEvent, load, matches, plural
from lab.cluster.writes import merged, stored
from lab.http_server import HttpServer

OPTIONAL_GROUPS = frozenset(
    {"traefik.io/v1", "traefik.containo.us/v1alpha1", "networking.internal.knative.dev/v1alpha1"}
)
"""Groups that most clusters do not serve, absent by default."""


class Access(NamedTuple):
    """One request in the terms of a Role's rules."""

    group: str
    """Empty for the core group."""
    resource: str
    verb: str


def status(code: int, reason: str, message: str) -> web.Response:
    """An error as the Kubernetes API returns it."""
    body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason}
    return web.json_response(body | {"message": message}, status=code)


class StandInApi:
    """The server, in a thread of its own: `with StandInApi(objects) as api: api.url`.

    `absent` and `forbidden` hold group versions (`v1`, `traefik.io/v1alpha1`) or resources
    (`traefik.io/v1alpha1/ingressroutes`) that answer 404 and 403. `page_limit` caps the page size of lists.
    """

    def __init__(
        self,
        objects: Iterable[Object] | Path = (),
        *,
        port: int = 0,
        absent: frozenset[str] = OPTIONAL_GROUPS,
        forbidden: frozenset[str] = frozenset(),
        page_limit: int = 0,
    ) -> None:
        self.store = ObjectStore()
        self.store.apply(load(objects) if isinstance(objects, Path) else objects)
        self.port, self.absent, self.forbidden, self.page_limit = port, absent, forbidden, page_limit
        self.accesses: set[Access] = set()
        """All requests so far, in the terms of a Role's rules."""
        self._logs: dict[tuple[str, str], bytes] = {}
        """The output of each Job's Pod, by namespace and name."""

    @property
    def url(self) -> str:
        """The API's address, once started."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread = LoopThread("kubernetes-api")
        self._thread.call(self._start())
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.call(self._server.stop())
        self._thread.stop()

    async def _start(self) -> None:
        self._changed = asyncio.Event()
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._server = HttpServer(app)
        self.port = await self._server.listen(self.port)

    def apply(self, objects: Iterable[Object]) -> None:
        """Create or replace objects and notify the watches."""
        self.store.apply(objects)
        self._thread.loop.call_soon_threadsafe(self._wake)

    def delete(self, objects: Iterable[Object]) -> None:
        """Delete objects (by kind, namespace and name) and notify the watches."""
        self.store.delete(objects)
        self._thread.loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    def write_kubeconfig(self, file: Path) -> Path:
        """Write a kubeconfig whose only context is this server, and return its path."""
        cluster = {"name": "lab", "cluster": {"server": self.url}}
        context = {"name": "lab", "context": {"cluster": "lab", "user": "lab", "namespace": "default"}}
        user = {"name": "lab", "user": {"token": "lab"}}
        config = {"apiVersion": "v1", "kind": "Config", "current-context": "lab", "clusters": [cluster]}
        file.write_text(yaml.safe_dump(config | {"contexts": [context], "users": [user]}))
        return file

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        """Answer discovery requests here, everything else by its resource."""
        parts = [part for part in request.path.split("/") if part]
        match parts:
            case ["version"]:
                return web.json_response(discovery.VERSION)
            case ["api"]:
                return web.json_response(discovery.CORE)
            case ["apis"]:
                return web.json_response(discovery.groups(self.absent))
            case ["api", version, *rest]:
                return await self._group_version(request, version, rest)
            case ["apis", group, version, *rest]:
                return await self._group_version(request, f"{group}/{version}", rest)
            case ["openapi", "v3"]:
                return web.json_response(discovery.schemas())
            case ["openapi", "v3", _, *version]:
                return web.json_response(discovery.schema("/".join(version)))
        return status(404, "NotFound", "the server could not find the requested resource")

    async def _group_version(self, request: web.Request, version: str, rest: list[str]) -> web.StreamResponse:
        if version not in KINDS or version in self.absent:
            return status(404, "NotFound", "the server could not find the requested resource")
        if not rest:
            return web.json_response(discovery.resources(version))
        namespace = ""
        if rest[0] == "namespaces" and len(rest) > 2:
            namespace, rest = rest[1], rest[2:]
        kind = next((kind for kind in KINDS[version] if plural(kind) == rest[0]), "")
        if not kind or f"{version}/{rest[0]}" in self.absent:
            return status(404, "NotFound", "the server could not find the requested resource")
        resource = "/".join([rest[0], *rest[2:]])
        self.accesses.add(Access(version.rpartition("/")[0], resource, _verb(request, rest)))
        if version in self.forbidden or f"{version}/{rest[0]}" in self.forbidden:
            return status(403, "Forbidden", f'{rest[0]} is forbidden: User "lab" cannot list resource "{rest[0]}"')
        return await self._resource(request, version, kind, namespace, rest[1:])

    async def _resource(
        self, request: web.Request, version: str, kind: str, namespace: str, rest: list[str]
    ) -> web.StreamResponse:
        """Answer a request for objects of one kind; `rest` is empty, a name, or a name and a subresource."""
        match rest:
            case [name, "log"]:
                return web.Response(body=self._logs[namespace, name])
            case [name, "status"] if request.method in ("PUT", "PATCH"):
                return await self._write_status(request, (version, plural(kind), namespace, name), kind)
            case _ if request.method != "GET":
                return await self._write(request, version, kind, namespace, rest[0] if rest else "")
            case [name, *_]:
                return self._get(version, plural(kind), namespace, name)
        if request.query.get("watch") in ("true", "1"):
            return await self._watch(request, version, kind, namespace)
        return self._list(request, version, kind, namespace)

    def _get(self, version: str, resource: str, namespace: str, name: str) -> web.Response:
        item = self.store.objects.get((version, resource, namespace, name))
        return web.json_response(item) if item else status(404, "NotFound", f'{resource} "{name}" not found')

    async def _write(
        self, request: web.Request, version: str, kind: str, namespace: str, name: str
    ) -> web.StreamResponse:
        """Create, replace, patch or delete one object."""
        body = {} if request.method == "DELETE" else await _body(request, kind)
        name = name or body["metadata"]["name"]
        key: Key = (version, plural(kind), namespace, name)
        before = self.store.objects.get(key)
        if before is None and request.method != "POST":
            return status(404, "NotFound", f'{key[1]} "{name}" not found')
        if before is not None and request.method == "POST":
            return status(409, "AlreadyExists", f'{key[1]} "{name}" already exists')
        if request.method == "DELETE":
            self.delete([{"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": namespace}}])
            return web.json_response({"kind": "Status", "apiVersion": "v1", "status": "Success"})
        item = merged(before, body) if request.method == "PATCH" else body
        item = stored(item, version, kind, namespace)
        self.apply([await self._run(item) if kind == "Job" else item])
        return web.json_response(self.store.objects[key], status=201 if request.method == "POST" else 200)

    async def _write_status(self, request: web.Request, key: Key, kind: str) -> web.StreamResponse:
        """Replace or patch the status of one object; nothing else of it changes."""
        before = self.store.objects.get(key)
        if before is None:
            return status(404, "NotFound", f'{key[1]} "{key[3]}" not found')
        body = await _body(request, kind)
        changed = merged(before.get("status"), body["status"]) if request.method == "PATCH" else body.get("status")
        if changed != before.get("status"):
            self.apply([{**before, "status": changed}])
        return web.json_response(self.store.objects[key])

    async def _run(self, job: Object) -> Object:
        """Run a new Job before answering its request, so that its log is complete when a client reads it."""
        namespace = job["metadata"]["namespace"]

        def read(version: str, resource: str, name: str) -> Object:
            return self.store.objects[version, resource, namespace, name]

        job = jobs.made_of(job, read)
        with tempfile.TemporaryDirectory() as folder:
            pod, printed = await jobs.run(job, read, str(self.write_kubeconfig(Path(folder) / "kubeconfig")))
        self._logs[namespace, pod["metadata"]["name"]] = printed
        self.apply([pod])
        return job

    def _list(self, request: web.Request, version: str, kind: str, namespace: str) -> web.Response:
        """One page of objects; the continue token is the number of objects already sent."""
        with self.store.lock:
            items = self.store.listed(version, plural(kind), namespace, request.query.get("labelSelector", ""))
            metadata: dict[str, Any] = {"resourceVersion": str(self.store.version)}
        limits = [limit for limit in (int(request.query.get("limit") or 0), self.page_limit) if limit]
        start = int(request.query.get("continue") or 0)
        end = start + min(limits) if limits else len(items)
        if end < len(items):
            metadata |= {"continue": str(end), "remainingItemCount": len(items) - end}
        body = {"kind": f"{kind}List", "apiVersion": version, "metadata": metadata, "items": items[start:end]}
        return web.json_response(body)

    async def _watch(self, request: web.Request, version: str, kind: str, namespace: str) -> web.StreamResponse:
        """Stream the changes since `resourceVersion` until the client disconnects or `timeoutSeconds` have passed."""
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        resource, selector = plural(kind), request.query.get("labelSelector", "")
        since = int(request.query.get("resourceVersion") or 0)
        try:
            async with asyncio.timeout(float(request.query.get("timeoutSeconds") or 3600)):
                seen = await self._send_initial(request, response, version, kind, namespace) or since
                while True:
                    changed, now = self._changed, self.store.version
                    for event in self._since(seen, now):
                        if matches(event.key, event.item, version, resource, namespace, selector):
                            await _send(response, event.type, event.item)
                    seen = max(seen, now)
                    await changed.wait()
        except (TimeoutError, ConnectionError):
            return response

    def _since(self, seen: int, now: int) -> list[WatchEvent]:
        with self.store.lock:
            return [event for event in self.store.history if seen < event.version <= now]

    async def _send_initial(
        self, request: web.Request, response: web.StreamResponse, version: str, kind: str, namespace: str
    ) -> int:
        """Send all objects as ADDED if the watch asks for them. Returns their resource version, or 0."""
        initial = request.query.get("sendInitialEvents") == "true"
        if not initial and request.query.get("resourceVersion", "0") not in ("", "0"):
            return 0
        with self.store.lock:
            items = self.store.listed(version, plural(kind), namespace, request.query.get("labelSelector", ""))
            seen = self.store.version
        for item in items:
            await _send(response, "ADDED", item)
        if initial:
            annotations = {"k8s.io/initial-events-end": "true"}
            metadata = {"resourceVersion": str(seen), "annotations": annotations}
            await _send(response, "BOOKMARK", {"kind": kind, "apiVersion": version, "metadata": metadata})
        return seen


async def _body(request: web.Request, kind: str) -> Object:
    body = await request.read()
    if request.content_type == protobuf.CONTENT_TYPE:
        return protobuf.decoded(body, kind)
    item: Object = json.loads(body)
    return item


async def _send(response: web.StreamResponse, kind: str, item: Object) -> None:
    await response.write(json.dumps({"type": kind, "object": item}).encode() + b"\n")


_WRITES = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


def _verb(request: web.Request, rest: list[str]) -> str:
    if request.method != "GET":
        return _WRITES[request.method]
    if len(rest) > 1:
        return "get"
    return "watch" if request.query.get("watch") in ("true", "1") else "list"
