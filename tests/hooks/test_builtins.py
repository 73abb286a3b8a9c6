# SPDX-License-Identifier: Apache-2.0
"""``nauthilus_builtin``."""

from __future__ import annotations

from seats import lua, says, seat

from nacre.hooks.builtins import CONSTANTS
from nacre.hooks.call import Call


def test_constants_are_what_the_original_has() -> None:
    """
    Scripts return them; five of them the original's host does not know, although its own scripts use them.
    """
    names = ", ".join(f"nauthilus_builtin.{name}" for name in CONSTANTS)

    assert says(f"return {names}") == list(CONSTANTS.values())
    assert (CONSTANTS["FEATURE_TRIGGER_YES"], CONSTANTS["FILTER_REJECT"], CONSTANTS["FEATURE_RESULT_FAIL"]) == (
        True,
        True,
        1,
    )


def test_pairs_are_added_to_the_decision_line_and_bounded() -> None:
    """
    What a script logs for each login must not fill the disk.
    """
    call = Call("test", "feature")
    source = """
        local add = nauthilus_builtin.custom_log_add
        function main()
          add("country", "DE") add("hits", 3) add("known", true) add("table", {})
          add("long", ("x"):rep(1000))
          for n = 1, 27 do add("n" .. n, n) end
          return pcall(add, "one too many", 1)
        end"""

    found = lua(source, call=call)

    assert found == [False, "32 pairs are logged with one decision at most"]
    assert {name: call.custom_log[name] for name in ("country", "hits", "known", "table")} == {
        "country": "DE",
        "hits": 3,
        "known": True,
        "table": "UNSUPPORTED",
    }
    assert len(str(call.custom_log["long"])) == 512


def test_a_script_says_what_the_person_reads() -> None:
    """
    The original returns it to the server that asked.
    """
    call = Call("test", "feature")

    lua("function main() nauthilus_builtin.status_message_set('Try the other door') end", call=call)

    assert call.status_message == "Try the other door"


def test_the_table_of_one_run_is_not_that_of_another() -> None:
    """
    A script that overwrites a constant would turn what others return around.
    """
    state = seat()
    says("nauthilus_builtin.FILTER_REJECT = false", state=state)

    assert says("return nauthilus_builtin.FILTER_REJECT", state=state) == [True]
