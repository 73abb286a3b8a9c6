# SPDX-License-Identifier: Apache-2.0
"""``hex``, as scripts use it."""

from __future__ import annotations

from typing import Any

from nacre.hooks.library.gll_hex import open_hex


def test_bytes_become_digits_and_come_back(lua: Any) -> None:
    """
    What are no digits is nil and a reason.
    """
    seen = lua(
        """
        local H = require("hex")
        local value, err = H.decode_string("zz")
        return H.encode_to_string("\\0\\255a"), H.decode_string("00ff61") == "\\0\\255a", value, err ~= nil
        """,
        hex=open_hex,
    )

    assert seen == ("00ff61", True, None, True)
