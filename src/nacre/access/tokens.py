# SPDX-License-Identifier: Apache-2.0
"""
Tokens: JSON Web Tokens (RFC 7519) that name a caller and their roles.

Those that we issue are signed with HS256 and our own key.  Which key may verify which algorithm
is decided here and never by the token (RFC 8725, section 3.1).
"""

from __future__ import annotations

import binascii
import math
import re
import secrets
from base64 import urlsafe_b64decode
from collections.abc import Collection, Mapping
from hashlib import sha256
from typing import Any, NamedTuple

import jwt
import msgspec

from nacre.access.caller import MAX_NAME, Caller
from nacre.access.roles import Role, known_roles
from nacre.errors import AccessDenied
from nacre.secrets import TOKEN_KEY_BYTES

OURS = "nacre"
"""Issuer and audience of our own tokens."""
OUR_ALGORITHM = "HS256"
MAX_TTL = 366 * 86_400.0
"""Seconds; no token of ours lives longer."""
LEEWAY = 10.0
"""Seconds by which the clocks of issuer and service may differ."""
MAX_TOKEN = 8_192
"""Characters.  Our own stay below 2,600; those of a directory with many groups have some thousand."""
MAX_JTI = 128
_END_OF_TIME = 253_402_300_800.0
"""The year 10000: a revocation that is stored with a larger number would be no time for the store."""
_TOKEN = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)


class Header(msgspec.Struct, frozen=True):
    """
    What a token says of its signature; nothing of it is believed.

    Attributes:
        alg: Name of the algorithm.
        kid: Name of the key, as its issuer calls it.
    """

    alg: str
    kid: str | None = None


class Demands(NamedTuple):
    """
    What a token must satisfy.

    Attributes:
        key: The one key that may have signed it.
        algorithm: The one algorithm that goes with this key.
        issuer: What ``iss`` must be, ``""`` to accept any.
        audience: What ``aud`` must hold, ``""`` to accept any.
    """

    key: bytes | jwt.PyJWK
    algorithm: str
    issuer: str
    audience: str


def issue(key: bytes, *, roles: Collection[Role], ttl: float, now: float, name: str = "") -> str:
    """
    Return a new token of ours.

    Args:
        key: At least 32 secret bytes.
        roles: What its bearer may do, at least one.
        ttl: Seconds until it ends, above 0 and at most 366 days: no token is for ever.
        now: Unix seconds.
        name: Who bears it, for the audit log; at most 128 characters.

    Raises:
        ValueError: One of them is out of range.

    >>> token = issue(b"k" * 32, roles={Role.VIEWER}, ttl=3600, now=1_700_000_000, name="erika")
    >>> caller = our_caller(token, b"k" * 32, now=1_700_000_060)
    >>> caller.name, sorted(caller.roles), caller.expires
    ('erika', [<Role.VIEWER: 'viewer'>], 1700003600.0)
    """
    if len(key) < TOKEN_KEY_BYTES:
        raise ValueError(f"a token key has at least {TOKEN_KEY_BYTES} bytes, not {len(key)}")
    if not roles:
        raise ValueError("a token needs at least one role")
    if not 0 < ttl <= MAX_TTL:
        raise ValueError(f"a token lives more than 0 and at most {MAX_TTL:.0f} seconds (366 days), not {ttl:g}")
    if len(name) > MAX_NAME or not name.isprintable():
        raise ValueError(f"the name of a token has at most {MAX_NAME} printable characters")
    # Hexadecimal, because an id that begins with a dash would look like an option to the command line.
    jti = secrets.token_hex(16)
    claims = {
        "iss": OURS,
        "aud": OURS,
        "sub": name or jti,
        "jti": jti,
        "iat": math.floor(now),
        "exp": math.ceil(now + ttl),
        "roles": sorted(roles),
    }
    return jwt.encode(claims, key, algorithm=OUR_ALGORITHM)


def our_caller(token: str, key: bytes, *, now: float) -> Caller:
    """
    Return the bearer of a token of ours.

    Raises:
        AccessDenied: The token does not hold.
    """
    claims = verified_claims(token, Demands(key, OUR_ALGORITHM, issuer=OURS, audience=OURS), now=now)
    roles = claims.get("roles")
    return caller_of(token, claims, known_roles(roles if isinstance(roles, list) else ()))


def caller_of(token: str, claims: Mapping[str, Any], roles: frozenset[Role]) -> Caller:
    """Return the bearer of a token whose claims were verified."""
    jti = _jti(token, claims)
    subject = claims.get("sub")
    # A line break in a name would forge lines of the audit log.
    name = subject if isinstance(subject, str) and subject and subject.isprintable() else jti
    return Caller(name[:MAX_NAME], roles, jti, _seconds(claims, "exp"))


