# SPDX-License-Identifier: Apache-2.0
"""Every error becomes a problem of one shape."""

from __future__ import annotations

import re

import msgspec
import pytest

from nacre.api.problems import ANSWERED, ProblemError, headers_of, problem_of
from nacre.attempt import AttemptFields
from nacre.errors import (
    AccessDenied,
    InvalidAttempt,
    NetworkRefused,
    SpoolFull,
    StoreCorrupt,
    StoreUnavailable,
    UnknownRequest,
)


def _invalid(body: bytes) -> Exception:
    with pytest.raises(msgspec.MsgspecError) as caught:
        msgspec.json.decode(body, type=AttemptFields)
    return caught.value


@pytest.mark.parametrize(
    ("error", "status", "field"),
    [
        (InvalidAttempt("client_ip", "is none"), 422, "client_ip"),
        (UnknownRequest("r1"), 404, "request_id"),
        (SpoolFull("full"), 503, ""),
        (StoreUnavailable("away"), 503, ""),
        (StoreCorrupt("nacre:x", "junk"), 500, ""),
        (AccessDenied("no token", authenticated=False), 401, ""),
        (AccessDenied("no role", authenticated=True), 403, ""),
        (ProblemError(413, "too large"), 413, ""),
        (_invalid(b"{"), 400, ""),
        (_invalid(b'{"client_ip": "::1"}'), 422, "username"),
        (_invalid(b'{"client_ip": 7, "username": ""}'), 422, "client_ip"),
        (_invalid(b'{"client_ip": "::1", "username": "", "headers": {"a": 1}}'), 422, "headers[...]"),
    ],
)
def test_an_error_has_its_status_and_names_its_field(error: Exception, status: int, field: str) -> None:
    """
    A client tells by the status what to do, and its author by the field where to look.
    """
    assert isinstance(error, ANSWERED)

    problem = problem_of(error)

    assert (problem.status, problem.field) == (status, field)
    assert problem.detail


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("dry_run", 409),
        ("disabled", 409),
        ("feedback_mismatch", 409),
        ("gate_closed", 409),
        ("not_scored", 404),
        ("unknown_job", 404),
        ("unknown_model", 404),
        ("out_of_range", 422),
    ],
)
def test_what_the_network_cannot_do_is_told_with_a_code(code: str, status: int) -> None:
    """
    Four reasons share a status; a program tells them apart without reading the sentence.
    """
    error = NetworkRefused(code, "it cannot, because")
    assert isinstance(error, ANSWERED)

    problem = problem_of(error)

    assert (problem.status, problem.code, problem.detail) == (status, code, "it cannot, because")


def test_every_code_of_the_network_has_a_status() -> None:
    """
    A new code without one would be answered as a bug.
    """
    named = set(re.findall(r"``(\w+)``", NetworkRefused.__doc__ or ""))

    assert named
    for code in named:
        assert problem_of(NetworkRefused(code, "no")).code == code


def test_a_corrupt_key_is_not_told_to_callers() -> None:
    """
    Keys hold addresses; the log is the place for them.
    """
    assert "nacre:x" not in problem_of(StoreCorrupt("nacre:x", "junk")).detail


def test_headers_say_how_to_go_on() -> None:
    """
    With a token, or a second later.
    """
    denied = dict(headers_of(problem_of(AccessDenied("no token", authenticated=False))))
    away = dict(headers_of(problem_of(StoreUnavailable("away"))))

    assert denied[b"www-authenticate"].startswith(b"Bearer")
    assert away[b"retry-after"] == b"1"
