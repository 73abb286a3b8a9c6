# SPDX-License-Identifier: Apache-2.0
"""The ``request`` table: an attempt as scripts know it, every field there, none of them nil."""

from __future__ import annotations

from collections.abc import Mapping

from nacre.address import format_address
from nacre.attempt import Attempt
from nacre.decision import Decision
from nacre.hooks.call import HttpRequest, Value

_NAMED = (
    *("client_hostname", "account_field", "unique_user_id", "display_name", "ssl_session_id", "ssl_client_verify"),
    *("ssl_client_dn", "ssl_client_cn", "ssl_issuer", "ssl_client_not_before", "ssl_client_not_after"),
    *("ssl_subject_dn", "ssl_issuer_dn", "ssl_client_subject_dn", "ssl_client_issuer_dn", "ssl_protocol"),
    *("ssl_cipher", "ssl_serial", "ssl_fingerprint"),
)
"""Fields that callers send as attributes of the same name."""

_UNKNOWN: Mapping[str, Value] = {
    **dict.fromkeys(
        (
            *("service", "session", "client_ip", "client_port", "client_net", "client_id", "user_agent", "local_ip"),
            *("local_port", "username", "account", "password", "protocol", "oidc_cid", "brute_force_bucket"),
            *("feature", "status_message", "ssl", "log_format", "log_level", "request_id", *_NAMED),
        ),
        "",
    ),
    "debug": False,
    "repeating": False,
    "user_found": False,
    "authenticated": False,
    "no_auth": False,
    "brute_force_counter": 0,
    "headers": {},
    "attributes": {},
}
"""Every field as it is where nothing is known."""

FIELDS = tuple(_UNKNOWN)
"""Names of all fields."""


def request_of(attempt: Attempt, *, log_level: str = "info", password: bool = False, **more: Value) -> dict[str, Value]:
    """
    Return the fields of an attempt.

    Args:
        attempt: The attempt.
        log_level: Of the service.
        password: Whether the keyed digest of the password is told; the password itself is not known here.
        more: Fields that are known beyond the attempt, such as ``authenticated``.

    >>> from nacre.attempt import admit, AttemptFields
    >>> from nacre.account import AccountNames
    >>> from nacre.identity import Identity
    >>> attempt = admit(AttemptFields(client_ip="192.0.2.7", username="Erika", client_port=993),
    ...                 names=AccountNames(), identity=Identity(b"k" * 32), now=0.0, request_id="r1")
    >>> request = request_of(attempt, authenticated=True)
    >>> request["client_ip"], request["client_port"], request["account"], request["session"], request["feature"]
    ('192.0.2.7', '993', 'erika', 'r1', '')
    """
    attributes = attempt.attributes
    request = {
        **_UNKNOWN,
        "debug": log_level == "debug",
        "user_found": bool(attempt.known_user),
        "service": attempt.service,
        "session": attempt.request_id,
        "request_id": attempt.request_id,
        "client_ip": format_address(attempt.address),
        "client_port": str(attempt.client_port or ""),
        "client_id": attempt.client_id,
        "user_agent": attempt.user_agent,
        "local_ip": attempt.local_ip,
        "local_port": str(attempt.local_port or ""),
        "username": attempt.username,
        "account": attempt.account,
        "password": attempt.token.hex() if password else "",
        "protocol": attempt.protocol,
        "oidc_cid": attempt.oidc_cid,
        "ssl": "on" if attempt.tls else "",
        "log_format": "json",
        "log_level": log_level,
        "headers": attempt.headers,
        "attributes": attributes,
    }
    if attributes:
        request |= {name: str(attributes[name]) for name in _NAMED if attributes.get(name) is not None}
    return request | more if more else request


def refusal_fields(decision: Decision) -> dict[str, Value]:
    """Return what a refusal tells of its rule: network, bucket, counter, and whether it was blocked before."""
    told = next((reason for reason in decision.reasons if reason.rule), None)
    if told is None:
        return {"status_message": decision.message, "feature": "lua" if _by_script(decision) else ""}
    return {
        "client_net": told.subject if "/" in told.subject else "",
        "brute_force_bucket": told.rule,
        "brute_force_counter": told.count,
        "repeating": told.code == "blocked",
        "feature": "brute_force",
        "status_message": decision.message,
    }


def _by_script(decision: Decision) -> bool:
    return any(reason.code == "lua" for reason in decision.reasons)


def carried(attempt: Attempt) -> HttpRequest | None:
    """Return the request that carried an attempt, as far as its caller told of it."""
    headers = attempt.headers
    return HttpRequest(headers={name.lower(): [value] for name, value in headers.items()}) if headers else None
