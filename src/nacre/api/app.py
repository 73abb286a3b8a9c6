# SPDX-License-Identifier: Apache-2.0
"""The HTTP interface: hot routes first, all others through Starlette."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

import msgspec
import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route as StarletteRoute

from nacre.access.caller import Caller
from nacre.access.gate import Gate
from nacre.access.roles import Role
from nacre.api.answers import Ask
from nacre.api.custom import METHODS, PATH, CustomHooks
from nacre.api.heads import Heads
from nacre.api.hot import HotRoutes, Receive, Scope, Send, refuse
from nacre.api.openapi import document
from nacre.api.problems import ANSWERED, ProblemError, decoded, headers_of, problem_of
from nacre.api.route import PUBLIC, Route, lists_of
from nacre.api.routes import ROUTES
from nacre.service import Guard

log = structlog.get_logger(__name__)

_NOBODY = Caller("nobody", frozenset())


class App:
    """
    The application, as an ASGI callable.

    Args:
        guard: Answers.
        gate: Tells who calls.
        routes: The table.

    Attributes:
        guard: As given.
        hot: The routes that every login goes through.
        heads: What the heads of their requests say.

    Raises:
        TypeError: a route declares no role.
    """

    def __init__(self, guard: Guard, gate: Gate, routes: Sequence[Route] = ROUTES) -> None:
        for route in routes:
            if not (route.role is PUBLIC or isinstance(route.role, Role)):
                raise TypeError(f"{route.method} {route.path} declares no role")
        self.guard = guard
        self._gate = gate
        self.hot = HotRoutes(guard, gate)
        self.heads = Heads()
        self._openapi = msgspec.json.encode(document(routes))
        # What names more comes first: a request id may hold slashes.
        paths = sorted(dict.fromkeys(route.path for route in routes), key=lambda path: -path.count("/"))
        cold = [self._starlette_route(path, routes) for path in paths]
        self._cold = Starlette(
            routes=[*cold, *self._custom_routes(), StarletteRoute("/openapi.json", self._serve_openapi)],
            exception_handlers={HTTPException: self._on_http_error, Exception: self._on_bug},
        )
        self._cold.router.redirect_slashes = False  # a path is right or it is not

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return
        answer = self.hot.find(scope["method"].encode(), scope["path"].encode())
        if answer is not None:
            try:
                await self.hot.serve(answer, scope, receive, send)
            except Exception as error:  # noqa: BLE001  nothing is further out than this
                await refuse(self.guard, _bug(error, scope["path"]), send)
            return
        with contextlib.suppress(Exception):  # it raises again what `_on_bug` has answered
            await self._cold(scope, receive, send)  # type: ignore[arg-type]

    def _starlette_route(self, path: str, routes: Sequence[Route]) -> StarletteRoute:
        """Return one Starlette route for all methods of a path."""
        by_method = {route.method: route for route in routes if route.path == path}

        async def endpoint(request: Request) -> Response:
            return await self._serve(by_method["GET" if request.method == "HEAD" else request.method], request)

        return StarletteRoute(path.replace("{request_id}", "{request_id:path}"), endpoint, methods=list(by_method))

    def _custom_routes(self) -> list[StarletteRoute]:
        """Return the place of the hooks, where this process runs scripts."""
        if self.guard.hooks is None:
            return []
        limits = self.guard.settings.server.limits
        hooks = CustomHooks(self.guard.hooks, self._gate, limit=limits.body_bytes)

        async def endpoint(request: Request) -> Response:
            try:
                return await hooks.answer(request)
            except ANSWERED as error:
                return self._problem(error)

        return [StarletteRoute(PATH, endpoint, methods=list(METHODS))]

    async def _serve(self, route: Route, request: Request) -> Response:
        try:
            caller = await self._caller(route, request)
            query = msgspec.convert(_query(request, route), route.query, strict=False) if route.query else None
            body = await self._decoded(route, request) if route.body else None
            assert route.answer is not None  # noqa: S101  the hot ones were served before
            accept = request.headers.get("accept", "")
            ask = Ask(self.guard, caller, query, body, dict(request.path_params), accept)
            try:
                answered = await route.answer(ask)
            except ValueError as error:
                raise error if isinstance(error, ANSWERED) else ProblemError(422, str(error)) from error
        except ANSWERED as error:
            return self._problem(error)
        if isinstance(answered, Response):
            return answered
        content = answered if isinstance(answered, bytes) else msgspec.json.encode(answered)
        return Response(content, media_type=route.media)

    async def _caller(self, route: Route, request: Request) -> Caller:
        if route.role is PUBLIC:
            return _NOBODY
        headers = request.headers
        # Loopback opens check and report alone; here it opens nothing.
        caller = await self._gate.admit(headers.get("authorization"), headers.get("x-api-key"))
        caller.require(route.role)
        return caller

    async def _decoded(self, route: Route, request: Request) -> Any:
        content = await self._body(request)
        return decoded(msgspec.json.Decoder(route.body).decode, content or (b"{}" if route.optional else b""))

    async def _body(self, request: Request) -> bytes:
        limit = self.guard.settings.server.limits.batch_bytes
        chunks, size = [], 0
        try:
            async for chunk in request.stream():
                chunks.append(chunk)
                size += len(chunk)
                if size > limit:
                    raise ProblemError(413, f"the body has more than {limit} bytes")
        except ClientDisconnect:
            raise ProblemError(400, "the caller went away") from None
        return b"".join(chunks)

    async def _serve_openapi(self, request: Request) -> Response:  # noqa: ARG002  the same for everybody
        return Response(self._openapi, media_type="application/vnd.oai.openapi+json;version=3.1")

    async def _on_http_error(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101  registered for nothing else
        detail = f"{request.method} {request.url.path}: {error.detail}"
        response = self._problem(ProblemError(error.status_code, detail))
        response.headers.update(error.headers or {})
        return response

    async def _on_bug(self, request: Request, error: Exception) -> Response:
        return self._problem(_bug(error, request.url.path))

    def _problem(self, error: Exception) -> Response:
        problem = problem_of(error)
        if problem.status in {401, 403}:
            self.guard.telemetry.count(self.guard.telemetry.denied, str(problem.status))
        headers = {name.decode(): value.decode() for name, value in headers_of(problem)}
        return Response(msgspec.json.encode(problem), problem.status, headers)


def _bug(error: Exception, path: str) -> ProblemError:
    """Log an error that nobody expected, and return what its caller may know of it."""
    log.error("request_failed", path=path, exc_info=error)
    return ProblemError(500, "an error in this service; its log says more")


def _query(request: Request, route: Route) -> dict[str, Any]:
    """Return the query; a name that is given twice is refused rather than half ignored, unless it stands for a list."""
    pairs = request.query_params.multi_items()
    lists: dict[str, list[str]] = {name: [] for name in lists_of(route)}
    for name, value in pairs:
        if name in lists:
            lists[name].append(value)
    query = {name: value for name, value in pairs if name not in lists}
    if len(query) + sum(map(len, lists.values())) < len(pairs):
        raise ProblemError(422, "a parameter is given more than once")
    return query | {name: values for name, values in lists.items() if values}
