# SPDX-License-Identifier: Apache-2.0
"""
Check, report and attempt over HTTP: plain ASGI, for these are asked before every login.

The body is read, decoded, asked about, encoded.  A framework would cost as much again as all of that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import UNSET

from nacre.access.caller import LOOPBACK, Caller
from nacre.access.gate import Gate
from nacre.access.roles import Role, allows
from nacre.address import parse_address
from nacre.api.bodies import AttemptBody, ReceiptBody, ReportBody
from nacre.api.decoder import Decoder
from nacre.api.problems import ANSWERED, Problem, ProblemError, headers_of, problem_of
from nacre.attempt import Attempt, AttemptFields
from nacre.service import Guard

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Answering = bytes | Coroutine[Any, Any, bytes]
"""What is answered, or who finds out."""
Answer = Callable[[bytes, Caller], Answering]


@dataclass(slots=True)
class Head:
    """
    All that the head of a request says.

    Attributes:
        answer: The route that it asks.
        headers: By name, in lower case.
        length: Bytes of the body.
        keep_alive: Whether the connection stays open afterwards.
        admitted: Who showed a token or key in it, and the gate's epoch at that time; ``None`` if nobody did yet.
    """

    answer: Answer
    headers: Mapping[bytes, bytes]
    length: int
    keep_alive: bool
    admitted: tuple[Caller, int] | None = None


NDJSON = b"application/x-ndjson"
_BATCH_AT_ONCE = 64
_SPEAKS_FOR_ANOTHER = frozenset(
    (b"forwarded", b"x-forwarded-for", b"x-real-ip", b"via", b"origin", b"referer", b"sec-fetch-site", b"cookie")
)
"""Headers of proxies and browsers."""


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
        self._answers: dict[tuple[bytes, bytes], Answer] = {
            (b"POST", b"/api/v1/check"): self.check,
            (b"POST", b"/api/v1/report"): self.report,
            (b"POST", b"/api/v1/attempt"): self.attempt,
        }

    def find(self, method: bytes, path: bytes) -> Answer | None:
        """Return what answers a request, ``None`` if it is not for one of these routes."""
        return self._answers.get((method, path))

    async def serve(self, answer: Answer, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request as an ASGI application."""
        try:
            headers = dict(scope["headers"])
            limits = self._guard.settings.server.limits
            batch = headers.get(b"content-type", b"").lower().startswith(NDJSON)
            caller = await self._caller(scope["client"], headers)
            length = headers.get(b"content-length", b"0")
            limit = limits.batch_bytes if batch else limits.body_bytes
            body = await _read_body(receive, int(length) if length.isdigit() else 0, limit)
            if batch:
                content, kind = await self._batch(answer, body, caller), NDJSON
            else:
                content, kind = await _settled(answer(body, caller)), b"application/json"
        except ANSWERED as error:
            await refuse(self._guard, error, send)
            return
        await send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [(b"content-type", kind), (b"content-length", b"%d" % len(content))],
            }
        )
        await send({"type": "http.response.body", "body": content})

    def start(self, head: Head, client: tuple[str, int] | None, body: bytes) -> Answering:
        """
        Answer one request that is here as a whole: at once, if nobody has to be asked.

        Raises:
            UnknownKey: the key of another issuer has to be fetched; :meth:`start_anew` does.
            Exception: one of ``ANSWERED``, for the caller to make a problem of.
        """
        gate, admitted = self._gate, head.admitted
        if admitted is not None and gate.holds(*admitted):
            return head.answer(body, admitted[0])
        epoch, caller = gate.epoch, self._caller_now(client, head.headers)
        caller.require(Role.AUTHENTICATE)
        if caller is not LOOPBACK:  # that one is told by the connection
            head.admitted = caller, epoch
        return head.answer(body, caller)

    async def start_anew(self, head: Head, client: tuple[str, int] | None, body: bytes) -> bytes:
        """Answer one request whose caller shows a token under a key that has to be fetched."""
        return await _settled(head.answer(body, await self._caller(client, head.headers)))

    # -- the routes

    def check(self, body: bytes, caller: Caller) -> Answering:
        """Say what to do with an attempt."""
        fields: AttemptFields = self._timed(self._check(body), caller)
        decision = self._guard.refuse_at_once(fields)
        if decision is not None:
            return self._encode(decision)
        return self._checked(self._guard.admit(fields))

    def report(self, body: bytes, caller: Caller) -> Coroutine[Any, Any, bytes]:
        """Take in what became of an attempt."""
        guard = self._guard
        fields: ReportBody = self._timed(self._report(body), caller)
        named = fields.request_id or ""
        attempt = None
        if fields.client_ip is not UNSET:
            if fields.username is UNSET:
                fields.username = ""
            attempt = guard.admit(fields)
        elif not named:
            raise ProblemError(422, "send the request_id of a check, or the attempt's fields", field="request_id")
        return self._reported(fields, named, attempt)

    def attempt(self, body: bytes, caller: Caller) -> Coroutine[Any, Any, bytes]:
        """Check and report in one."""
        fields: AttemptBody = self._timed(self._attempt(body), caller)
        return self._attempted(self._guard.admit(fields), success=fields.success)

    async def _checked(self, attempt: Attempt) -> bytes:
        guard = self._guard
        return self._encode(await guard.check_attempt(attempt, guard.settings.on_store_failure.http))

    async def _reported(self, fields: ReportBody, request_id: str, attempt: Attempt | None) -> bytes:
        receipt = await self._guard.report_outcome(
            success=fields.success,
            request_id=request_id,
            attempt=attempt,
            feature="" if fields.feature is UNSET else fields.feature.value,
            at=fields.time,
        )
        return self._encode(ReceiptBody(*receipt))

    async def _attempted(self, attempt: Attempt, *, success: bool) -> bytes:
        guard = self._guard
        return self._encode(await guard.whole_attempt(attempt, guard.settings.on_store_failure.http, success=success))

    # -- around them

    def _timed(self, fields: Any, caller: Caller) -> Any:
        """Drop a time that the caller may not set: then our clock rules."""
        if fields.time is not None and not allows(caller.roles, Role.OPERATOR):
            fields.time = None
        return fields

    def _caller_now(self, client: tuple[str, int] | None, headers: Mapping[bytes, bytes]) -> Caller:
        authorization, api_key, peer = _shown(client, headers)
        return self._gate.admit_now(authorization, api_key, peer=peer)

    async def _caller(self, client: tuple[str, int] | None, headers: Mapping[bytes, bytes]) -> Caller:
        authorization, api_key, peer = _shown(client, headers)
        caller = await self._gate.admit(authorization, api_key, peer=peer)
        caller.require(Role.AUTHENTICATE)
        return caller

    async def _batch(self, answer: Answer, body: bytes, caller: Caller) -> bytes:
        """Answer each line with a line: checks together, what changes counts one after the other."""
        lines = body.split(b"\n")
        if len(lines) > self._guard.settings.server.limits.batch_attempts + 1:
            raise ProblemError(413, f"more than {self._guard.settings.server.limits.batch_attempts} lines")

        async def one(number: int, line: bytes) -> bytes:
            try:
                return await _settled(answer(line, caller))
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


