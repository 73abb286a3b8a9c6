# SPDX-License-Identifier: Apache-2.0
"""Scripts beside check and report, in a guard on a real store."""

from __future__ import annotations

import asyncio
import io

import msgspec
import pytest
from builders import fail, fields, rule, written
from seats import MakeHost, told

from nacre.config.duration import Duration
from nacre.config.lua import Lua, LuaConfig, LuaLimits, LuaScript, OnError
from nacre.decision import Action
from nacre.errors import SettingsError
from nacre.telemetry import DecisionLog


async def test_a_feature_that_triggers_refuses_with_its_reason(guard_with: MakeHost) -> None:
    """
    What the rules and the network would say of it does not matter any more.
    """
    guard = await guard_with(
        {"names": "function nauthilus_call_feature(r) return r.username == 'mallory', false, 0 end"}
    )

    refused = await guard.check(fields(username="mallory"))
    allowed = await guard.check(fields(username="erika"))

    assert refused.action is Action.REFUSE
    assert [reason.code for reason in refused.reasons] == ["lua"]
    assert allowed.action is Action.ALLOW
    record = guard.checkpoint.decisions.recent(refused.request_id)
    assert record is not None
    assert record.decision == refused


async def test_features_are_added_to_the_attempt_for_the_network(guard_with: MakeHost) -> None:
    """
    They are kept with it, so that a later training sees what the score saw.
    """
    text = """
        function nauthilus_call_neural_network(r)
          require("nauthilus_neural").add_additional_features({country = "DE", tries = 3})
        end
        function nauthilus_call_feature(r) return false, false, 0 end"""
    guard = await guard_with({"country": text})

    decision = await guard.check(fields(features={"device": "phone"}))

    record = guard.checkpoint.decisions.recent(decision.request_id)
    assert record is not None
    assert record.attempt.features == {"device": "phone", "country": "DE", "tries": 3}


async def test_a_script_that_only_collects_needs_no_other_function(guard_with: MakeHost) -> None:
    """
    As in the original, where both are looked up by name.
    """
    guard = await guard_with({"c": "function nauthilus_call_neural_network(r) end"})

    assert (await guard.check(fields())).action is Action.ALLOW


async def test_abort_ends_the_list_and_refuses_nobody(guard_with: MakeHost) -> None:
    """
    A feature that knows an attempt to be fine spares it those that follow.
    """
    guard = await guard_with(
        {
            "first": "function nauthilus_call_feature(r) return false, true, 0 end",
            "second": "function nauthilus_call_feature(r) return true, false, 0 end",
        }
    )

    assert (await guard.check(fields())).action is Action.ALLOW


@pytest.mark.parametrize(
    ("policy", "action"),
    [(OnError.IGNORE, Action.ALLOW), (OnError.REFUSE, Action.REFUSE), (OnError.ALLOW, Action.ALLOW)],
)
@pytest.mark.parametrize(
    "body", ["error('broken')", "while true do end", "local t = {} while true do t[#t+1] = {} end"]
)
async def test_a_login_goes_on_by_policy_when_a_script_fails(
    guard_with: MakeHost, policy: OnError, action: Action, body: str
) -> None:
    """
    In the original one broken plug-in stops every login there is.
    """
    limits = LuaLimits(compute=Duration(0.1), memory_bytes=2**23)
    guard = await guard_with(
        {"broken": f"function nauthilus_call_feature(r) {body} end"},
        config=LuaConfig(on_feature_error=policy, limits=limits),
    )

    assert (await guard.check(fields())).action is action


async def test_scripts_do_not_look_at_who_is_exempt_or_blocked(guard_with: MakeHost) -> None:
    """
    A whitelisted address is never refused, and a flood from a blocked one must not keep the threads busy.
    """
    guard = await guard_with(
        {"all": "function nauthilus_call_feature(r) return true, false, 0 end"}, ip_whitelist=("198.51.100.0/24",)
    )

    decision = await guard.check(fields(client_ip="198.51.100.7"))

    assert decision.action is Action.ALLOW


async def test_pairs_of_scripts_stand_in_the_decision_line(guard_with: MakeHost) -> None:
    """
    Where operators look first.
    """
    guard = await guard_with(
        {"geo": "function nauthilus_call_feature(r) nauthilus_builtin.custom_log_add('country', 'DE') end"}
    )
    output = io.BytesIO()
    guard.decision_log = DecisionLog(output, lambda _: None)

    await guard.check(fields())
    guard.decision_log.close()
    guard.decision_log = None

    assert msgspec.json.decode(output.getvalue())["custom"] == {"country": "DE"}


async def test_a_filter_that_rejects_a_login_makes_a_failure_of_it(guard_with: MakeHost) -> None:
    """
    The receipt says so; whether it counts is what `brute_force.learning` says of `lua`.
    """
    reject = {"hours": "function nauthilus_call_filter(r) return r.authenticated and r.username == 'erika', 0 end"}
    guard = await guard_with(filters=reject)

    decision = await guard.check(fields(username="erika"))
    receipt = await guard.report(decision.request_id, success=True)
    other = await guard.report((await guard.check(fields(username="max"))).request_id, success=True)

    assert (receipt.counted, receipt.why) == (False, "rejected_by_script")
    assert (other.counted, other.why) == (True, "counted")


