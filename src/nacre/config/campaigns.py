# SPDX-License-Identifier: Apache-2.0
"""Settings of what watches for distributed attacks, and of who is told."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from nacre.config.section import Section


class Campaigns(Section, frozen=True):
    """Distributed attacks: how they are seen and answered."""

    enabled: Annotated[
        bool, Meta(description="Watch for attacks from many addresses, name them and answer with measures.")
    ] = True


class Notifications(Section, frozen=True):
    """Who is told of attacks."""

    enabled: Annotated[bool, Meta(description="Tell of attacks by the means that are set.")] = True