async def _settled(answer: Answering) -> bytes:
    return answer if isinstance(answer, bytes) else await answer


def _shown(client: tuple[str, int] | None, headers: Mapping[bytes, bytes]) -> tuple[str | None, str | None, bytes]:
    """Return what a caller shows: the Authorization header, the API key, or else where it comes from."""
    authorization, api_key = headers.get(b"authorization"), headers.get(b"x-api-key")
    if authorization is not None:
        return authorization.decode("latin-1"), None, b""
    if api_key is not None:
        return None, api_key.decode("latin-1"), b""
    return None, None, peer_of(client, headers)


def peer_of(client: tuple[str, int] | None, headers: Iterable[bytes]) -> bytes:
    """
    Return the packed address of the other end, ``b""`` if that is not who asks.

    Behind a proxy on this machine everybody is loopback, and so is every page that a browser on it shows.
    """
    if not client or not _SPEAKS_FOR_ANOTHER.isdisjoint(headers):
        return b""
    try:
        return parse_address(client[0])
    except ValueError:
        return b""


def refusal(guard: Guard, error: Exception) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Return status, headers and body of the answer that an error is; turned away callers are counted."""
    problem: Problem = problem_of(error)
    if problem.status in {401, 403}:
        guard.telemetry.count(guard.telemetry.denied, str(problem.status))
    body = msgspec.json.encode(problem)
    return problem.status, [*headers_of(problem), (b"content-length", b"%d" % len(body))], body


async def refuse(guard: Guard, error: Exception, send: Send) -> None:
    """Answer with the problem that an error is."""
    status, headers, body = refusal(guard, error)
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


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