def read_header(token: str) -> Header:
    """
    Return the header of a token, before anything is verified and without costly work.

    Raises:
        AccessDenied: This is no token at all.
    """
    if len(token) <= MAX_TOKEN and _TOKEN.fullmatch(token):
        first = token.partition(".")[0]
        try:
            return msgspec.json.decode(urlsafe_b64decode(first + "=" * (-len(first) % 4)), type=Header)
        except (binascii.Error, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            pass
    raise _denied("this is no JSON Web Token")


def verified_claims(token: str, demands: Demands, *, now: float) -> Mapping[str, Any]:
    """
    Return the claims of a token whose signature, issuer, audience and times hold.

    Args:
        token: Its text.
        demands: What it must satisfy.
        now: Unix seconds.

    Raises:
        AccessDenied: Something does not hold.  The message says what, and nothing of the token.
    """
    # The library would compare the times with its own clock.
    options: Any = {
        "verify_exp": False,
        "verify_nbf": False,
        "verify_iat": False,
        "verify_iss": bool(demands.issuer),
        "verify_aud": bool(demands.audience),
    }
    try:
        claims = jwt.decode(
            token,
            demands.key,
            [demands.algorithm],
            options,
            issuer=demands.issuer or None,
            audience=demands.audience or None,
        )
    except jwt.InvalidSignatureError:
        raise _denied("the signature of the token does not hold: it was changed, or signed with another key") from None
    except jwt.InvalidIssuerError:
        raise _denied("the token comes from another issuer") from None
    except jwt.InvalidAudienceError:
        raise _denied("the token is meant for another audience") from None
    except jwt.MissingRequiredClaimError as error:
        raise _denied(f"the token has no {error.claim!r}") from None
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise _denied("the token cannot be read") from None
    _refuse_times(claims, now)
    return claims


def revocation(token_or_jti: str, *, now: float) -> tuple[str, float]:
    """
    Return the id under which to revoke a token, and the Unix second until which it must stay revoked.

    The signature is not looked at: who may revoke, may revoke what nobody ever signed.

    Args:
        token_or_jti: The token, or its id (``jti``).  The end of a token is not to be seen from
            its id, so the longest life of our own tokens is taken.  Either way the leeway is included.
        now: Unix seconds.

    Raises:
        ValueError: It is neither; most often a token of which a part is missing.

    >>> token = issue(b"k" * 32, roles={Role.VIEWER}, ttl=3600, now=1_700_000_000)
    >>> jti, until = revocation(token, now=1_700_000_000)
    >>> len(jti), until
    (32, 1700003610.0)
    >>> revocation("4f1c", now=1_700_000_000)
    ('4f1c', 1731622421.0)
    """
    text = token_or_jti.strip().removeprefix("Bearer ")
    try:
        read_header(text)
        claims = jwt.decode(text, options={"verify_signature": False})
        return _jti(text, claims), min(_seconds(claims, "exp") + LEEWAY, _END_OF_TIME)
    except (AccessDenied, jwt.PyJWTError, ValueError, RecursionError):
        pass
    # A piece of a token must not be kept as if it were an id: it would revoke nothing.
    if not 0 < len(text) <= MAX_JTI or text.startswith("eyJ") or not text.isprintable() or " " in text:
        raise ValueError("this is neither a whole token nor the id (jti) of one")
    # The clock of its issuer may have been ahead of ours, and its end is rounded up to a whole second.
    return text, now + MAX_TTL + 2 * LEEWAY + 1


def _refuse_times(claims: Mapping[str, Any], now: float) -> None:
    if now >= _seconds(claims, "exp") + LEEWAY:
        raise _denied("the token has expired")
    for claim in ("nbf", "iat"):
        if claim in claims and _seconds(claims, claim) > now + LEEWAY:
            raise _denied("the token is not valid yet; compare the clocks of issuer and service")


def _seconds(claims: Mapping[str, Any], claim: str) -> float:
    value = claims.get(claim)
    if value is None:
        raise _denied(f"the token has no {claim!r}")
    try:
        seconds = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
    except OverflowError:
        seconds = math.nan
    if not math.isfinite(seconds):
        raise _denied(f"{claim!r} of the token is no time")
    return seconds


def _jti(token: str, claims: Mapping[str, Any]) -> str:
    """
    Return the id of a token, made from its content if its issuer gave none that we can keep.

    Not from its signature: an elliptic signature has a second form that holds as well.
    """
    jti = claims.get("jti")
    if isinstance(jti, str) and 0 < len(jti) <= MAX_JTI and jti.isprintable():
        return jti
    return "sha256:" + sha256(token.rpartition(".")[0].encode()).hexdigest()


def _denied(message: str) -> AccessDenied:
    return AccessDenied(message, authenticated=False)
