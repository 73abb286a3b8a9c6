# SPDX-License-Identifier: Apache-2.0
"""
One try to sign in: what callers send, checked and made canonical.

:class:`AttemptFields` is what arrives at any edge (HTTP, a log line, Python); :class:`Attempt`
is what goes inward.  On the way the address becomes packed bytes, the user name an account, and the
password a keyed digest: no value of this module below :func:`admit` holds a password.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Annotated, TypeVar

import msgspec

from nacre.account import AccountNames
from nacre.address import parse_address
from nacre.errors import InvalidAttempt
from nacre.identity import Identity
from nacre.invalid import Invalid

Name = Annotated[str, msgspec.Meta(max_length=512)]
Word = Annotated[str, msgspec.Meta(max_length=128)]
Text = Annotated[str, msgspec.Meta(max_length=2048)]
RequestId = Annotated[str, msgspec.Meta(min_length=1, max_length=128, pattern=r"^[!-~]+$(?!\n)")]
# Beyond 64 bits, nothing that we write could hold a whole number.
Whole = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
Attribute = None | bool | Whole | float | Text
Port = Annotated[int, msgspec.Meta(ge=0, le=65535)]

_Value = TypeVar("_Value")

MAX_PAIRS = 64
"""Headers, and attributes, that one attempt may carry."""


SECRET_NAMES = ("authorization", "cookie", "api-key", "apikey", "pass", "secret", "token", "credential")
"""Headers and attributes with one of these in their name are dropped at the door: `Auth-Pass`, `X-API-Key` ..."""


class AttemptFields(msgspec.Struct, kw_only=True, omit_defaults=True, gc=False):
    """
    The fields of an attempt as a caller may send them.

    Attributes:
        client_ip: Address of the client; ``""`` if it is not known.
        username: Name as typed.  ``""`` if there was none.
        protocol: ``imap``, ``smtp``, ``ssh``, ``http`` ...; rules may filter by it.
        method: Mechanism: ``plain``, ``publickey`` ...
        service: Who asks: the daemon or the application.
        user_agent: Client string.
        client_id: Device: a device token, an IMAP ID, a TLS fingerprint.
        oidc_cid: OpenID Connect client id; rules may filter by it.
        session: Session id of the asking daemon.
        local_ip, local_port: Where the connection arrived.
        client_port: Port that the client came from.
        tls: Whether the connection was encrypted.
        headers: Request headers, at most 64.
        password: The password tried.  It becomes a keyed digest at the door.
        password_digest: Instead of it, a digest that the client made (Dovecot's ``pwhash``, say).
        attributes: Whatever else is known, at most 64 pairs.
        features: Additional features for the network: numbers, booleans and texts by name.
        embedded: Names of those texts among them that become dense vectors instead of one column per value.
        request_id: The caller's id of this attempt; ours is made if it is missing.
        time: Unix seconds, honoured for operators and replays only.
        known_user: Whether the backend knows the account, as far as the caller can tell.
    """

    client_ip: Annotated[str, msgspec.Meta(max_length=64)]
    username: Name
    protocol: Word = ""
    method: Word = ""
    service: Word = ""
    user_agent: Text = ""
    client_id: Name = ""
    oidc_cid: Name = ""
    session: Name = ""
    local_ip: Annotated[str, msgspec.Meta(max_length=64)] = ""
    local_port: Port = 0
    client_port: Port = 0
    tls: bool = False
    headers: Annotated[dict[Word, Text], msgspec.Meta(max_length=MAX_PAIRS)] = {}
    password: Annotated[str, msgspec.Meta(max_length=4096)] = ""
    password_digest: Annotated[str, msgspec.Meta(max_length=256)] = ""
    attributes: Annotated[dict[Word, Attribute], msgspec.Meta(max_length=MAX_PAIRS)] = {}
    features: Annotated[dict[Word, Attribute], msgspec.Meta(max_length=MAX_PAIRS)] = {}
    embedded: Annotated[list[Word], msgspec.Meta(max_length=MAX_PAIRS)] = []
    request_id: RequestId | None = None
    time: float | None = None
    known_user: bool | None = None

    def __repr__(self) -> str:
        return f"AttemptFields(client_ip={self.client_ip!r}, username={self.username!r}, ...)"


_NAMES = AttemptFields.__struct_fields__


class Attempt(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """
    One try to sign in, canonical and without its password.

    Attributes:
        request_id: Names this attempt in answers, reports and feedback.
        time: Unix seconds.
        address: 4 or 16 packed bytes, ``b""`` if not known.
        account: Canonical user name, ``""`` if there was none.
        account_key: Keyed digest of *account*, 16 characters; ``""`` without an account.
        client_key: Keyed digest of the device, 16 characters; ``""`` without one.
        token: Keyed digest of the password, 8 bytes; ``b""`` without one.
    """

    request_id: str
    time: float
    address: bytes
    account: str
    account_key: str
    client_key: str
    token: bytes
    username: str = ""
    protocol: str = ""
    oidc_cid: str = ""
    method: str = ""
    service: str = ""
    user_agent: str = ""
    client_id: str = ""
    session: str = ""
    local_ip: str = ""
    local_port: int = 0
    client_port: int = 0
    tls: bool = False
    known_user: bool | None = None
    headers: dict[str, str] = {}
    attributes: dict[str, Attribute] = {}
    features: dict[str, Attribute] = {}
    embedded: tuple[str, ...] = ()


def checked(fields: AttemptFields) -> AttemptFields:
    """
    Return fields that somebody made in Python, with the types and limits that those have that were decoded.

    Raises:
        InvalidAttempt: a field cannot be used; names it.

    >>> checked(AttemptFields(client_ip="192.0.2.7", username="erika", local_port=70_000))
    Traceback (most recent call last):
    ...
    nacre.errors.InvalidAttempt: local_port: Expected `int` <= 65535
    """
    try:
        return msgspec.convert({name: getattr(fields, name) for name in _NAMES}, AttemptFields)
    except msgspec.ValidationError as error:
        raise InvalidAttempt(*Invalid.of(error)) from None


def admit(
    fields: AttemptFields,
    *,
    names: AccountNames,
    identity: Identity,
    now: float,
    request_id: str,
) -> Attempt:
    """
    Make an attempt of the fields that a caller sent.

    Args:
        fields: As they arrived; the password in them goes no further.
        names: The chain that makes user names canonical.
        identity: The keys for digests.
        now: Unix seconds that stand in for a missing ``time``.
        request_id: Stands in for a missing ``request_id``.

    Raises:
        InvalidAttempt: a field cannot be used; names it.

    >>> attempt = admit(
    ...     AttemptFields(client_ip="::ffff:192.0.2.7", username=" Erika@Example.ORG "),
    ...     names=AccountNames(), identity=Identity(b"k" * 32), now=1000.0, request_id="r1",
    ... )
    >>> attempt.address.hex(), attempt.account, attempt.request_id
    ('c0000207', 'erika@example.org', 'r1')
    """
    try:
        address = parse_address(fields.client_ip)
    except ValueError as error:
        raise InvalidAttempt("client_ip", str(error)) from None
    if fields.local_ip:
        try:
            parse_address(fields.local_ip)
        except ValueError as error:
            raise InvalidAttempt("local_ip", str(error)) from None
    time = fields.time
    if time is None:
        time = now
    elif not (math.isfinite(time) and 0 <= time < 2**33):
        raise InvalidAttempt("time", f"{time!r} is no time in Unix seconds between 0 and {2**33}")
    if fields.password and fields.password_digest:
        raise InvalidAttempt("password_digest", "send the password or its digest, not both")
    account = names.canonical(fields.username)
    return Attempt(
        fields.request_id or request_id,
        time,
        address,
        account,
        identity.account(account) if account else "",
        identity.client(fields.client_id) if fields.client_id else "",
        identity.password(fields.password)
        if fields.password
        else (identity.password_digest(fields.password_digest) if fields.password_digest else b""),
        fields.username,
        fields.protocol,
        fields.oidc_cid,
        fields.method,
        fields.service,
        fields.user_agent,
        fields.client_id,
        fields.session,
        fields.local_ip,
        fields.local_port,
        fields.client_port,
        fields.tls,
        fields.known_user,
        _without_secrets(fields.headers) if fields.headers else {},
        _without_secrets(fields.attributes) if fields.attributes else {},
        _without_secrets(fields.features) if fields.features else {},
        tuple(fields.embedded) if fields.embedded else (),
    )


def _without_secrets(pairs: dict[str, _Value]) -> dict[str, _Value]:
    return {name: value for name, value in pairs.items() if not _is_secret(name)}


@lru_cache(maxsize=1024)
def _is_secret(name: str) -> bool:
    """Whether a name is that of a secret; the same few come with each attempt."""
    return any(part in name.casefold() for part in SECRET_NAMES)
