# SPDX-License-Identifier: Apache-2.0
"""``hex``: bytes as hexadecimal digits and back."""

from __future__ import annotations

from nacre.hooks.call import Module, Seat
from nacre.hooks.library.arguments import raw


def open_hex(seat: Seat) -> Module:
    """Return the module."""
    del seat  # nothing here depends on who asks

    def decode_string(data: object) -> object:
        try:
            return bytes.fromhex(raw(data, 1, "decode_string").decode("latin-1"))
        except ValueError as error:
            return None, str(error)

    return {
        "encode_to_string": lambda data: raw(data, 1, "encode_to_string").hex(),
        "decode_string": decode_string,
    }
