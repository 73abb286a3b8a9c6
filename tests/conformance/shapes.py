# SPDX-License-Identifier: Apache-2.0
"""Answers compared with those that the specification shows: their keys and types, not their figures."""

from __future__ import annotations

from typing import Any

MAPS = frozenset({"attacked_accounts"})
"""Objects whose keys are data."""


def shape(value: Any, name: str = "") -> Any:
    """
    Return what a value of JSON is like.

    >>> shape({"status": "success", "metrics": {"attacked_accounts": {"user1": 20}, "attempts": 0.5}})
    {'status': 'text', 'metrics': {'attacked_accounts': 'object', 'attempts': 'number'}}
    """
    match value:
        case dict():
            return "object" if name in MAPS else {key: shape(inner, key) for key, inner in value.items()}
        case bool():
            return "flag"
        case int() | float():
            return "number"
        case str():
            return "text"
        case list():
            return "list"
        case _:
            return None
