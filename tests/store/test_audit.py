# SPDX-License-Identifier: Apache-2.0
"""Who changed what, and which tokens hold no more."""

from __future__ import annotations

from builders import Clock, MakeGuard, eventually

from nacre.record import AuditEntry
from nacre.store.audit import Audit, Revocations
from nacre.store.keys import Keys
from nacre.store.news import News


async def test_entries_come_newest_first(make_guard: MakeGuard, prefix: str) -> None:
    """
    As many as are asked for, as they were noted.
    """
    guard = await make_guard()
    audit = Audit(guard.servers, Keys(prefix, guard.identity))
    entries = [AuditEntry(float(number), "kim", "blocks.lift", f"block {number}") for number in range(5)]

    for entry in entries:
        await audit.note(entry)

    assert await audit.newest(3) == entries[:1:-1]
    assert await audit.newest(100) == entries[::-1]


async def test_the_log_is_bounded(make_guard: MakeGuard, prefix: str) -> None:
    """
    A script that sets a toleration every second must not fill the store; the newest ten thousand stay.
    """
    guard = await make_guard()
    keys = Keys(prefix, guard.identity)
    audit = Audit(guard.servers, keys)
    lane = await guard.servers.topology.lane(keys.audit)
    entry = ("XADD", keys.audit, "*", "entry", '{"time": 0, "who": "w", "action": "a", "what": "old"}')
    await lane.ask([entry] * 10_500)

    await audit.note(AuditEntry(1.0, "kim", "blocks.lift", "new"))

    length = await guard.servers.run(keys.audit, ("XLEN", keys.audit))
    assert 10_000 <= length < 10_300  # the store cuts whole nodes of a hundred entries
    assert [one.what for one in await audit.newest(2)] == ["new", "old"]


async def test_a_revocation_is_heard_by_all_and_kept(make_guard: MakeGuard, clock: Clock) -> None:
    """
    A stolen token is of no use anywhere, and not after a restart either.
    """
    one, two = await make_guard(), await make_guard()
    heard: dict[str, float] = {}
    two.on_revoked = heard.__setitem__

    await one.desk.revoke("stolen", clock() + 60, who="kim")
    await eventually(lambda: heard)

    assert heard == {"stolen": clock() + 60}
    assert await (await make_guard()).desk.revoked() == heard
    assert [(entry.who, entry.action, entry.what) for entry in await one.desk.audit(1)] == [
        ("kim", "token.revoke", "stolen")
    ]


async def test_a_revocation_is_forgotten_when_its_token_has_ended(
    make_guard: MakeGuard, prefix: str, clock: Clock
) -> None:
    """
    From then on the token refuses itself.
    """
    guard = await make_guard()
    keys = Keys(prefix, guard.identity)
    revocations = Revocations(guard.servers, keys, News(guard.servers, keys))
    await revocations.add("short", clock() + 60)
    await revocations.add("long", clock() + 600)

    assert set(await revocations.all(clock() + 60)) == {"long"}
    assert await guard.servers.run(keys.revoked, ("ZCARD", keys.revoked)) == 1
