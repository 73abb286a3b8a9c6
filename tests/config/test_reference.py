# SPDX-License-Identifier: Apache-2.0
"""The reference of all settings."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from nacre.config.environment import RESERVED
from nacre.config.load import parse_settings
from nacre.config.paths import NEEDS_RESTART
from nacre.config.reference import reference
from nacre.config.schema import group_of, leaves
from nacre.config.tree import Settings

FILE = Path(__file__).parents[2] / "docs" / "reference" / "settings.md"
REFERENCE = reference()


def test_the_file_is_what_the_tree_says() -> None:
    """
    A setting is added in one place; `python -m nacre.config.reference` brings the file after it.
    """
    assert FILE.read_text(encoding="utf-8") == REFERENCE


@pytest.mark.parametrize("path", [".".join(path) for path, _ in leaves(group_of(Settings))])
def test_every_setting_has_a_row(path: str) -> None:
    """
    Whoever searches for the name that a message gave finds it.
    """
    assert REFERENCE.count(f"| `{path}` |") == 1


@pytest.mark.parametrize(
    "row",
    [
        "| `server.workers` | whole number | 1 to 64 | `1` | Worker processes. |",
        (
            "| `brute_force.buckets[].period` | duration | more than 0, up to 365d | required | "
            "Length of the sliding window in which failures are counted. |"
        ),
        (
            "| `brute_force.ip_whitelist` | list of addresses and networks |  | `[]` | "
            "Addresses and networks that are never counted and never refused. Also spelled `ip_allowlist`. |"
        ),
        (
            "| `brute_force.ip_scoping.tolerations_ipv6_cidr` | whole number | 1 to 128 | `64` | "
            "Prefix length at which successes and failures are counted for tolerations. 0 counts as not set. |"
        ),
    ],
)
def test_a_row_has_type_range_default_and_sentence(row: str) -> None:
    """
    All that is needed to write the setting stands in one line.
    """
    assert row in REFERENCE.splitlines()


def test_every_table_has_rows_of_one_width() -> None:
    """
    A bar within a cell would move everything behind it into the wrong column.
    """
    rows = [line for line in REFERENCE.splitlines() if line.startswith("|")]

    assert {row.count("|") for row in rows} == {6}


def test_the_introduction_names_what_the_code_knows() -> None:
    """
    Reserved variables and settings that need a restart are listed from the code that treats them so.
    """
    introduction = REFERENCE.partition("\n## `server`")[0]

    assert all(f"`{name}`" in introduction for name in (*RESERVED, *NEEDS_RESTART))


def test_the_file_in_the_introduction_loads() -> None:
    """
    It is the first one that people copy.
    """
    text = REFERENCE.partition("```yaml\n")[2].partition("```")[0]

    assert parse_settings(text).brute_force.tolerate_percent == 10


def test_the_module_prints_it() -> None:
    """
    So the file is written, and compared by hand when the test above fails.
    """
    command = [sys.executable, "-m", "nacre.config.reference"]

    printed = subprocess.run(command, capture_output=True, check=True, text=True, encoding="utf-8").stdout

    assert printed == REFERENCE
