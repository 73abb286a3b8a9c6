# SPDX-License-Identifier: Apache-2.0
"""Settings of operators' own scripts."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from nacre.config.section import Section


class Lua(Section, frozen=True):
    """Operators' own scripts; the names are Nauthilus'."""

    enabled: Annotated[
        bool, Meta(description="Run the scripts that are named here, and the hooks that nacre brings.")
    ] = True
