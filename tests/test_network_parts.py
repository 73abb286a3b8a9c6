# SPDX-License-Identifier: Apache-2.0
"""The network's parts, put together."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest
from builders import Clock, MakeGuard, eventually, fail, fields, sign_in
from traffic import keep, network, variant

from nacre.config.load import parse_settings
from nacre.config.tree import Geoip
from nacre.features.facts import Facts
from nacre.jobs import LOG

DATA = Path(__file__).parent / "data" / "maxmind"


async def test_what_was_seen_is_written_before_a_guard_closes(make_guard: MakeGuard, clock: Clock) -> None:
    """
    A restart forgets neither rows nor logins.
    """
    one = await make_guard(settings=network())
    await sign_in(one, fields(request_id="r1"))
    await fail(one, fields(request_id="r2"))

    await one.network_parts.settle()
    again = await make_guard(settings=network())
    status = await again.network.status()

    assert (status.events, status.samples, status.logins[0]) == (2, 2, 1)
    assert (await again.network_parts.shelves.state.read()).since == clock()


async def test_a_process_that_ends_while_it_looks_tells_of_its_logins_once(make_guard: MakeGuard) -> None:
    """
    Both tell of what was counted since the last look; at the same time they would tell of the same.
    """
    guard = await make_guard(settings=network())
    await sign_in(guard, fields())
    parts = guard.network_parts
    await parts.lookout.profiles.settle()
    await parts.shelves.journal.settle()

    await asyncio.gather(parts.look(), parts.settle())

    assert (await guard.network.status()).logins[0] == 1


async def test_the_network_can_be_turned_off_and_on_without_a_restart(make_guard: MakeGuard) -> None:
    """
    New settings hold from the next attempt on.
    """
    guard = await make_guard(settings=network())
    server = guard.settings.server
    off = parse_settings("brute_force: {buckets: [], neural_network: {enabled: false}}")

    guard.reload(type(off)(server=server, brute_force=off.brute_force))
    assert (await guard.check(fields())).score is None
    guard.reload(type(off)(server=server, brute_force=network().brute_force))

    assert (await guard.check(fields())).score is not None


async def test_metrics_tell_of_the_network_once_a_second(make_guard: MakeGuard, clock: Clock) -> None:
    """
    Whoever watches sees which model decides, and whether it acts.
    """
    guard = await make_guard(settings=network())
    await sign_in(guard, fields())
    await guard.network_parts.settle()
    await keep(guard, variant("v1"))
    await guard.network.publish("v1", force=False, who="test")

    await guard.network_parts.look()
    text = guard.telemetry.exposition().decode()

    assert "nacre_network_learning 0.0" in text
    assert 'nacre_network_rows_total{kind="sample"} 1.0' in text
    assert 'nacre_network_scores_count{head="accept"} 1.0' in text
    assert f"nacre_network_model_created_seconds {variant('v1').artifact.created}" in text
    assert clock() > 0


async def test_a_decision_tells_what_the_model_in_the_shadow_says(make_guard: MakeGuard) -> None:
    """
    A challenger is compared on the traffic that it would meet, before it meets anybody.
    """
    guard = await make_guard(settings=network())
    await keep(guard, variant("v1", shift=40.0))
    await guard.network_parts.shelves.state.change({"challenger": "v1"})
    scoring = guard.network_parts.lookout.scoring
    await eventually(lambda: scoring.challenger is not None, within=1.0)

    decision = await guard.check(fields())

    assert decision.model == "shipped"
    assert decision.score is not None
    assert decision.shadow is not None
    assert decision.shadow > decision.score


async def test_databases_of_places_are_asked_where_the_attempt_does_not_say(make_guard: MakeGuard) -> None:
    """
    New ones are taken over with the other settings; what the caller says comes first.
    """
    guard = await make_guard(settings=network())
    files = tuple(str(DATA / f"GeoLite2-{kind}-Test.mmdb") for kind in ("ASN", "Country"))

    async def facts(**other: Any) -> Facts:
        decision = await guard.check(fields("89.160.20.112", **other))
        record = await guard.desk.decision(decision.request_id)
        assert record is not None
        assert record.sight is not None
        return record.sight.facts

    before = await facts()
    guard.reload(msgspec.structs.replace(guard.settings, geoip=Geoip(databases=files)))
    found, said = await facts(), await facts(attributes={"country": "DE", "asn": 1})

    assert (before.asn, before.country) == (0, 0)
    assert 0 not in (found.asn, found.country)
    assert (said.asn, said.country) != (found.asn, found.country)


async def test_the_log_of_a_training_is_not_for_the_terminal(
    make_guard: MakeGuard, capfd: pytest.CaptureFixture[str]
) -> None:
    """
    Whoever trains sees a bar; what went on is in a file of the data directory, for whoever looks for a fault.
    """
    guard = await make_guard(settings=network(train_every=0))

    job = await guard.network.wait((await guard.network.train(who="test")).id)

    assert job.state == "failed"
    assert "training_began" in (guard.secrets.data_dir / LOG).read_text()
    assert "training_began" not in capfd.readouterr().err
