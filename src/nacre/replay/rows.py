# SPDX-License-Identifier: Apache-2.0
"""Attempts that are rows of named columns, whatever file they come from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any

import msgspec

from nacre.address import parse_address
from nacre.attempt import MAX_PAIRS, AttemptFields, Attribute, Name, Port, RequestId, Text, Word

OTHER_NAMES = {
    "src": "client_ip",
    "user": "username",
    "ok": "success",
    "known": "known_user",
    "proto": "protocol",
    "agent": "user_agent",
    "pwh": "password_digest",
    "cc": "country",
    "sess": "session",
}
"""Shorter names of columns, and what they mean."""

REQUIRED = {"time": ("ts", "time"), "client_ip": ("client_ip",), "username": ("username",)}
REQUIRED |= {"success": ("success", "outcome")}
"""What a row must tell, and the columns of which one must be there for it."""

_WORDS = {"1": True, "true": True, "yes": True, "accepted": True, "0": False, "false": False, "no": False}
_WORDS |= {"rejected": False}
_LAST_TIME = 2**33
_LONGEST_KEY, _LONGEST_VALUE = 128, 2048

Address = Annotated[str, msgspec.Meta(max_length=64)]
Digest = Annotated[str, msgspec.Meta(max_length=256)]
Password = Annotated[str, msgspec.Meta(max_length=4096)]
Headers = Annotated[dict[Word, Text], msgspec.Meta(max_length=MAX_PAIRS)]
Attributes = Annotated[dict[Word, Attribute], msgspec.Meta(max_length=MAX_PAIRS)]
Words = Annotated[list[Word], msgspec.Meta(max_length=MAX_PAIRS)]


class Row(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, gc=False):
    """
    A row as it stands in its file; whatever is not known is ``None``.

    The names are those of :class:`~nacre.attempt.AttemptFields`.  ``ts`` means ``time``, ``password_token`` means
    ``password_digest``, and ``outcome`` says ``success`` in words; ``country`` and ``asn`` become attributes.
    """

    client_ip: Address | None
    username: Name | None
    ts: float | str | None = None
    time: float | str | None = None
    success: bool | int | str | None = None
    outcome: str | None = None
    known_user: bool | int | str | None = None
    password: Password | None = None
    password_digest: Digest | None = None
    password_token: Digest | None = None
    protocol: Word | None = None
    method: Word | None = None
    service: Word | None = None
    user_agent: Text | None = None
    client_id: Name | None = None
    oidc_cid: Name | None = None
    session: Name | None = None
    local_ip: Address | None = None
    local_port: Port | None = None
    client_port: Port | None = None
    tls: bool | None = None
    headers: Headers | None = None
    attributes: Attributes | None = None
    features: Attributes | None = None
    embedded: Words | None = None
    country: Text | None = None
    asn: int | Text | None = None
    request_id: int | RequestId | None = None


COLUMNS = frozenset(Row.__struct_fields__)


def from_mapping(values: Mapping[str, Any], *, timezone: dt.tzinfo, text: bool) -> tuple[AttemptFields, bool]:
    """
    Return the attempt and the success that a row of any columns tells; scalars of unknown columns become attributes.

    Args:
        values: Column to value.
        timezone: Of times that name none.
        text: Whether all values are text, as in CSV, so that ``"22"`` is a number.

    Raises:
        ValueError: a value cannot be used, or a required one is missing.

    >>> fields, success = from_mapping(
    ...     {"ts": "1490619616", "src": "192.0.2.7", "user": "erika", "ok": "1", "floor": "3"},
    ...     timezone=dt.UTC,
    ...     text=True,
    ... )
    >>> fields.client_ip, fields.time, fields.attributes, success
    ('192.0.2.7', 1490619616.0, {'floor': '3'}, True)
    """
    known: dict[str, Any] = {}
    extra: dict[str, Attribute] = {}
    for name, value in values.items():
        column = OTHER_NAMES.get(name, name)
        if column in COLUMNS:
            known[column] = value
        elif isinstance(value, str | int | float) and name and len(name) <= _LONGEST_KEY and len(extra) < MAX_PAIRS:
            extra[name] = value[:_LONGEST_VALUE] if isinstance(value, str) else value
    row = msgspec.convert(known, Row, strict=not text)
    fields, success = from_row(row, timezone=timezone)
    if extra:
        fields.attributes = dict(list((extra | fields.attributes).items())[-MAX_PAIRS:])
    return fields, success


def from_row(row: Row, *, timezone: dt.tzinfo) -> tuple[AttemptFields, bool]:
    """
    Return the attempt and the success that a row tells.

    Raises:
        ValueError: a value cannot be used, or a required one is missing.
    """
    success = _flag("success", row.success if row.success is not None else row.outcome)
    if success is None:
        raise ValueError("success is missing")
    address = row.client_ip or ""
    _check_address(address)
    fields = AttemptFields(
        client_ip=address,
        username=row.username or "",
        protocol=row.protocol or "",
        method=row.method or "",
        service=row.service or "",
        user_agent=row.user_agent or "",
        client_id=row.client_id or "",
        oidc_cid=row.oidc_cid or "",
        session=row.session or "",
        local_ip=row.local_ip or "",
        local_port=row.local_port or 0,
        client_port=row.client_port or 0,
        tls=row.tls or False,
        headers=row.headers or {},
        password=row.password or "",
        password_digest=row.password_token or row.password_digest or "",
        attributes=_attributes(row),
        features=row.features or {},
        embedded=row.embedded or [],
        request_id=None if row.request_id is None else str(row.request_id),
        time=_seconds(row.time if row.ts is None else row.ts, timezone),
        known_user=_flag("known_user", row.known_user),
    )
    return fields, success


def _attributes(row: Row) -> dict[str, Attribute]:
    attributes = row.attributes or {}
    if row.country is not None and len(attributes) < MAX_PAIRS:
        attributes["country"] = row.country
    if row.asn is not None and len(attributes) < MAX_PAIRS:
        attributes["asn"] = row.asn
    return attributes


def _flag(column: str, value: bool | int | str | None) -> bool | None:  # noqa: FBT001 - the value of a cell
    if value is None or value is True or value is False:
        return value
    flag = _WORDS.get(str(value).lower())
    if flag is None:
        raise ValueError(f"{column} is neither true nor false, neither accepted nor rejected")
    return flag


def _seconds(value: float | str | None, timezone: dt.tzinfo) -> float:
    """
    Return the Unix seconds that a number, or an ISO 8601 text, means.

    >>> [_seconds(time, dt.UTC) for time in (1490620089, "2017-03-27T13:08:09", "2017-03-27T15:08:09+02:00")]
    [1490620089, 1490620089.0, 1490620089.0]
    """
    if value is None:
        raise ValueError("time is missing")
    if isinstance(value, str):
        value = _seconds_of_text(value, timezone)
    if not 0 <= value < _LAST_TIME:
        raise ValueError(f"{value!r} is no time in Unix seconds between 0 and {_LAST_TIME}")
    return value


def _seconds_of_text(text: str, timezone: dt.tzinfo) -> float:
    try:
        return float(text)
    except ValueError:
        pass
    try:
        time = dt.datetime.fromisoformat(text)
        return (time if time.tzinfo else time.replace(tzinfo=timezone)).timestamp()
    except (ValueError, OverflowError):
        raise ValueError(f"{text[:64]!r} is no time in Unix seconds or ISO 8601") from None


@lru_cache(maxsize=65_536)
def _check_address(text: str) -> None:
    parse_address(text)
