# SPDX-License-Identifier: Apache-2.0
"""The whole guard, put together."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from builders import MakeGuard, eventually, fields, rule
from clusters import told
from stores import StoreServer

from nacre import Guard, Settings, SettingsError
from nacre.config.duration import Duration
from nacre.config.tree import BruteForce, Redis, RedisMaster
from nacre.service import wants_embedded


async def test_new_settings_are_taken_over_without_losing_counts(make_guard: MakeGuard) -> None:
    """
    Who tightens a limit during an attack does not hand the attacker a fresh budget.
    """
    guard = await make_guard(rule(limit=10))
    for _ in range(5):
        await guard.report(fields(), success=False)
    assert not (await guard.check(fields())).refused

    stricter = msgspec.structs.replace(guard.settings, brute_force=BruteForce(buckets=(rule(limit=5),)))
    guard.reload(stricter)

    assert (await guard.check(fields())).refused


async def test_request_ids_are_ours_unless_the_caller_has_one(make_guard: MakeGuard) -> None:
    """
    Every answer carries one, and no two attempts share ours.
    """
    guard = await make_guard(rule())

    ours = {(await guard.check(fields())).request_id for _ in range(100)}
    theirs = (await guard.check(fields(request_id="mail-4711"))).request_id

    assert len(ours) == 100
    assert theirs == "mail-4711"


async def test_a_store_of_another_installation_is_refused(
    make_guard: MakeGuard, store_socket: str, prefix: str, tmp_path: Path
) -> None:
    """
    Under another key all accounts would be strangers, and owners would be locked out.
    """
    await make_guard(rule())
    redis = Redis(master=RedisMaster(address=store_socket), prefix=prefix, timeout=Duration(5))
    settings = msgspec.structs.replace(Settings(), server=msgspec.structs.replace(Settings().server, redis=redis))

    with pytest.raises(SettingsError, match=r"identity\.key"):
        async with Guard.open(settings, data_dir=tmp_path / "other"):
            pass


@pytest.mark.parametrize(
    ("redis", "embedded"),
    [
        (Redis(), True),
        (Redis(master=RedisMaster(address="127.0.0.1:6379")), False),
    ],
)
def test_the_embedded_store_serves_where_no_server_is_named(redis: Redis, embedded: bool) -> None:  # noqa: FBT001
    """
    Moving to a server is one setting.
    """
    settings = msgspec.structs.replace(Settings(), server=msgspec.structs.replace(Settings().server, redis=redis))

    assert wants_embedded(settings) is embedded


async def test_a_store_of_another_installation_that_comes_later_is_left_alone(
    tmp_path: Path, prefix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """
    It was away when we started, so nobody could ask: we go on as if it still were, and say why.
    """
    server = StoreServer(tmp_path / "server", "--appendonly", "yes")
    redis = Redis(master=RedisMaster(address=server.address), prefix=prefix, timeout=Duration(5))
    settings = msgspec.structs.replace(Settings(), server=msgspec.structs.replace(Settings().server, redis=redis))
    try:
        await server.start()
        async with Guard.open(settings, data_dir=tmp_path / "theirs", watch=False):
            pass
        await server.kill()
        async with Guard.open(settings, data_dir=tmp_path / "ours") as guard:
            assert (await guard.report(fields(), success=False)).why == "spooled"

            await server.start()
            await eventually(lambda: "identity.key" in capsys.readouterr().out)

            assert not guard.store_is_up
            assert (await guard.check(fields())).reasons[-1].code == "store_unavailable"
            assert (guard.spooled, (await guard.report(fields(), success=False)).why) == (1, "spooled")
        assert await told(server, "DBSIZE") == 1
    finally:
        await server.kill()
