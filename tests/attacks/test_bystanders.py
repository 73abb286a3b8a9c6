# SPDX-License-Identifier: Apache-2.0
"""People beside the attack: an office behind one address, a phone with yesterday's password."""

from __future__ import annotations

from builders import RULES_ALONE, Clock, MakeGuard, fail, fields, rule, sign_in

from nacre.config.duration import Duration
from nacre.config.tree import Settings
from nacre.config.tree import Toleration as Configured
from nacre.decision import Action
from nacre.desk import toleration_of

OFFICE = "198.51.100.7"


async def test_an_office_behind_one_address_keeps_working(make_guard: MakeGuard, clock: Clock) -> None:
    """
    Two hundred people, each mistyping once a day within the first hour: far more failures than an address may have.
    """
    office = Configured(ip_address=OFFICE, tolerate_percent=100)
    guard = await make_guard(rule(limit=10), rule("day", limit=50, period=86_400), custom_tolerations=(office,))

    await sign_in(guard, fields(OFFICE, "early bird"))
    for person in range(200):
        assert (await fail(guard, fields(OFFICE, f"user{person}"))).action is Action.ALLOW
        assert (await sign_in(guard, fields(OFFICE, f"user{person}"))).action is Action.ALLOW
        clock.move(18)


async def test_without_a_toleration_the_office_would_be_closed(make_guard: MakeGuard, clock: Clock) -> None:
    """
    The story above holds because of the setting, not because the rules are loose; one at run time opens it again.
    """
    guard = await make_guard(rule(limit=10), rule("day", limit=50, period=86_400), neural_network=RULES_ALONE)
    refused = 0
    for person in range(50):
        refused += (await sign_in(guard, fields(OFFICE, f"user{person}"))).refused
        refused += (await fail(guard, fields(OFFICE, f"user{person}"))).refused
        clock.move(18)
    assert refused == 2 * 40

    await guard.desk.set_tolerations([toleration_of(OFFICE, 100, 86_400)], replace=False, who="help desk")

    assert (await guard.check(fields(OFFICE, "user49"))).action is Action.ALLOW


async def test_a_guesser_in_the_office_uses_its_credit_up(make_guard: MakeGuard) -> None:
    """
    Half of a hundred logins is what the office is forgiven; then it is closed until somebody looks.
    """
    guard = await make_guard(rule(limit=10), tolerate_percent=50)
    for person in range(100):
        await sign_in(guard, fields(OFFICE, f"user{person}"))

    passed = sum([not (await fail(guard, fields(OFFICE, "boss"))).refused for _ in range(200)])

    assert passed == 51  # the 51st is tried while 50 failures lie beside 100 successes


async def test_a_phone_with_yesterdays_password_locks_nobody_out(make_guard: MakeGuard, clock: Clock) -> None:
    """
    It retries every minute for a day, with two accounts and over two protocols; its owner signs in beside it.
    """
    guard = await make_guard(settings=Settings())
    home = "203.0.113.7"

    for minute in range(24 * 60):
        for protocol in ("imap", "smtp"):
            old = fields(home, "erika", password="yesterday", protocol=protocol, client_id="phone")
            assert (await fail(guard, old)).action is Action.ALLOW
        if minute % 120 == 0:
            assert (await sign_in(guard, fields(home, "erika", password="today"))).action is Action.ALLOW
        clock.move(60)

    assert await guard.desk.toleration_counters(home) == {"total": 13, "failed": 1, "positive": 12, "negative": 1}


async def test_a_phone_that_roams_counts_once_for_each_network(make_guard: MakeGuard, clock: Clock) -> None:
    """
    At home, on the train, at work: three failures, however often it retried in each.
    """
    guard = await make_guard(settings=Settings())

    for address in ("203.0.113.7", "100.64.1.1", OFFICE):
        for _ in range(50):
            assert (await fail(guard, fields(address, password="yesterday"))).action is Action.ALLOW
            clock.move(10)

    assert (await guard.check(fields("192.0.2.1"))).pressure == 3 / 30  # of the account's thirty


async def test_neighbours_of_a_guesser_get_in(make_guard: MakeGuard) -> None:
    """
    One address of a provider's network guesses until it is blocked; the other 255 do not notice.
    """
    guard = await make_guard(settings=Settings())
    for _ in range(100):
        await fail(guard, fields("203.0.113.66"))

    for host in (1, 65, 67, 254):
        assert (await sign_in(guard, fields(f"203.0.113.{host}", f"user{host}"))).action is Action.ALLOW


async def test_a_block_ends_and_the_person_gets_in(make_guard: MakeGuard, clock: Clock) -> None:
    """
    Someone tried ten passwords, waited as they were told, and remembered the right one.
    """
    guard = await make_guard(rule(limit=10, ban_time=Duration(3600)))
    for _ in range(10):
        await fail(guard, fields(OFFICE))
    waiting = await sign_in(guard, fields(OFFICE))

    clock.move(3600)
    afterwards = await sign_in(guard, fields(OFFICE))

    assert (waiting.action, afterwards.action) == (Action.REFUSE, Action.ALLOW)
    assert waiting.message == "Too many failed attempts. Please try again later."
