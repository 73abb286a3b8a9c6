# SPDX-License-Identifier: Apache-2.0
"""What every part of the tree of settings is, and the durations its defaults are made of."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from nacre.config.duration import Duration

SECOND, MINUTE, HOUR, DAY = Duration(1), Duration(60), Duration(3600), Duration(86400)
YEAR = 365 * DAY


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    A part of the tree: unknown keys are refused.

    Attributes:
        ORDERED: Pairs of fields of which the first is never greater.  Where a file sets one of them only,
            the default of the other gives way.
    """

    ORDERED: ClassVar[tuple[tuple[str, str], ...]] = ()