async def test_actions_follow_what_they_are_for(guard_with: MakeHost) -> None:
    """
    Each type sees its own events, with what is known of them, and `post` sees all.
    """
    kinds = ("post", "lua", "learning", "rbl", "brute_force")
    guard = await guard_with(
        {"names": "function nauthilus_call_feature(r) return r.username == 'mallory', false, 0 end"},
        actions={kind: f"function nauthilus_call_action(r) tell('{kind}', r) return 0 end" for kind in kinds},
        buckets=(rule(limit=3),),
        learning=("rbl",),
    )

    await guard.check(fields(username="mallory"))
    await guard.report(fields(username="max"), success=True)
    await guard.report(fields(username="moritz"), success=False, feature="rbl")
    seen = [(each["kind"], each["user"], each["ok"]) for each in await told(guard)]

    assert sorted(seen) == [
        ("learning", "moritz", False),
        ("lua", "mallory", False),
        ("post", "mallory", False),
        ("post", "max", True),
        ("post", "moritz", False),
        ("rbl", "moritz", False),
    ]


async def test_an_action_is_told_of_the_block_and_of_those_it_refuses(guard_with: MakeHost) -> None:
    """
    Once when it begins, and then with each attempt that it turns away.
    """
    guard = await guard_with(
        actions={"brute_force": "function nauthilus_call_action(r) tell('block', r) return 0 end"},
        buckets=(rule(limit=3),),
    )

    for _ in range(4):
        await fail(guard, fields(username="erika"))
    await written(guard)
    begun = await told(guard)
    await guard.check(fields(username="erika"))
    after = await told(guard)

    assert [(each["bucket"], each["net"], each["user"]) for each in begun] == [
        ("address", "192.0.2.7/32", "erika")
    ] * len(begun)
    assert [each["again"] for each in begun].count(False) == 1  # scripts run side by side: who ends first is open
    assert [each["again"] for each in after].count(False) == 1
    assert len(after) > len(begun)


async def test_scripts_of_one_request_hand_each_other_values(guard_with: MakeHost) -> None:
    """
    What a feature found, a filter decides by, and an action mails.
    """
    text = "local c = require('nauthilus_context') "
    guard = await guard_with(
        {
            "f": text
            + "function nauthilus_call_feature(r) c.context_set('rt', {country = 'DE'}) return false, false, 0 end"
        },
        {"g": text + "function nauthilus_call_filter(r) c.context_set('seen', c.context_get('rt').country) end"},
        {
            "post": text
            + "function nauthilus_call_action(r) r.username = c.context_get('seen') tell('post', r) return 0 end"
        },
    )

    decision = await guard.check(fields())
    await guard.report(decision.request_id, success=True)

    assert [each["user"] for each in await told(guard)] == ["DE"]


async def test_a_report_that_changes_nothing_is_followed_by_nothing(guard_with: MakeHost) -> None:
    """
    A mail for each repetition of a report would be one too many.
    """
    guard = await guard_with(actions={"post": "function nauthilus_call_action(r) tell('post', r) return 0 end"})
    decision = await guard.check(fields())

    for _ in range(3):
        await guard.report(decision.request_id, success=True)

    assert len(await told(guard)) == 1


async def test_new_settings_are_taken_over_with_the_scripts_they_name(guard_with: MakeHost) -> None:
    """
    As SIGHUP has it; a file that is not there leaves everything as it was.
    """
    guard = await guard_with({"all": "function nauthilus_call_feature(r) return true, false, 0 end"})
    refused = await guard.check(fields())
    broken = Lua(features=(LuaScript(name="x", script_path="/nowhere.lua"),))

    with pytest.raises(SettingsError):
        guard.reload(msgspec.structs.replace(guard.settings, lua=broken))
    still = await guard.check(fields())
    guard.reload(msgspec.structs.replace(guard.settings, lua=Lua()))

    assert [decision.action for decision in (refused, still, await guard.check(fields()))] == [
        Action.REFUSE,
        Action.REFUSE,
        Action.ALLOW,
    ]


async def test_scripts_are_waited_for_without_a_task(guard_with: MakeHost) -> None:
    """
    Over HTTP an answer is none: the futures that it waits for drive it on.
    """
    guard = await guard_with(
        {"names": "function nauthilus_call_feature(r) return r.username == 'mallory', false, 0 end"}
    )
    loop = asyncio.get_running_loop()
    answered = loop.create_future()
    asking = guard.checkpoint.check(guard.admit(fields(username="mallory")))

    def go_on(_: object) -> None:
        assert asyncio.current_task() is None
        try:
            waits_for = asking.send(None)
        except StopIteration as end:
            answered.set_result(end.value)
        else:
            waits_for._asyncio_future_blocking = False  # noqa: SLF001  as a task says that it has seen to it
            waits_for.add_done_callback(go_on)

    loop.call_soon(go_on, None)

    assert (await answered).action is Action.REFUSE


async def test_nothing_is_left_of_a_check_that_nobody_waits_for(guard_with: MakeHost) -> None:
    """
    Its caller went away; the thread serves the next one.
    """
    guard = await guard_with({"calm": "function nauthilus_call_feature(r) return false, false, 0 end"})
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: complaints.append(context))
    gone = [asyncio.create_task(guard.check(fields())) for _ in range(50)]
    await asyncio.sleep(0)

    for task in gone:
        task.cancel()
    ended = await asyncio.gather(*gone, return_exceptions=True)
    assert guard.hooks is not None
    await guard.hooks.settle()

    assert {type(one) for one in ended} == {asyncio.CancelledError}
    assert (await guard.check(fields())).action is Action.ALLOW
    assert complaints == []
