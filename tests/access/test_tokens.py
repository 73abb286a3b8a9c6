# SPDX-License-Identifier: Apache-2.0
"""Tokens of our own: what they say, when they hold, how they are revoked."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nacre.access.caller import Caller
from nacre.access.roles import Role
from nacre.access.tokens import LEEWAY, MAX_TTL, issue, our_caller, read_header, revocation
from nacre.errors import AccessDenied

KEY = b"our own key, 32 bytes of secrecy"
NOW = 1_800_000_000.0
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def part(value: object) -> str:
    """Encode a part of a token."""
    return urlsafe_b64encode(value if isinstance(value, bytes) else json.dumps(value).encode()).decode().rstrip("=")


def signed(key: bytes = KEY, algorithm: str = "HS256", **claims: Any) -> str:
    """Sign a token that holds, but for *claims*; ``None`` leaves one out."""
    given = {"iss": "nacre", "aud": "nacre", "jti": "1", "exp": NOW + 60, "roles": ["admin"], **claims}
    payload = {claim: value for claim, value in given.items() if value is not None}
    return jwt.encode(payload, key, algorithm=algorithm)


def refusal(token: str, now: float = NOW) -> str:
    """Return why a token is refused, in words that have nothing of it."""
    with pytest.raises(AccessDenied) as refused:
        our_caller(token, KEY, now=now)
    assert not refused.value.authenticated
    for piece in (token, *token.split(".")):
        assert len(piece) < 4 or piece not in str(refused.value)
    return str(refused.value)


def test_a_token_tells_who_bears_it_and_what_they_may_do() -> None:
    """
    Nothing about a token is looked up: it carries all of this itself.
    """
    token = issue(KEY, roles={Role.VIEWER, Role.AUTHENTICATE}, ttl=3600, now=NOW, name="dovecot")

    caller = our_caller(token, KEY, now=NOW)

    assert caller == Caller("dovecot", frozenset({Role.VIEWER, Role.AUTHENTICATE}), caller.jti, NOW + 3600)
    assert len(caller.jti) == 32


def test_a_token_without_a_name_goes_by_its_id() -> None:
    """
    The audit log must be able to say which token it was.
    """
    caller = our_caller(issue(KEY, roles={Role.ADMIN}, ttl=60, now=NOW), KEY, now=NOW)

    assert caller.name == caller.jti


def test_the_longest_token_of_ours_is_far_from_too_long() -> None:
    """
    A name outside of the basic plane takes the most: two escapes of six characters for each of its own.
    """
    token = issue(KEY, roles=set(Role), ttl=MAX_TTL, now=NOW, name="\N{GRINNING FACE}" * 128)

    assert len(token) < 2600
    assert our_caller(token, KEY, now=NOW).roles == set(Role)


def test_each_token_has_an_id_of_its_own() -> None:
    """
    Revoking one must not revoke another.
    """
    ids = {revocation(issue(KEY, roles={Role.ADMIN}, ttl=60, now=NOW), now=NOW)[0] for _ in range(1000)}

    assert len(ids) == 1000


@pytest.mark.parametrize("ttl", [0, -1, MAX_TTL + 1, float("inf"), float("nan")])
def test_no_token_is_without_an_end(ttl: float) -> None:
    """
    A token that nobody renews is one that nobody misses when it is stolen.
    """
    with pytest.raises(ValueError, match="366 days"):
        issue(KEY, roles={Role.ADMIN}, ttl=ttl, now=NOW)


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"key": b"short"}, "32 bytes"),
        ({"roles": ()}, "one role"),
        ({"name": "n" * 129}, "128"),
        ({"name": "a\nb"}, "128"),
    ],
)
def test_a_token_is_not_issued_from_what_cannot_be_meant(given: dict[str, Any], match: str) -> None:
    """
    A short key can be guessed, and a line break in a name would forge lines of the audit log.
    """
    with pytest.raises(ValueError, match=match):
        issue(**{"key": KEY, "roles": {Role.ADMIN}, "ttl": 60, "now": NOW, **given})


@given(now=st.floats(0, 4e9), ttl=st.floats(0.001, MAX_TTL), after=st.floats(0, 1))
def test_a_token_holds_for_as_long_as_was_asked(now: float, ttl: float, after: float) -> None:
    """
    Times in a token are whole seconds; rounding must not shorten the life of a short one.
    """
    token = issue(KEY, roles={Role.VIEWER}, ttl=ttl, now=now)

    caller = our_caller(token, KEY, now=now + after * ttl)

    assert now + ttl <= caller.expires < now + ttl + 1


def test_a_token_ends_ten_seconds_after_its_end() -> None:
    """
    Clocks of two machines differ a little, and by no more than the leeway.
    """
    token = issue(KEY, roles={Role.VIEWER}, ttl=3600, now=NOW)

    our_caller(token, KEY, now=NOW + 3600 + LEEWAY - 0.001)

    assert "expired" in refusal(token, now=NOW + 3600 + LEEWAY)


@given(place=st.integers(0, 10_000), letter=st.sampled_from(ALPHABET + "."))
def test_a_token_with_any_character_changed_is_refused(place: int, letter: str) -> None:
    """
    Whatever is changed, roles or end or signature, nothing of it counts any more.
    """
    token = signed()
    place %= len(token)
    changed = token[:place] + letter + token[place + 1 :]

    if changed != token:
        refusal(changed)


def test_what_is_not_signed_is_refused() -> None:
    """
    The header of a token is written by whoever sends it; "none" must not be believed in any spelling.
    """
    claims = {"iss": "nacre", "aud": "nacre", "jti": "1", "exp": NOW + 60, "roles": ["admin"]}

    for algorithm in ("none", "None", "NONE", "", None, ["HS256"], {"HS256": 1}, 0):
        for signature in ("", "AAAA"):
            refusal(f"{part({'alg': algorithm})}.{part(claims)}.{signature}")
    refusal(f"{part({})}.{part(claims)}.AAAA")


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_no_other_algorithm_will_do_with_our_key(algorithm: str) -> None:
    """
    One key, one algorithm.
    """
    refusal(signed(KEY * 2, algorithm))
    refusal(signed(KEY * 2))


@pytest.mark.parametrize(
    ("claims", "match"),
    [
        ({"exp": None}, "no 'exp'"),
        ({"exp": True}, "no time"),
        ({"exp": "soon"}, "no time"),
        ({"exp": "1900000000"}, "no time"),
        ({"exp": float("inf")}, "no time"),
        ({"exp": float("nan")}, "no time"),
        ({"exp": 10**400}, "no time"),
        ({"exp": [NOW + 60]}, "no time"),
        ({"exp": NOW - LEEWAY}, "expired"),
        ({"nbf": NOW + LEEWAY + 1}, "not valid yet"),
        ({"iat": NOW + LEEWAY + 1}, "not valid yet"),
        ({"iss": None}, "no 'iss'"),
        ({"iss": "somebody"}, "another issuer"),
        ({"aud": None}, "no 'aud'"),
        ({"aud": "somebody"}, "another audience"),
        ({"aud": ["somebody"]}, "another audience"),
        ({"sub": 7}, "cannot be read"),
    ],
)
def test_claims_that_do_not_hold_are_refused_with_the_reason(claims: dict[str, Any], match: str) -> None:
    """
    Even with our signature: another program may have the key, or an earlier version of this one.
    """
    assert match in refusal(signed(**claims))


def test_roles_that_are_no_list_are_none() -> None:
    """
    Taking a text letter by letter, or a mapping by its keys, would be guessing.
    """
    for roles in ("admin", {"admin": True}, None, 7, [["admin"]]):
        assert our_caller(signed(roles=roles), KEY, now=NOW).roles == frozenset()


@pytest.mark.parametrize(
    "token",
    [
        "",
        "...",
        "a.b.c",
        "a.b",
        "é.é.é",
        part(b"[" * 3000) + ".AAAA.AAAA",
        part(b'{"alg":"HS256","x":' + b"[" * 5000) + ".AAAA.AAAA",
        part({"alg": "HS256"}) + ".AAAA",
        part({"alg": "HS256"}) + ".A A.AAAA",
        part({"alg": "HS256", "kid": 7}) + ".AAAA.AAAA",
        part({"alg": "HS256"}) + "." + "A" * 9000 + ".AAAA",
        part(b"\xff\xfe") + ".AAAA.AAAA",
        part({"alg": "HS256"}) + "=.AAAA.AAAA",
    ],
)
def test_what_is_no_token_is_refused_before_anything_is_computed(token: str) -> None:
    """
    Whoever can reach the port can send this.
    """
    with pytest.raises(AccessDenied, match="no JSON Web Token") as refused:
        read_header(token)

    assert not refused.value.authenticated


def test_a_payload_of_brackets_is_refused_and_not_a_crash() -> None:
    """
    The parser gives up on deep nesting with an error that is no error of the token library.
    """
    head = part({"alg": "HS256", "typ": "JWT"})
    deep = head + "." + part(b"[" * 4000)
    signature = jwt.encode({}, KEY, algorithm="HS256").rpartition(".")[2]

    refusal(f"{deep}.{signature}")
    with pytest.raises(ValueError, match="whole token"):
        revocation(f"{deep}.{signature}", now=NOW)


def test_a_token_is_revoked_under_its_id_until_its_end() -> None:
    """
    What is pasted may come with the word that stands before it in the header, and with a line break.
    """
    token = issue(KEY, roles={Role.ADMIN}, ttl=3600, now=NOW)
    caller = our_caller(token, KEY, now=NOW)

    assert revocation(token, now=NOW) == (caller.jti, NOW + 3600 + LEEWAY)
    assert revocation(f" Bearer {token}\n", now=NOW) == (caller.jti, NOW + 3600 + LEEWAY)


def test_an_id_is_revoked_for_as_long_as_any_token_of_ours_can_live() -> None:
    """
    Its end is not to be seen; forgetting the revocation earlier would bring the token back.
    """
    assert revocation("trrtcc:1", now=NOW) == ("trrtcc:1", NOW + MAX_TTL + 2 * LEEWAY + 1)


def test_a_token_that_ends_in_a_million_years_is_revoked_until_the_year_10000() -> None:
    """
    The store keeps times in milliseconds and refuses what does not fit.
    """
    assert revocation(signed(exp=1e300), now=NOW) == ("1", 253_402_300_800.0)


@pytest.mark.parametrize("text", ["", " ", "a b", "x" * 129, "eyJhbGciOiJIUzI1NiJ9.eyJ", "eyJhbGciOiJIUzI1NiJ9"])
def test_a_piece_of_a_token_is_no_id(text: str) -> None:
    """
    Revoking it would tell the operator that the token is dead while it lives on.
    """
    with pytest.raises(ValueError, match="whole token"):
        revocation(text, now=NOW)


def test_a_token_without_an_id_is_revoked_by_its_content() -> None:
    """
    A signature can often be rewritten so that it still holds; what it signs cannot.
    """
    token, other = signed(jti=None), signed(jti=None, sub="erika")
    head = token.rpartition(".")[0]

    jti, _ = revocation(token, now=NOW)

    assert jti.startswith("sha256:")
    assert our_caller(token, KEY, now=NOW).jti == jti
    assert revocation(f"{head}.AAAA", now=NOW)[0] == jti
    assert revocation(other, now=NOW)[0] != jti
