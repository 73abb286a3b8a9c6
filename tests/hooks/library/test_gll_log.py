# SPDX-License-Identifier: Apache-2.0
"""``log``, as scripts use it."""

from __future__ import annotations

from typing import Any

import pytest
import structlog

from nacre.hooks.library.gll_log import formatted, open_log


def test_lines_go_into_our_log(lua: Any) -> None:
    """
    Each names the script and the request.
    """
    with structlog.testing.capture_logs() as lines:
        lua(
            """
            local info = require("log").new("/path/to/file.log", "[INFO] ")
            info:print("ok", " ", 1.5) info:println("ok", true) info:set_prefix("")
            info:printf("%s %d %.1f%%", "a", 3, 2.25)
            info:set_flags({ date = true }) info:set_output("STDERR") info:close()
            """,
            log=open_log,
        )

    assert [line["text"] for line in lines] == ["[INFO] ok 1.5", "[INFO] ok true", "a 3 2.2%"]
    assert all((line["script"], line["session"]) == ("test", "s") for line in lines)


@pytest.mark.parametrize(
    ("form", "values", "text"),
    [
        ("%v %v", ("a",), "a nil"),
        ("%999999999d", (1,), "%999999999d"),
        ("%s", ({},), "<userdata>"),
        ("%f", (1,), "1.000000"),
    ],
)
def test_a_form_is_filled(form: str, values: tuple[object, ...], text: str) -> None:
    """
    A width would make a line of a gigabyte.
    """
    assert formatted(form, values) == text
