# SPDX-License-Identifier: Apache-2.0
"""What scripts hand to functions of the service, and how these answer."""

from __future__ import annotations

import gc
import json
from pathlib import Path

from builders import MakeGuard
from hypothesis import given
from hypothesis import strategies as st
from scripts import Scripts
from stores import StoreServer
from traffic import network

from nacre.config.duration import Duration
from nacre.config.tree import Redis, RedisMaster, Server, Settings
from nacre.hooks.call import Call
from nacre.hooks.library.given import text_of
from nacre.hooks.script import Script
from nacre.hooks.state import State
from nacre.service import Guard


@given(data=st.binary(max_size=100))
def test_a_text_of_whatever_bytes_can_be_kept_and_sent(data: bytes) -> None:
    """
    A user agent need not be UTF-8, and must not end the writing of a decision.
    """
    text = text_of(data.decode("utf-8", "surrogateescape"))

    assert text == text_of(data)
    assert text is not None
    assert json.loads(json.dumps(text.encode().decode())) == text


async def test_a_script_is_told_that_the_store_is_away(tmp_path: Path) -> None:
    """
    Every function that needs it says so as its last result; none raises an error.
    """
    store = await StoreServer(tmp_path / "store").start()
    redis = Redis(master=RedisMaster(address=store.address), timeout=Duration(1))
    async with Guard.open(Settings(server=Server(redis=redis)), data_dir=tmp_path / "data") as guard:
        run = Scripts(guard)
        await store.kill()

        answers = {
            call: await run(f"local c = require('nacre_campaigns') return {call}")
            for call in (
                'nauthilus_brute_force.delete_custom_toleration("192.0.2.7")',
                'nauthilus_brute_force.get_tolerate_map("192.0.2.7")',
                "nauthilus_brute_force.set_custom_tolerations({})",
                "nauthilus_neural.get_learning_mode()",
                "nauthilus_neural.set_learning_mode(true)",
                "nauthilus_neural.train_neural_network()",
                "nauthilus_neural.reset_neural_network()",
                'nauthilus_neural.remove_features_from_redis({"device"})',
                'nauthilus_neural.provide_feedback(true, "r1", "192.0.2.7", "erika")',
                "c.overview()",
                "c.reset()",
                'c.simulate("erika")',
            )
        }
        blocked = await run('return nauthilus_brute_force.is_ip_address_blocked("192.0.2.7")')

    assert all(answer[-1] for answer in answers.values()), answers
    assert {call for call, answer in answers.items() if answer[0]} == {"nauthilus_neural.get_learning_mode()"}
    assert blocked == [None, None]


async def test_a_state_survives_thousands_of_calls_that_are_refused(make_guard: MakeGuard) -> None:
    """
    What lupa hands over while a script runs is bound to its coroutine: kept any longer, it ends the process.
    """
    run = Scripts(await make_guard(settings=network(enabled=False)))
    body = "require('nauthilus_neural').remove_features_from_redis({'a', {}}) return {}"
    script = Script.of("test", "test.lua", f"function call() {body} end".encode())

    def often(state: State) -> int:
        for number in range(3000):
            state.run(script, "call", call=Call("test", "hook"))
            if number % 300 == 0:
                gc.collect()
        return number

    assert await run.in_thread(often) == 2999
