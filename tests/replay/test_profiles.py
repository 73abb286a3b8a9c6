# SPDX-License-Identifier: Apache-2.0
"""A replay sees what a service would have seen."""

from __future__ import annotations

import math
from random import Random

import pytest
from outcomes import DIGESTS, IDENTITY, NOW, History, attempt, count_of, stream, value
from processes import Process

from nacre.config.duration import Duration
from nacre.config.tree import Redis, RedisMaster
from nacre.features.changes import Outcome
from nacre.features.columns import STANDARD
from nacre.features.layout import CONTEXT, SOURCE, TOKEN, USER
from nacre.features.standard import LONG, see
from nacre.replay.profiles import PrivateProfiles
from nacre.store.connect import connect
from nacre.store.keys import Keys


@pytest.mark.parametrize("seed", range(3))
async def test_a_replay_and_a_service_see_the_same(store_socket: str, prefix: str, seed: int) -> None:
    """
    But for what the store rounds; whether each outcome is written at once or waits a while.
    """
    servers = connect(
        Redis(master=RedisMaster(address=store_socket), timeout=Duration(5)), socket=None, on_up=lambda: None
    )
    assert await servers.topology.start(60.0)
    random = Random(seed)  # noqa: S311  no secret
    history, process = History(), Process(servers, prefix)
    differing = set()
    try:
        for tried, accepted, refused in stream(seed, 250):
            replayed = history.add(tried, accepted=accepted, refused=refused)
            facts = DIGESTS.facts(tried)
            around = await process.around(tried)
            served = see(facts, around, time=tried.time, protocol=tried.protocol, known=tried.known_user)
            process.profiles.count(tried, Outcome(served.facts, tried.time, accepted, refused))
            if random.random() < 0.5:
                await process.profiles.settle()

            assert served.facts == replayed.facts
            differing |= {
                name
                for name, one, other in zip(STANDARD.names, served.values, replayed.values, strict=True)
                if not (math.isclose(one, other, rel_tol=1e-4, abs_tol=1e-4) or (math.isnan(one) and math.isnan(other)))
            }
        await process.profiles.settle()
    finally:
        await servers.topology.close()

    assert differing == set()


def test_a_replay_reads_nothing_of_the_store() -> None:
    """
    It has none; but it knows whose profiles it looks at.
    """
    profiles = PrivateProfiles(Keys("", IDENTITY))

    wanted = profiles.want(attempt(), DIGESTS.facts(attempt()))

    assert (list(wanted.keys), list(wanted.roles)) == ([], [])
    assert [bool(key) for key in wanted.all] == [True] * 3 + [False] * 5 + [True]


def test_subjects_that_are_not_known_share_no_profile() -> None:
    """
    Else all accounts without a name would be one.
    """
    history = History()
    history.add(attempt("", ""), accepted=False)

    around = history.around(attempt("", ""))

    assert sum(around.address.counts) == sum(around.user.counts) == 0.0
    assert around.address is not around.network
    assert count_of(around.everyone, "failures_24h", NOW) == 1.0


def test_what_many_others_pushed_aside_is_kept() -> None:
    """
    Packed, as the store would keep it; the others were looked at since.
    """
    history = History()
    history.add(attempt(password="x"), accepted=False)
    keys = Keys("", IDENTITY)
    for number in range(20_001):
        tried = attempt(username=f"user{number}")
        wanted = history.profiles.want(tried, DIGESTS.facts(tried))
        history.profiles.around(wanted._replace(all=[b"", b"", wanted.all[2], *[b""] * 6]), ())

    around = history.around(attempt())

    assert count_of(around.user, "failures_24h", NOW) == 1.0
    assert count_of(around.address, "failing_tokens_24h", NOW) == 1.0
    assert keys.profiles(attempt(), DIGESTS.facts(attempt()))[0] in history.profiles._open  # noqa: SLF001  it is back


@pytest.mark.parametrize(
    ("name", "lives"),
    [("address", SOURCE.lives), ("user", USER.lives), ("token", TOKEN.lives), ("everyone", CONTEXT.lives)],
)
def test_what_the_store_would_have_forgotten_is_forgotten(name: str, lives: int) -> None:
    """
    In the time of the attempts: an address that comes back after weeks is a new one, as it is to a service.
    """
    history = History()
    history.add(attempt(password="x"), accepted=False)

    kept = getattr(history.around(attempt(password="x", time=NOW + lives - 1)), name)
    forgotten = getattr(history.around(attempt(password="x", time=NOW + lives)), name)

    assert kept.first == int(NOW)
    assert (forgotten.first, sum(forgotten.counts)) == (0, 0.0)


def test_an_address_that_was_forgotten_has_no_age() -> None:
    """
    And begins anew with the next outcome.
    """
    history = History()
    later = NOW + SOURCE.lives + 100.0
    history.add(attempt(), accepted=False)

    back = history.add(attempt(time=later), accepted=False)
    next_day = history.see(attempt(time=later + 86_400.0))

    assert (value(back, "address.age"), value(back, "address.idle")) == (0.0, LONG)
    assert value(next_day, "address.age") == 86_400.0


async def test_settling_is_nothing() -> None:
    """
    What is counted is there.
    """
    history = History()
    history.add(attempt(), accepted=False)

    await history.profiles.settle()

    assert value(history.see(attempt()), "user.failures_1h") == 1.0
