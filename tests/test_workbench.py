# SPDX-License-Identifier: Apache-2.0
"""What operators do with the network."""

from __future__ import annotations

import math

import pytest
from builders import Clock, MakeGuard, eventually, fields
from traffic import champion, fill, keep, network, teaching, variant

from nacre.config.tree import NetworkPolicy
from nacre.decision import Action
from nacre.errors import NetworkRefused, UnknownRequest
from nacre.network_desk import FeatureInfo
from nacre.service import Guard

_DRY_RUN = "Cannot change learning mode when Dry-Run is activated in configuration"


async def _extra(guard: Guard) -> dict[str, FeatureInfo]:
    return {each.name: each for each in await guard.network.features() if each.state != "standard"}


async def test_dry_run_keeps_learning_mode_as_it_is(make_guard: MakeGuard) -> None:
    """
    With the words of the original: scripts compare them.
    """
    guard = await make_guard(settings=network(dry_run=True))
    await keep(guard, variant("v1"))
    await guard.network.publish("v1", force=False, who="test")

    with pytest.raises(NetworkRefused) as refused:
        await guard.network.set_learning_mode(False, who="test")

    assert (refused.value.code, str(refused.value)) == ("dry_run", _DRY_RUN)
    assert await guard.network.learning_mode()
    assert (await guard.network.status()).dry_run


async def test_a_network_that_is_off_says_so(make_guard: MakeGuard) -> None:
    """
    Checks carry no score, and whoever asks it for something is told why not.
    """
    guard = await make_guard(settings=network(enabled=False))

    with pytest.raises(NetworkRefused, match="network is off") as refused:
        await guard.network.train(who="test")

    assert refused.value.code == "disabled"
    assert (await guard.check(fields())).score is None
    status = await guard.network.status()
    assert (status.enabled, status.learning) == (False, True)


async def test_the_network_acts_when_an_operator_says_so(make_guard: MakeGuard) -> None:
    """
    In learning mode it scores and changes nothing; afterwards its thresholds hold.
    """
    guard = await make_guard(settings=network())
    await keep(guard, variant("v1", shift=50.0))
    await guard.network.publish("v1", force=False, who="test")

    await guard.network.set_learning_mode(True, who="test")
    looked = await guard.check(fields())
    await guard.network.set_learning_mode(False, who="test")
    acted = await guard.check(fields())

    assert looked.action is Action.ALLOW
    assert looked.score == pytest.approx(1.0)
    assert acted.action is Action.REFUSE
    assert acted.rules_alone is Action.ALLOW


async def test_one_training_waits_at_a_time(make_guard: MakeGuard) -> None:
    """
    Ten operators who press the button start one.
    """
    guard = await make_guard(settings=network(train_every=0))
    await guard.network_parts.shelves.state.lease("somebody")

    first = await guard.network.train(who="erika", epochs=7)
    second = await guard.network.train(who="max")

    assert first == second == await guard.network.job(first.id)
    status = await guard.network.status()
    assert status.job is not None
    assert (status.job.state, status.job.who, status.job.epochs) == ("waiting", "erika", 7)


@pytest.mark.parametrize(("samples", "epochs"), [(-1, 0), (0, 1001), (1_000_001, 0)])
async def test_a_training_out_of_range_is_refused(make_guard: MakeGuard, samples: int, epochs: int) -> None:
    """
    Before it occupies anybody.
    """
    guard = await make_guard(settings=network())

    with pytest.raises(NetworkRefused) as refused:
        await guard.network.train(who="test", samples=samples, epochs=epochs)

    assert refused.value.code == "out_of_range"
    with pytest.raises(NetworkRefused, match="no training '9'"):
        await guard.network.job("9")


async def test_a_training_that_runs_can_be_called_off(make_guard: MakeGuard, clock: Clock) -> None:
    """
    It ends soon, and nothing comes of it.
    """
    guard = await make_guard(settings=network(train_every=0))
    await fill(guard, clock)
    await guard.network_parts.shelves.state.lease("somebody")
    job = await guard.network.train(who="test")
    await guard.network.cancel(job.id, who="test")
    await guard.network_parts.shelves.state.release("somebody")

    async with teaching(guard):
        ended = await guard.network.wait(job.id)

    assert ended.state == "cancelled"
    assert champion(guard) == "shipped"


