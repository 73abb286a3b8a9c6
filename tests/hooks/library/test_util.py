# SPDX-License-Identifier: Apache-2.0
"""``nauthilus_util`` and ``inspect``, which are written in Lua, and what they need of us."""

from __future__ import annotations

import re
from typing import Any

import pytest
import structlog

from nacre.errors import HookError
from nacre.hooks.library.util import is_routable, util_module

HEAD = 'local U = require("nauthilus_util")\n'


@pytest.fixture
def run(lua: Any) -> Any:
    """Run a chunk that knows the module as ``U``."""
    return lambda source: lua(HEAD + source, nacre_util=util_module())


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ('U.exists_in_table({ "a", "b" }, "b")', True),
        ('U.exists_in_table({ "a", "b" }, "c")', False),
        ("U.table_length({ a = 1, b = 2, 3 })", 3),
        ("U.is_table({})", True),
        ('U.is_string("x")', True),
        ("U.is_number(1)", True),
        ("U.is_number(nil)", False),
        ('U.toboolean("true")', True),
        ('U.toboolean("FALSE")', False),
        ('U.toboolean("0")', False),
        ('U.toboolean("")', False),
        ("U.toboolean(nil)", False),
        ("U.toboolean(true)", True),
        ('U.getenv("NOBODY_SET_THIS", "default")', "default"),
        ('U.get_redis_key({ redis_prefix = "nt" }, "k")', "nt:k"),
        ('U.get_redis_key({}, "k")', "k"),
        ('U.is_routable_ip("192.168.1.1")', False),
        ('U.is_routable_ip("8.8.8.8")', True),
        ("#U.generate_random_string(16)", 16),
        ('U.if_error_raise("redis: nil")', None),
        ("U.if_error_raise(nil)", None),
    ],
)
def test_each_function(run: Any, expression: str, value: object) -> None:
    """
    What the original documents; a missing text is false instead of an error.
    """
    assert run(f"local v = {expression} return v") == value


def test_an_error_is_raised_with_its_text(run: Any) -> None:
    """
    It ends the script, with the line of the script that called.
    """
    with pytest.raises(HookError, match="connection refused"):
        run('U.if_error_raise("connection refused")')


def test_a_timestamp_is_that_of_the_original(run: Any) -> None:
    """
    Local time in Berlin with its offset.
    """
    stamp = run("return U.get_current_timestamp()")

    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d \+0[12]:00", stamp)


def test_a_random_string_has_letters_and_digits(run: Any) -> None:
    """
    Two are never alike, and none is endless.
    """
    first, second = run("return U.generate_random_string(32), U.generate_random_string(32)")

    assert re.fullmatch("[A-Za-z0-9]{32}", first)
    assert first != second
    with pytest.raises(HookError, match="between 0 and 4,096"):
        run("U.generate_random_string(1e9)")


def test_logs_have_a_level_and_respect_that_of_the_call(run: Any) -> None:
    """
    With a table as the original has it, or with one text as its documents show.
    """
    with structlog.testing.capture_logs() as lines:
        run("""
            local logging = { log_level = "warn", log_format = "default" }
            local strict = { log_level = "error", log_format = "json" }
            U.log_debug(logging, { a = 1 }) U.log_info(logging, { a = 1 }) U.log_notice(logging, { a = 1 })
            U.log_warn(logging, { a = 1 }) U.log_error(strict, { a = 1 }, "broken")
            U.log_warn("IP 192.0.2.1 is blocked") U.log_error("it failed", nil)
        """)

    assert [line["log_level"] for line in lines] == ["warning", "error", "warning", "error"]
    assert re.fullmatch(r"a=1 level=warn ts=\S+ \S+", lines[0]["text"])
    assert '"error":"broken"' in lines[1]["text"]
    assert [line["text"] for line in lines[2:]] == ["IP 192.0.2.1 is blocked", "it failed"]


def test_a_result_is_printed_with_its_time(run: Any) -> None:
    """
    The table gets ``ts``, and with an error ``level`` and ``error`` too, as hooks hand it on as their answer.
    """
    with structlog.testing.capture_logs() as lines:
        seen = run("""
            local quiet, loud, failed = { level = "info" }, { level = "info" }, {}
            U.print_result({ log_level = "error" }, quiet)
            U.print_result({ log_level = "info", log_format = "json" }, loud)
            U.print_result({ log_level = "error" }, failed, "broken")
            return quiet.ts, type(loud.ts), failed.level, failed.error, type(failed.ts)
        """)

    assert seen == (None, "string", "error", "broken", "string")
    assert [line["log_level"] for line in lines] == ["info", "error"]


@pytest.mark.parametrize(
    ("address", "routable"),
    [
        ("10.0.0.1", False),
        ("100.64.0.1", False),
        ("fe80::1%eth0", False),
        ("::ffff:8.8.8.8", True),
        ("224.0.0.1", False),
    ],
)
def test_private_and_reserved_addresses_are_not_routable(address: str, routable: bool) -> None:  # noqa: FBT001
    """
    Also those of providers, links and groups.
    """
    assert is_routable(address) is routable


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("{ a = { b = 2 } }", "{a = {b = 2}}"),
        ('{ "x", 1, true, k = "v" }', '{"x", 1, true, k = "v"}'),
        ('{ { "a" } }', '{ { "a" } }'),
        ("{}", "{}"),
        ('{ ["a b"] = print }', '{["a b"] = <function>}'),
    ],
)
def test_a_value_is_shown_to_a_person(lua: Any, value: str, text: str) -> None:
    """
    On one line if asked for; keys are sorted.
    """
    assert lua(f'return require("inspect")({value}, {{ newline = "", indent = "" }})') == text


def test_a_table_inside_itself_is_shown_once(lua: Any) -> None:
    """
    And on several lines by default.
    """
    assert lua('local t = { a = 1 } t.t = t return require("inspect")(t)') == "{\n  a = 1,\n  t = <table again>\n}"


def test_tracing_is_off_and_what_is_traced_runs(lua: Any) -> None:
    """
    Plug-ins put their work into spans; it has to be done all the same.
    """
    seen = lua("""
        local otel = require("nauthilus_opentelemetry")
        local span = otel.tracer("x"):start_span("y", { kind = "client" })
        span:set_attributes({ a = 1 }) span:set_status("ok") span:finish() span["end"](span)
        otel.baggage_set("user", "42") otel.inject_headers({})
        local done = otel.tracer("x"):with_span("y", function(s) s:add_event("z") return "done" end)
        local attributes = otel.semconv.http_client_attrs({ method = "GET" })
        return otel.is_enabled(), done, otel.baggage_get("user"), attributes.method
    """)

    assert seen == (False, "done", "42", "GET")
