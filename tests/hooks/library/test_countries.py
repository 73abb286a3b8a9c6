# SPDX-License-Identifier: Apache-2.0
"""Names of countries."""

from __future__ import annotations

from nacre.hooks.library.countries import COUNTRIES, country_name


def test_every_code_of_the_standard_has_a_name() -> None:
    """
    ISO 3166-1 has 249 codes, and location databases know Kosovo besides.
    """
    assert len(COUNTRIES) == 250
    assert all(len(code) == 2 and code.isupper() and name for code, name in COUNTRIES.items())


def test_a_code_is_found_in_either_case() -> None:
    """
    Databases have capitals, plug-ins often small letters.
    """
    assert (country_name("CH"), country_name("ch"), country_name("XX")) == ("Switzerland", "Switzerland", None)
