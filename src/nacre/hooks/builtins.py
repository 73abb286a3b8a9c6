# SPDX-License-Identifier: Apache-2.0
"""``nauthilus_builtin``: what scripts return, by name, and what they add to the decision line and the answer."""

from __future__ import annotations

from nacre.hooks.call import Module, Seat
from nacre.hooks.library.arguments import text

RESULT_OK, RESULT_FAIL = 0, 1

CONSTANTS = {
    "FEATURE_TRIGGER_NO": False,
    "FEATURE_TRIGGER_YES": True,
    "FEATURES_ABORT_NO": False,
    "FEATURES_ABORT_YES": True,
    "FEATURE_RESULT_OK": RESULT_OK,
    "FEATURE_RESULT_FAIL": RESULT_FAIL,
    "FILTER_ACCEPT": False,
    "FILTER_REJECT": True,
    "FILTER_RESULT_OK": RESULT_OK,
    "FILTER_RESULT_FAIL": RESULT_FAIL,
    "ACTION_RESULT_OK": RESULT_OK,
    "ACTION_RESULT_FAIL": RESULT_FAIL,
    "BACKEND_RESULT_OK": RESULT_OK,
    "BACKEND_RESULT_FAIL": RESULT_FAIL,
    # Names that plug-ins of Nauthilus use and its own host does not define.
    "FEATURE_RESULT_YES": RESULT_OK,
    "FEATURE_RESULT_FAILURE": RESULT_FAIL,
    "FILTER_TRIGGER_NO": False,
    "FILTERS_ABORT_NO": False,
    "FILTER_RESULT_YES": RESULT_OK,
}
"""Every constant; a result other than 0 tells that the script could not do its work."""

MOST_LOGGED = 32
"""Pairs that the scripts of one request may add to the decision line."""
_LONGEST_KEY = 64
_LONGEST_VALUE = 512
LONGEST_MESSAGE = 256
"""Characters of a status message."""


def builtins(seat: Seat) -> Module:
    """Return the constants, and the two functions."""

    def custom_log_add(key: object, value: object) -> None:
        name = text(key, 1, "custom_log_add")[:_LONGEST_KEY]
        pairs = seat.call.custom_log
        if name not in pairs and len(pairs) >= MOST_LOGGED:
            raise ValueError(f"{MOST_LOGGED} pairs are logged with one decision at most")
        if isinstance(value, str | bytes):
            value = text(value, 2, "custom_log_add")[:_LONGEST_VALUE]
        pairs[name] = value if isinstance(value, bool | int | float | str) else "UNSUPPORTED"

    def status_message_set(message: object) -> None:
        seat.call.status_message = text(message, 1, "status_message_set")[:LONGEST_MESSAGE]

    return {**CONSTANTS, "custom_log_add": custom_log_add, "status_message_set": status_message_set}
