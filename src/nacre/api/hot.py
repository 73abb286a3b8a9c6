# SPDX-License-Identifier: Apache-2.0
"""
Check, report and attempt over HTTP: plain ASGI, for these are asked before every login.

The body is read, decoded, asked about, encoded.  A framework would cost as much again as all of that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from msgspec import UNSET

from nacre.access.caller import Caller
from nacre.access.gate import Gate
from nacre.access.issuer import UnknownKey
from nacre.access.roles import Role, allows
from nacre.address import parse_address
from nacre.api.bodies import AttemptBody, ReceiptBody, ReportBody
from nacre.api.problems import ANSWERED, Problem, ProblemError, decoded, headers_of, problem_of
from nacre.attempt import AttemptFields
from nacre.service import Guard

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Answer = Callable[[bytes, Caller], Awaitable[bytes]]

NDJSON = b"application/x-ndjson"
_BATCH_AT_ONCE = 64
_SPEAKS_FOR_ANOTHER = frozenset(
    (b"forwarded", b"x-forwarded-for", b"x-real-ip", b"via", b"origin", b"referer", b"sec-fetch-site", b"cookie")
)
"""Headers of proxies and browsers."""


class Decoder:
    """
    Decodes one kind of body; unknown fields are ignored, and counted.

    The strict decoder is tried first: it costs nothing more, and only bodies with unknown fields
    are decoded a second time.

    Args:
        kind: What is decoded.
        unknown: Called for each body with unknown fields.
    """

    def __init__(self, kind: type[AttemptFields], unknown: Callable[[], None]) -> None:
        strict = msgspec.defstruct(kind.__name__, [], bases=(kind,), forbid_unknown_fields=True, kw_only=True, gc=False)
        self._strict = msgspec.json.Decoder(strict).decode
        self._lenient = msgspec.json.Decoder(kind).decode
        self._unknown = unknown

    def __call__(self, body: bytes) -> Any:
        """Return the decoded body; raises what msgspec raises."""
        try:
            return self._strict(body)
        except msgspec.ValidationError as error:
            if "unknown field" not in str(error):
                raise
            attempt = decoded(self._lenient, body)
            self._unknown()
            return attempt


class HotRoutes:
    """
    The three routes that every login goes through.

    Args:
        guard: Answers.
        gate: Tells who calls.
    """

    def __init__(self, guard: Guard, gate: Gate) -> None:
        self._guard = guard
        self._gate = gate
        self._encode = msgspec.json.Encoder().encode
        unknown = guard.telemetry.unknown_fields.inc
        self._check = Decoder(AttemptFields, unknown)
        self._report = Decoder(ReportBody, unknown)
        self._attempt = Decoder(AttemptBody, unknown)
        self._answers: dict[str, Answer] = {
            "/api/v1/check": self.check,
            "/api/v1/report": self.report,
            "/api/v1/attempt": self.attempt,
        }

    def find(self, scope: Scope) -> Answer | None:
        """Return what answers a request, ``None`` if it is not for one of these routes."""
        return self._answers.get(scope["path"]) if scope["method"] == "POST" else None

    async def serve(self, answer: Answer, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            authorization, api_key, batch, length = _read_headers(scope)
            caller = self._caller(scope, authorization, api_key)
            if not isinstance(caller, Caller):
                caller = await caller
            caller.require(Role.AUTHENTICATE)
            limits = self._guard.settings.server.limits
            limit = limits.batch_bytes if batch else limits.body_bytes
            body = await _read_body(receive, length, limit)
            if batch:
                content, kind = await self._batch(answer, body, caller), NDJSON
            else:
                content, kind = await answer(body, caller), b"application/json"
        except ANSWERED as error:
            await refuse(self._guard, error, send)
            return
        headers = [(b"content-type", kind), (b"content-length", b"%d" % len(content))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    # -- the routes

    async def check(self, body: bytes, caller: Caller) -> bytes:
        """Say what to do with an attempt."""
        guard = self._guard
        fields: AttemptFields = self._timed(self._check(body), caller)
        decision = guard.refuse_at_once(fields)
        if decision is None:
            decision = await guard.check_attempt(guard.admit(fields), guard.settings.on_store_failure.http)
        return self._encode(decision)

    async def report(self, body: bytes, caller: Caller) -> bytes:
        """Take in what became of an attempt."""
        guard = self._guard
        fields: ReportBody = self._timed(self._report(body), caller)
        named = fields.request_id or ""
        feature = "" if fields.feature is UNSET else fields.feature.value
        attempt = None
        if fields.client_ip is not UNSET:
            if fields.username is UNSET:
                fields.username = ""
            attempt = guard.admit(fields)
            named = attempt.request_id
        elif not named:
            raise ProblemError(422, "send the request_id of a check, or the attempt's fields", field="request_id")
        receipt = await guard.report_outcome(
            success=fields.success, request_id=named, attempt=attempt, feature=feature, at=fields.time
        )
        return self._encode(ReceiptBody(*receipt))

    async def attempt(self, body: bytes, caller: Caller) -> bytes:
        """Check and report in one."""
        guard = self._guard
        fields: AttemptBody = self._timed(self._attempt(body), caller)
        attempt = guard.admit(fields)
        failure = guard.settings.on_store_failure.http
        return self._encode(await guard.whole_attempt(attempt, failure, success=fields.success))

    # -- around them

    def _timed(self, fields: Any, caller: Caller) -> Any:
        """Drop a time that the caller may not set: then our clock rules."""
        if fields.time is not None and not allows(caller.roles, Role.OPERATOR):
            fields.time = None
        return fields

    def _caller(self, scope: Scope, authorization: str | None, api_key: str | None) -> Caller | Awaitable[Caller]:
        peer = b""
        if authorization is None and api_key is None:
            peer = peer_of(scope)
        try:
            return self._gate.admit_now(authorization, api_key, peer=peer)
        except UnknownKey:
            return self._gate.admit(authorization, api_key, peer=peer)

    async def _batch(self, answer: Answer, body: bytes, caller: Caller) -> bytes:
        """Answer each line with a line: checks together, what changes counts one after the other."""
        lines = body.split(b"\n")
        if len(lines) > self._guard.settings.server.limits.batch_attempts + 1:
            raise ProblemError(413, f"more than {self._guard.settings.server.limits.batch_attempts} lines")

        async def one(number: int, line: bytes) -> bytes:
            try:
                return await answer(line, caller)
            except ANSWERED as error:
                problem = problem_of(error)
                problem.line = number
                return self._encode(problem)

        numbered = [(number, line) for number, line in enumerate(lines, 1) if line.strip()]
        if answer == self.check:
            answers: list[bytes] = []
            for start in range(0, len(numbered), _BATCH_AT_ONCE):
                answers += await asyncio.gather(*(one(*pair) for pair in numbered[start : start + _BATCH_AT_ONCE]))
        else:
            answers = [await one(*pair) for pair in numbered]
        return b"".join(answer + b"\n" for answer in answers)


def peer_of(scope: Scope) -> bytes:
    """
    Return the packed address of the other end, ``b""`` if that is not who asks.

    Behind a proxy on this machine everybody is loopback, and so is every page that a browser on it shows.
    """
    client = scope.get("client")
    if not client or any(name in _SPEAKS_FOR_ANOTHER for name, _ in scope["headers"]):
        return b""
    try:
        return parse_address(client[0])
    except ValueError:
        return b""


async def refuse(guard: Guard, error: Exception, send: Send) -> None:
    """Answer with the problem that an error is."""
    problem: Problem = problem_of(error)
    if problem.status in {401, 403}:
        guard.telemetry.count(guard.telemetry.denied, str(problem.status))
    body = msgspec.json.encode(problem)
    headers = [*headers_of(problem), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _read_headers(scope: Scope) -> tuple[str | None, str | None, bool, int]:
    """Return the headers that matter: Authorization, X-API-Key, whether it is a batch, Content-Length."""
    headers = dict(scope["headers"])
    authorization, api_key = headers.get(b"authorization"), headers.get(b"x-api-key")
    length = headers.get(b"content-length", b"0")
    return (
        None if authorization is None else authorization.decode("latin-1"),
        None if api_key is None else api_key.decode("latin-1"),
        headers.get(b"content-type", b"").lower().startswith(NDJSON),
        int(length) if length.isdigit() else 0,
    )


async def _read_body(receive: Receive, length: int, limit: int) -> bytes:
    """
    Return the body of a request.

    Raises:
        ProblemError: it is longer than *limit* bytes, or the caller went away.
    """
    if length > limit:
        raise ProblemError(413, f"the body has {length} bytes, {limit} are taken")
    message = await receive()
    body: bytes = message.get("body", b"")
    if message.get("more_body"):
        parts = [body]
        size = len(body)
        while message.get("more_body"):
            message = await receive()
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > limit:
                raise ProblemError(413, f"the body has more than {limit} bytes")
        body = b"".join(parts)
    if message["type"] == "http.disconnect":
        raise ProblemError(400, "the caller went away")
    if len(body) > limit:
        raise ProblemError(413, f"the body has more than {limit} bytes")
    return body
