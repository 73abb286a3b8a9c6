# SPDX-License-Identifier: Apache-2.0
"""The ``request`` table: an attempt as scripts know it, every field there, none of them nil."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

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

UNKNOWN: Mapping[str, Value] = {
    **dict.fromkeys(
        (
            *("service", "session", "client_ip", "client_port", "client_net", "client_id", "user_agent", "local_ip"),
            *("local_port", "username", "account", "password", "protocol", "oidc_cid", "brute_force_bucket"),
            *("feature", "status_message", "ssl", "log_level", "request_id", *_NAMED),
        ),
        "",
    ),
    "log_format": "json",
    "debug": False,
    "repeating": False,
    "user_found": False,
    "authenticated": False,
    "no_auth": False,
    "brute_force_counter": 0,
    "headers": {},
    "attributes": {},
}
"""Every field as it is where nothing else is known."""

OFTEN = (
    *("service", "session", "request_id", "client_ip", "client_port", "client_id", "user_agent", "local_ip"),
    *("local_port", "username", "account", "password", "protocol", "oidc_cid", "ssl", "log_level"),
)
"""Fields that differ from one attempt to the next; texts, all of them."""


class Request(NamedTuple):
    """
    An attempt as scripts know it.

    Most of the fields are the same in most attempts: each run makes them anew from what it knows, and is handed the
    others alone.

    Attributes:
        often: Values of the fields in :data:`OFTEN`.
        more: Further fields by name, as far as they are not as in :data:`UNKNOWN`.
    """

    often: tuple[str, ...]
    more: dict[str, Value]

    def fields(self) -> dict[str, Value]:
        """Return all fields by name."""
        return {**UNKNOWN, **dict(zip(OFTEN, self.often, strict=True)), **self.more}


def request_of(attempt: Attempt, *, log_level: str = "info", password: bool = False, **more: Value) -> Request:
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
    >>> request = request_of(attempt, authenticated=True).fields()
    >>> request["client_ip"], request["client_port"], request["account"], request["session"], request["feature"]
    ('192.0.2.7', '993', 'erika', 'r1', '')
    """
    name = attempt.request_id
    port, local_port = attempt.client_port, attempt.local_port
    often = (
        attempt.service,
        name,
        name,
        format_address(attempt.address),
        str(port) if port else "",
        attempt.client_id,
        attempt.user_agent,
        attempt.local_ip,
        str(local_port) if local_port else "",
        attempt.username,
        attempt.account,
        attempt.token.hex() if password else "",
        attempt.protocol,
        attempt.oidc_cid,
        "on" if attempt.tls else "",
        log_level,
    )
    fields: dict[str, Value] = {}
    if attempt.headers:
        fields["headers"] = attempt.headers
    attributes = attempt.attributes
    if attributes:
        fields["attributes"] = attributes
        fields |= {name: str(attributes[name]) for name in _NAMED if attributes.get(name) is not None}
    if attempt.known_user:
        fields["user_found"] = True
    if log_level == "debug":
        fields["debug"] = True
    return Request(often, fields | more if more else fields)


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
