# SPDX-License-Identifier: Apache-2.0
"""The databases that are not there."""

from __future__ import annotations

from typing import Any

from nacre.hooks.library.gll_db import open_db


def test_opening_a_database_is_an_error_without_its_password(lua: Any) -> None:
    """
    A plug-in loads and goes on; the text may be logged.
    """
    source = 'return require("db").open("mysql", "user:hush@tcp(127.0.0.1)/db", {})'

    assert lua(source, db=open_db) == (None, "there is no driver for mysql")
