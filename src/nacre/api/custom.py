# SPDX-License-Identifier: Apache-2.0
"""
Hooks over HTTP: ``/api/v1/custom/LOCATION`` runs the script that the settings name for it.

Who calls is told by the token in the Authorization header and by nothing else.  A table that a script returns is the
answer, as JSON; what went wrong is a problem as everywhere.
"""

from __future__ import annotations

import math
from http import HTTPStatus
from secrets import token_urlsafe

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from nacre.access.caller import Caller
from nacre.access.gate import Gate
from nacre.access.roles import allows, known_roles
from nacre.api.problems import ProblemError
from nacre.errors import AccessDenied, HookError, HooksBusy
from nacre.hooks.call import Call, HttpRequest, Value
from nacre.hooks.host import Host
from nacre.hooks.shelf import Hook

PATH = "/api/v1/custom/{location:path}"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_LARGEST_WHOLE = 2**53


class CustomHooks:
    """
    Answers hooks.

    Args:
        host: Runs them.
        gate: Tells who calls.
        limit: Bytes that a body may have.
    """

    def __init__(self, host: Host, gate: Gate, *, limit: int) -> None:
        self._host = host
        self._gate = gate
        self._limit = limit

    async def answer(self, request: Request) -> Response:
        """
        Answer one request.

        Raises:
            AccessDenied: who calls may not.
            ProblemError: there is no such hook, or it failed.
        """
        caller = await self._gate.admit(request.headers.get("authorization"), None)
        location = request.path_params["location"].strip("/")
        hook = self._host.hook(location, request.method)
        if hook is None:
            raise ProblemError(404, f"no hook answers {request.method} at {request.url.path}")
        _require(caller, hook)
        session = token_urlsafe(12)
        try:
            found, call = await self._host.answer(hook, await self._told(request), session=session, who=caller.name)
        except HookError as error:
            raise ProblemError(500, str(error)) from error
        except HooksBusy as error:
            raise ProblemError(503, str(error)) from error
        return _response(found, call, hook)

    async def _told(self, request: Request) -> HttpRequest:
        headers: dict[str, list[str]] = {}
        for name, value in request.headers.items():
            headers.setdefault(name, []).append(value)
        headers.pop("authorization", None)  # a script has no use for the token of its caller
        return HttpRequest(
            method=request.method,
            path=request.url.path,
            query=dict(request.query_params),
            headers=headers,
            body=await self._body(request),
        )

    async def _body(self, request: Request) -> bytes:
        body = bytearray()
        try:
            async for chunk in request.stream():
                body += chunk
                if len(body) > self._limit:
                    raise ProblemError(413, f"the body has more than {self._limit} bytes")
        except ClientDisconnect:
            raise ProblemError(400, "the caller went away") from None
        return bytes(body)


def _require(caller: Caller, hook: Hook) -> None:
    """Return if a caller has one of the roles of a hook."""
    if not any(allows(caller.roles, role) for role in known_roles(hook.roles)):
        held = ", ".join(sorted(caller.roles)) or "no role"
        wanted = " or ".join(repr(role) for role in hook.roles)
        raise AccessDenied(f"this needs the role {wanted}; {caller.name!r} has {held}", authenticated=True)


def _response(found: Value, call: Call, hook: Hook) -> Response:
    """
    Return what a hook answers: what it wrote, else the table that it returned.

    Raises:
        ProblemError: it did neither, or returned something else.
    """
    said = call.response
    status = said.status or HTTPStatus.OK
    body = said.body
    if body is None and said.status and found is None:
        body = b""
    content_type = hook.content_type
    if body is None:
        body, content_type = _json(found, call.script), "application/json"
    response = Response(body, status)
    for name, value in said.headers:
        response.headers.append(name, value)
    if "content-type" not in response.headers and body:
        response.headers["content-type"] = content_type
    return response


def _json(found: Value, script: str) -> bytes:
    if found is None:
        raise ProblemError(422, f"hook {script!r} returned nothing: it could not use the request")
    if found == []:
        found = {}
    if not isinstance(found, dict):
        raise ProblemError(500, f"hook {script!r} returned no table with names")
    try:
        return msgspec.json.encode(_told(found))
    except (TypeError, ValueError) as error:
        raise ProblemError(500, f"hook {script!r} returned what is no JSON: {error}") from error


def _told(value: Value) -> Value:
    """Return a value as JSON has it: text instead of bytes, names that are texts, no number that is none."""
    match value:
        case dict():
            return {_text(name): _told(item) for name, item in value.items()}
        case list():
            return [_told(item) for item in value]
        case str() | bytes():
            return _text(value)
        case float() if not math.isfinite(value):
            return None
        case float() if value.is_integer() and abs(value) < _LARGEST_WHOLE:
            return int(value)
        case _:
            return value


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