async def test_features_become_canonical_with_the_model_that_uses_them(make_guard: MakeGuard, clock: Clock) -> None:
    """
    And to remove one resets the network, because no model may see what is not there.
    """
    guard = await make_guard(settings=network(train_every=0))
    await guard.check(fields(features={"device": "mobile", "retries": 1}))
    await guard.network_parts.look()
    assert {name: each.state for name, each in (await _extra(guard)).items()} == {
        "device": "proposed",
        "retries": "proposed",
    }
    await fill(guard, clock)
    async with teaching(guard):
        job = await guard.network.wait((await guard.network.train(who="test")).id)
    assert (job.state, champion(guard)) == ("published", job.model)
    found = await _extra(guard)
    assert (found["device"].state, found["device"].kind, found["device"].encoding) == ("canonical", "string", "one-hot")
    scored = await guard.check(fields(features={"device": "tablet"}, request_id="r1"))
    assert scored.model == job.model

    removed, unknown = await guard.network.remove_features(["device", "nonsense"], who="erika")

    assert (removed, unknown) == (["device"], ["nonsense"])
    assert champion(guard) == "shipped"
    assert set(await _extra(guard)) == {"retries"}
    assert await guard.network.learning_mode()
    (entry, *_) = await guard.desk.audit(1)
    assert (entry.who, entry.action) == ("erika", "network.remove_features")
    with pytest.raises(NetworkRefused, match="cannot be used"):
        await guard.network.publish(job.model, force=True, who="test")


async def test_to_remove_what_nobody_uses_resets_nothing(make_guard: MakeGuard) -> None:
    """
    A proposed feature goes, and everything else stays; unknown names are no failure.
    """
    one, other = await make_guard(settings=network()), await make_guard(settings=network())
    await keep(one, variant("v1"))
    await one.network.publish("v1", force=False, who="test")
    await one.check(fields(features={"device": "mobile"}))
    await one.network_parts.look()

    assert await other.network.remove_features(["device"], who="test") == (["device"], [])

    assert champion(one) == "v1"
    await eventually(lambda: not one.network_parts.lookout.scoring.catalogue.features, within=1.0)


async def test_an_explanation_adds_up_and_speaks(make_guard: MakeGuard) -> None:
    """
    Contributions and base make the logit of the score that was served, within 2 %.
    """
    guard = await make_guard(settings=network())
    decision = await guard.check(fields(request_id="r1"))
    await keep(guard, variant("v1"))
    await guard.network.publish("v1", force=False, who="test")

    for head, score in (("guess", decision.score), ("accept", decision.score_accept)):
        told = await guard.network.explain("r1", head=head)
        assert score is not None
        logit, base = (math.log(p / (1 - p)) for p in (score, told.base))
        assert (told.model, told.head, told.score) == ("shipped", head, score)
        assert sum(each.logit for each in told.contributions) == pytest.approx(logit - base, rel=0.02)
        assert all(each.text for each in told.contributions)


async def test_a_weighted_sum_is_explained_by_its_own_threshold(make_guard: MakeGuard) -> None:
    """
    The thresholds of the other policy decide nothing there; with the rules silent 0.4 of the sum are out of reach.
    """
    guard = await make_guard(settings=network(policy=NetworkPolicy.WEIGHTED, ml_weight=0.8, threshold=0.7))
    await guard.check(fields(request_id="r1"))

    guess, accept = [(await guard.network.explain("r1", head=head)).flips for head in ("guess", "accept")]

    assert "0.875, with:" in guess
    assert accept == "This score turns no decision here, whatever it is."


async def test_what_was_not_scored_is_not_explained(make_guard: MakeGuard) -> None:
    """
    Nobody makes reasons up.
    """
    guard = await make_guard(settings=network())
    guard.network_parts.lookout.scoring.champion = None
    await guard.check(fields(request_id="r1"))

    with pytest.raises(NetworkRefused) as refused:
        await guard.network.explain("r1")
    with pytest.raises(UnknownRequest):
        await guard.network.explain("never")

    assert refused.value.code == "not_scored"


async def test_a_library_without_a_service_trains_in_a_process_of_its_own(make_guard: MakeGuard) -> None:
    """
    Nobody keeps one there: it is started for the training, and the event loop stays free.
    """
    guard = await make_guard(settings=network(train_every=0))

    job = await guard.network.wait((await guard.network.train(who="test")).id)

    assert job.state == "failed"  # there is nothing to learn from, and that was found out elsewhere
    assert "no attacks" in job.why
    await eventually(lambda: _gone(guard))


async def _gone(guard: Guard) -> bool:
    return not await guard.network_parts.shelves.state.somebody_trains()
