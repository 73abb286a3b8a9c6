# SPDX-License-Identifier: Apache-2.0
"""The gate: who gets in, and who does not."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from nacre.access.api_keys import make_api_key
from nacre.access.caller import LOOPBACK
from nacre.access.gate import MAX_REMEMBERED, Gate
from nacre.access.roles import Role
from nacre.access.tokens import LEEWAY, MAX_TTL, issue, revocation
from nacre.address import parse_address
from nacre.config.tree import ApiKey

if TYPE_CHECKING:
    from builders import Clock

MakeGate = Callable[..., Gate]
Refusal = Callable[..., str]
Bearer = Callable[..., str]
NOW = 1_800_000_000.0


def test_a_token_is_good_for_as_many_requests_as_its_life_has(
    make_gate: MakeGate, clock: Clock, refusal: Refusal, bearer: Bearer
) -> None:
    """
    The second time the token is only recognised; its end must count then, too.
    """
    gate, shown = make_gate(), bearer(ttl=3600)

    first = gate.admit_now(shown, None)
    clock.now += 3600 + LEEWAY - 1
    second = gate.admit_now(shown, None)
    clock.now += 1

    assert first == second
    assert first.name == "erika"
    assert "expired" in refusal(gate, shown)


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer "])
def test_the_word_before_a_token_may_be_written_in_any_case(make_gate: MakeGate, token_key: bytes, scheme: str) -> None:
    """
    HTTP says so (RFC 9110, section 11.1), and some clients rely on it.
    """
    token = issue(token_key, roles={Role.VIEWER}, ttl=60, now=NOW, name="erika")

    assert make_gate().admit_now(f"{scheme} {token}", None).name == "erika"


@pytest.mark.parametrize(
    "shown",
    ["", "Bearer", "Bearer ", "Basic ZXJpa2E6c2VjcmV0", "Bearer a.b.c", "Bearer é", "Bearer \udc80", "B" * 9000],
)
def test_a_header_that_is_no_token_is_refused_without_being_repeated(
    make_gate: MakeGate, shown: str, refusal: Refusal
) -> None:
    """
    A password sent by mistake must not come back in an error and from there into a log.
    """
    message = refusal(make_gate(open_check_on_loopback=True), shown, peer=parse_address("127.0.0.1"))

    assert "ZXJpa2E6c2VjcmV0" not in message
    assert "a.b.c" not in message


def test_whoever_shows_nothing_is_told_what_to_show(make_gate: MakeGate, refusal: Refusal) -> None:
    """
    The first request of every new integration ends here.
    """
    assert "Authorization: Bearer" in refusal(make_gate(), None)


def test_a_revoked_token_is_refused_at_once_though_it_was_admitted_before(
    make_gate: MakeGate, refusal: Refusal, bearer: Bearer
) -> None:
    """
    Whoever revokes a stolen token cannot wait until it is forgotten.
    """
    gate, stolen, other = make_gate(), bearer(), bearer()
    gate.admit_now(stolen, None)
    gate.admit_now(other, None)

    gate.revoke(*revocation(stolen, now=NOW))

    assert "revoked" in refusal(gate, stolen)
    assert "revoked" in refusal(gate, stolen.lower()[:7] + stolen[7:])
    gate.admit_now(other, None)


def test_a_revoked_token_stays_revoked_through_the_leeway_and_is_forgotten_then(
    make_gate: MakeGate, clock: Clock, refusal: Refusal, bearer: Bearer
) -> None:
    """
    A revocation that ended with the token would bring it back for the seconds that clocks may differ.
    """
    gate, stolen = make_gate(), bearer(ttl=3600)
    jti, until = revocation(stolen, now=NOW)
    gate.revoke(jti, until)

    clock.now = NOW + 3600 + LEEWAY - 0.5
    gate.revoke("another", until + 1000)
    assert "revoked" in refusal(gate, stolen)

    clock.now = NOW + 3600 + LEEWAY
    assert set(gate.revoked) == {"another"}
    assert "expired" in refusal(gate, stolen)


def test_a_token_revoked_by_its_id_alone_stays_revoked_for_all_its_life(
    make_gate: MakeGate, token_key: bytes, clock: Clock, refusal: Refusal
) -> None:
    """
    The worst case: the longest life, given by an instance whose clock is ahead, and revoked at once.
    """
    gate = make_gate()
    stolen = "Bearer " + issue(token_key, roles={Role.ADMIN}, ttl=MAX_TTL, now=NOW + LEEWAY + 0.5)
    caller = gate.admit_now(stolen, None)
    gate.revoke(*revocation(caller.jti, now=NOW))

    clock.now = caller.expires + LEEWAY - 0.001
    gate.revoke("another", clock.now + 1000)

    assert "revoked" in refusal(gate, stolen)


def test_neither_tokens_nor_keys_are_kept(make_gate: MakeGate, bearer: Bearer) -> None:
    """
    A memory dump or a debugger must not hand out what still opens doors elsewhere.
    """
    api_key, digest = make_api_key()
    gate = make_gate(api_keys=(ApiKey(name="dovecot", sha256=digest),))
    shown = bearer()
    signature = shown.rpartition(".")[2]
    gate.admit_now(shown, None)
    gate.admit_now(None, api_key)

    reached: dict[int, object] = {}
    waiting: list[object] = [gate]
    while waiting:
        thing = waiting.pop()
        if id(thing) not in reached and not isinstance(thing, type) and type(thing).__name__ != "module":
            reached[id(thing)] = thing
            waiting += gc.get_referents(thing) if not callable(thing) else []

    kept = [thing for thing in reached.values() if isinstance(thing, str | bytes)]
    assert any("erika" in text for text in kept if isinstance(text, str))
    assert not [text for text in kept if (signature if isinstance(text, str) else signature.encode()) in text]  # type: ignore[operator]
    assert api_key not in kept
    assert api_key.encode() not in kept


def test_no_more_tokens_are_remembered_than_fit_and_all_of_them_hold(make_gate: MakeGate, bearer: Bearer) -> None:
    """
    An issuer may hand out a token for each request.
    """
    gate = make_gate()
    oldest = bearer()
    gate.admit_now(oldest, None)

    for _ in range(MAX_REMEMBERED + 5):
        gate.admit_now(bearer(), None)

    assert len(gate._remembered) == MAX_REMEMBERED  # noqa: SLF001
    assert gate.admit_now(oldest, None).name == "erika"


def test_refused_tokens_leave_nothing_behind(make_gate: MakeGate, refusal: Refusal, bearer: Bearer) -> None:
    """
    Strangers can send as many as they like.
    """
    gate = make_gate()

    for _ in range(100):
        refusal(gate, bearer(key=b"the key of somebody else, 32 b. "))

    assert not gate._remembered  # noqa: SLF001


def test_a_bad_token_is_not_made_good_by_a_good_key(make_gate: MakeGate, refusal: Refusal, bearer: Bearer) -> None:
    """
    Who sends both means one of them; guessing which would hide a token that has expired.
    """
    api_key, digest = make_api_key()
    gate = make_gate(api_keys=(ApiKey(name="dovecot", sha256=digest),))

    assert gate.admit_now(bearer(), api_key).name == "erika"
    refusal(gate, bearer(key=b"the key of somebody else, 32 b. "), api_key)


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"])
def test_this_machine_gets_in_without_a_token_only_if_the_settings_say_so(
    make_gate: MakeGate, peer: str, refusal: Refusal
) -> None:
    """
    Other users of the machine could otherwise ask as they like.
    """
    assert make_gate(open_check_on_loopback=True).admit_now(None, None, peer=parse_address(peer)) == LOOPBACK
    refusal(make_gate(), None, peer=parse_address(peer))


@pytest.mark.parametrize("peer", ["", "0.0.0.0", "::", "10.0.0.1", "128.0.0.1", "::2", "fe80::1"])  # noqa: S104
def test_nobody_else_is_taken_for_this_machine(make_gate: MakeGate, peer: str, refusal: Refusal) -> None:
    """
    An address that is not known, or was forwarded, is not one of ours.
    """
    refusal(make_gate(open_check_on_loopback=True), None, peer=parse_address(peer))


def test_a_wrong_secret_from_this_machine_is_still_wrong(make_gate: MakeGate, refusal: Refusal, bearer: Bearer) -> None:
    """
    An expired token would otherwise work as long as nobody needs its role, and fail then.
    """
    gate = make_gate(open_check_on_loopback=True)
    here = parse_address("127.0.0.1")

    refusal(gate, bearer(key=b"the key of somebody else, 32 b. "), peer=here)
    refusal(gate, None, "wrong", peer=here)
