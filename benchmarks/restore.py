# SPDX-License-Identifier: Apache-2.0
"""How fast a service is back that has very many blocks, and how fast it finds its way among very many networks."""

from __future__ import annotations

import asyncio
import time
from http.client import HTTPConnection
from pathlib import Path

import msgspec

from benchmarks.figures import Figure, Section, Target
from benchmarks.logins import Population, User, dice
from benchmarks.plan import Plan
from benchmarks.servers import Server, make_token, nacre
from nacre.address import SubnetSet, format_address
from nacre.attempt import AttemptFields
from nacre.config.tree import Settings
from nacre.service import Guard

_AT_ONCE = 1_000
_PREFIXES = (16, 24, 24, 28, 32)
_NETWORKS, _LOOK_UPS = 100_000, 200_000


def measure_restore(folder: Path, plan: Plan) -> Section:
    """Measure the start of a service with no blocks, and with very many in its store."""
    with nacre(folder / "none") as server:
        without = server.started
    users = Population(plan.blocks, seed=12)
    data_dir = folder / "blocks"
    asyncio.run(_block(data_dir, users))
    with nacre(data_dir) as server:
        began, found = server.started, _blocks(server, data_dir)
    figures = [
        Figure("seconds from the command to the first good answer, no blocks", without, "s"),
        Figure("seconds with the blocks", began, "s", Target.most(5)),
        Figure("blocks held then", found, "", Target.least(plan.blocks)),
    ]
    return Section(f"Start of `nacre serve` with {plan.blocks:,} blocks", figures)


async def _block(data_dir: Path, users: Population) -> None:
    """Begin a block for each user's address, as a full rule does."""
    async with Guard.open(Settings(), data_dir=data_dir) as guard:
        bucket, blocks = guard.checkpoint.policy.book.buckets[0], guard.desk.blocks
        now = time.time()

        def key_of(user: User) -> bytes:
            return guard.checkpoint.subject_keys(guard.admit(AttemptFields(client_ip=user.address, username="")))[0]

        async def begin(number: int) -> None:
            subject, key = f"{users[number].address}/32", key_of(users[number])
            reason = f"rule {bucket.rule.name}: 10 failures of {subject} within 10m0s, 10 allowed"
            await blocks.begin(bucket, key, subject=subject, kind="subnet", now=now, reason=reason)

        for start in range(0, len(users), _AT_ONCE):
            await asyncio.gather(*map(begin, range(start, min(start + _AT_ONCE, len(users)))))


def _blocks(server: Server, data_dir: Path) -> int:
    """Return how many blocks the service says that it holds."""
    line = HTTPConnection(*server.place, timeout=30)
    headers = {"Authorization": f"Bearer {make_token(data_dir, 'viewer')}"}
    line.request("GET", "/api/v1/blocks?limit=1", headers=headers)
    return int(msgspec.json.decode(line.getresponse().read())["total"])


def measure_look_up() -> Section:
    """Measure how fast an address is found among networks that are never refused."""
    draw = dice(13)
    addresses = [draw.getrandbits(32).to_bytes(4, "big") for _ in range(_NETWORKS)]
    networks = [f"{format_address(address)}/{draw.choice(_PREFIXES)}" for address in addresses]
    began = time.perf_counter()
    allowed = SubnetSet(networks)
    built = time.perf_counter() - began
    addresses = [draw.getrandbits(32).to_bytes(4, "big") for _ in range(_LOOK_UPS)]
    began = time.perf_counter()
    found = sum([address in allowed for address in addresses])
    taken = time.perf_counter() - began
    figures = [
        Figure("one look-up", taken / _LOOK_UPS * 1e6, "us", Target.most(5)),
        Figure("reading them", built, "s"),
        Figure("share found", found / _LOOK_UPS),
    ]
    return Section(f"ip_whitelist of {_NETWORKS:,} networks", figures)
