# SPDX-License-Identifier: Apache-2.0
"""How shares are written for people."""

from __future__ import annotations


def percent(share: float | None) -> str:
    """
    Return a share in percent with three digits that matter, or as many as tell it from all.

    >>> percent(0.9534), percent(0.00012), percent(0.99996), percent(1.0), percent(0.0), percent(None)
    ('95.3 %', '0.012 %', '99.996 %', '100 %', '0 %', 'none')
    """
    if share is None:
        return "none"
    if share >= 1:
        return "100 %"
    written = next(text for digits in range(3, 18) if (text := f"{share * 100:.{digits}g}") != "100")
    return f"{float(written):.12f}".rstrip("0").rstrip(".") + " %" if "e" in written else f"{written} %"
