# SPDX-License-Identifier: Apache-2.0
"""Every error as one shape: RFC 9457 problem details."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import TypeVar

import msgspec

from nacre.errors import (
    AccessDenied,
    CampaignRefused,
    InvalidAttempt,
    NetworkRefused,
    SpoolFull,
    StoreCorrupt,
    StoreUnavailable,
    UnknownRequest,
)
from nacre.invalid import Invalid

MEDIA_TYPE = "application/problem+json"
_TITLES = {413: "Content Too Large", 422: "Unprocessable Content"}
"""As RFC 9110 has them; Python before 3.13 knows older names."""


def title(status: int) -> str:
    """
    Return a status in words.

    >>> title(404), title(422)
    ('Not Found', 'Unprocessable Content')
    """
    return _TITLES.get(status) or HTTPStatus(status).phrase


class Problem(msgspec.Struct, omit_defaults=True):
    """
    An error, as RFC 9457 has it.

    Attributes:
        type: What kind of problem; ``about:blank`` says that the status tells it all.
        title: The status in words.
        status: HTTP status.
        detail: What is wrong with this request, and what would do instead.
        field: The field that cannot be used.
        line: Which line of a batch, from 1.
        code: Which of several reasons for one status it is: ``gate_closed``, ``dry_run`` ...
    """

    title: str
    status: int
    detail: str
    field: str = ""
    line: int = 0
    code: str = ""
    type: str = "about:blank"


class ProblemError(Exception):
    """Carries a problem to the edge."""

    def __init__(self, status: int, detail: str, *, field: str = "") -> None:
        super().__init__(detail)
        self.problem = Problem(title(status), status, detail, field)


ANSWERED = (
    msgspec.MsgspecError,
    UnicodeDecodeError,
    InvalidAttempt,
    UnknownRequest,
    NetworkRefused,
    CampaignRefused,
    SpoolFull,
    StoreUnavailable,
    StoreCorrupt,
    AccessDenied,
    ProblemError,
)
"""Errors that become a problem; any other is a bug."""


_Decoded = TypeVar("_Decoded")


def decoded(decode: Callable[[bytes], _Decoded], body: bytes) -> _Decoded:
    """
    Return a body decoded.

    The decoder skips fields that it does not know, whatever their bytes are; no JSON is broken UTF-8.

    Raises:
        ProblemError: it is nested so deeply that the decoder gives up.
        UnicodeDecodeError: it is no UTF-8.
        msgspec.MsgspecError: it is no JSON, or not what was expected.
    """
    body.decode()
    try:
        return decode(body)
    except RecursionError:
        raise ProblemError(400, "the body is no JSON that can be read: it is nested too deeply") from None


_REFUSED = {
    "disabled": 409,
    "dry_run": 409,
    "ended": 409,
    "feedback_mismatch": 409,
    "gate_closed": 409,
    "not_proposed": 409,
    "not_scored": 404,
    "out_of_range": 422,
    "over_budget": 409,
    "too_many": 409,
    "unknown_block": 404,
    "unknown_campaign": 404,
    "unknown_job": 404,
    "unknown_measure": 404,
    "unknown_model": 404,
    "unusable": 422,
}
_STATUS = {UnknownRequest: 404, SpoolFull: 503, StoreUnavailable: 503}


def problem_of(error: Exception) -> Problem:
    """
    Return the problem that tells a caller of an error.

    >>> problem_of(InvalidAttempt("client_ip", "'x' is no IPv4 or IPv6 address")).field
    'client_ip'
    """
    match error:
        case ProblemError():
            return error.problem
        case InvalidAttempt():
            return _problem(422, error.problem, error.field)
        case NetworkRefused() | CampaignRefused():
            return _problem(_REFUSED[error.code], str(error), code=error.code)
        case msgspec.ValidationError():
            invalid = Invalid.of(error)
            return _problem(422, invalid.problem, invalid.field)
        case msgspec.DecodeError() | UnicodeDecodeError():
            return _problem(400, f"the body is no JSON that can be read: {error}")
    status, detail = _STATUS.get(type(error), 500), str(error)
    if isinstance(error, AccessDenied):
        status = 403 if error.authenticated else 401
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        detail = "the store holds what this service did not write; its log names the key"
    return _problem(status, detail, "request_id" if isinstance(error, UnknownRequest) else "")


def headers_of(problem: Problem) -> list[tuple[bytes, bytes]]:
    """Return the response headers that go with a problem."""
    headers = [(b"content-type", MEDIA_TYPE.encode())]
    if problem.status == HTTPStatus.UNAUTHORIZED:
        headers.append((b"www-authenticate", b'Bearer realm="nacre"'))
    if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.append((b"retry-after", b"1"))
    return headers


def _problem(status: int, detail: str, field: str = "", code: str = "") -> Problem:
    return Problem(title(status), status, detail, field, code=code)
