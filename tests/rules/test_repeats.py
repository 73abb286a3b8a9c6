# SPDX-License-Identifier: Apache-2.0
"""The same wrong password again: through the whole guard."""

from __future__ import annotations

import itertools

from builders import Clock, MakeGuard, fail, fields, rule
from hypothesis import given, settings
from hypothesis import strategies as st

from nacre.attempt import AttemptFields
from nacre.config.duration import Duration
from nacre.config.tree import IpScoping, Subject
from nacre.service import Guard


async def counts(guard: Guard, attempt: AttemptFields) -> bool:
    """Whether a failure changes any count."""
    decision = await guard.check(attempt)
    assert not decision.refused
    receipt = await guard.report(decision.request_id, success=False)
    assert receipt.why in {"counted", "repeated_password"}
    assert receipt.counted is (receipt.why == "counted")
    return receipt.counted


async def test_the_same_wrong_password_counts_once(make_guard: MakeGuard) -> None:
    """
    A phone that retries all night is one mistake, for every rule that would count it.
    """
    guard = await make_guard(rule(limit=3), rule("account", limit=3, subject=Subject.ACCOUNT))

    answers = [await fail(guard, fields(password="yesterday")) for _ in range(50)]

    assert not any(answer.refused for answer in answers)
    assert (await guard.check(fields())).pressure == 1 / 3


async def test_a_repeat_is_told_by_account_password_and_origin_together(make_guard: MakeGuard) -> None:
    """
    One password on many accounts is a spray; one from many addresses is a botnet with a list.
    """
    guard = await make_guard(rule(limit=50))
    first = {"client_ip": "192.0.2.7", "username": "erika", "password": "one"}

    assert await counts(guard, fields(**first))
    assert not await counts(guard, fields(**first))
    assert await counts(guard, fields(**{**first, "username": "kim"}))
    assert await counts(guard, fields(**{**first, "client_ip": "192.0.2.8"}))
    assert await counts(guard, fields(**{**first, "password": "two"}))
    assert not await counts(guard, fields(**{**first, "username": " ERIKA "}))
    assert not await counts(guard, fields(**{**first, "client_ip": "::ffff:192.0.2.7"}))


async def test_without_a_password_nothing_is_a_repeat(make_guard: MakeGuard) -> None:
    """
    A mechanism that shows us no password must not make all its failures one.
    """
    guard = await make_guard(rule(limit=50))

    assert [await counts(guard, fields(password="")) for _ in range(3)] == [True] * 3


async def test_a_digest_made_by_the_client_tells_repeats_too(make_guard: MakeGuard) -> None:
    """
    Dovecot sends a hash of the password and never the password.
    """
    guard = await make_guard(rule(limit=50))

    answers = [await counts(guard, fields(password="", password_digest=text)) for text in ("cafe", "cafe", "beef")]

    assert answers == [True, False, True]


async def test_a_password_is_forgotten_after_its_time(make_guard: MakeGuard, clock: Clock) -> None:
    """
    Each repeat remembers it anew: the night counts once, and so does a mistake of next week.
    """
    guard = await make_guard(rule(limit=50), rwp_window=Duration(3600))

    assert await counts(guard, fields(password="old"))
    clock.move(3599)
    assert not await counts(guard, fields(password="old"))
    clock.move(3599)
    assert not await counts(guard, fields(password="old"))
    clock.move(3600)
    assert await counts(guard, fields(password="old"))


async def test_a_window_of_zero_switches_it_off(make_guard: MakeGuard) -> None:
    """
    Every failure counts, as in a system without this memory.
    """
    guard = await make_guard(rule(limit=50), rwp_window=Duration(0))

    assert await counts(guard, fields(password="old"))
    assert await counts(guard, fields(password="old"))


async def test_a_few_passwords_are_remembered_and_the_oldest_goes_first(make_guard: MakeGuard) -> None:
    """
    Someone tries three passwords in turn; who has a fourth is guessing.
    """
    guard = await make_guard(rule(limit=50), rwp_allowed_unique_hashes=3)
    for password in "abcd":
        assert await counts(guard, fields(password=password))

    assert not await counts(guard, fields(password="b"))  # of b, c, d it is now the newest
    assert not await counts(guard, fields(password="d"))
    assert await counts(guard, fields(password="a"))  # was forgotten for d; now c goes
    assert await counts(guard, fields(password="c"))


async def test_others_at_the_same_address_have_a_memory_of_their_own(make_guard: MakeGuard) -> None:
    """
    A guesser in the office does not make a colleague's retries count, short of 32 other failures.
    """
    guard = await make_guard(rule(limit=500))
    assert await counts(guard, fields(username="kim", password="yesterday"))

    for _ in range(31):
        assert await counts(guard, fields(username="erika"))
        assert not await counts(guard, fields(username="kim", password="yesterday"))


async def test_an_attacker_with_many_names_does_not_fill_the_store(make_guard: MakeGuard) -> None:
    """
    One address remembers 32 failures whatever it tries; the oldest is forgotten first, and that only lets it count.
    """
    guard = await make_guard(rule(limit=500))
    assert await counts(guard, fields(username="kim", password="yesterday"))
    for number in range(31):
        assert await counts(guard, fields(username=f"user{number}"))
    (key, *_) = guard.checkpoint.subject_keys(guard.admit(fields()))
    full = len(await guard.servers.run(key, ("GET", key)))

    for number in range(100):
        assert await counts(guard, fields(username=f"more{number}"))

    assert len(await guard.servers.run(key, ("GET", key))) < full + 50 * 4  # ticks of the rule; no passwords
    assert await counts(guard, fields(username="kim", password="yesterday"))


async def test_ipv6_is_one_origin_as_wide_as_its_setting(make_guard: MakeGuard) -> None:
    """
    A phone changes its address within its /64 every few minutes.
    """
    guard = await make_guard(rule("six", limit=50, ipv6=True, cidr=64))
    wide = {"username": "erika", "password": "yesterday"}

    assert await counts(guard, fields("2001:db8::1", **wide))
    assert not await counts(guard, fields("2001:db8::2", **wide))
    assert await counts(guard, fields("2001:db8:0:1::1", **wide))


async def test_ipv6_may_be_one_origin_per_address(make_guard: MakeGuard) -> None:
    """
    Where a /64 is a whole lecture hall.
    """
    guard = await make_guard(rule("six", limit=50, ipv6=True, cidr=64), ip_scoping=IpScoping(rwp_ipv6_cidr=128))

    assert await counts(guard, fields("2001:db8::1", password="yesterday"))
    assert await counts(guard, fields("2001:db8::2", password="yesterday"))
    assert not await counts(guard, fields("2001:db8::1", password="yesterday"))


async def test_a_right_password_in_between_changes_nothing(make_guard: MakeGuard) -> None:
    """
    The laptop signs in while the phone still has the old password.
    """
    guard = await make_guard(rule(limit=50))
    assert await counts(guard, fields(password="old"))

    decision = await guard.check(fields(password="new"))
    await guard.report(decision.request_id, success=True)

    assert not await counts(guard, fields(password="old"))


_addresses = itertools.count()


@given(
    steps=st.lists(
        st.tuples(st.sampled_from("abcde"), st.sampled_from(["erika", "kim"]), st.integers(0, 40)), max_size=60
    ),
    allowed=st.integers(1, 4),
)
@settings(max_examples=40)
async def test_any_sequence_of_passwords_is_answered_as_the_promises_say(
    make_guard: MakeGuard, steps: list[tuple[str, str, int]], allowed: int
) -> None:
    """
    A list of what each account tried last, at most so many, each for a hundred seconds: no more is remembered, no less.
    """
    guard = await make_guard(rule(limit=1000), rwp_window=Duration(100), rwp_allowed_unique_hashes=allowed)
    address, now = f"10.7.{(number := next(_addresses)) >> 8}.{number & 255}", 1_800_000_000
    remembered: dict[str, dict[str, int]] = {"erika": {}, "kim": {}}

    for password, account, gap in steps:
        now += gap
        kept = {one: seen for one, seen in remembered[account].items() if now - seen < 100}
        expected = kept.pop(password, None) is None
        newest = dict(list(kept.items())[-(allowed - 1) :]) if allowed > 1 else {}
        remembered[account] = {**newest, password: now}

        assert await counts(guard, fields(address, account, password=password, time=float(now))) is expected
