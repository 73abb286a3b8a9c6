# SPDX-License-Identifier: Apache-2.0
"""
HTML and SVG from plain values.

Whatever is not made here is text, and text is escaped: who names a feature or an account cannot write to a page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

_VOID = frozenset({"meta", "br", "wbr", "rect", "line", "path", "circle", "polyline"})


class Html(str):
    """Markup that was made here, and may go into a page as it is."""

    __slots__ = ()


def text(value: object) -> Html:
    r"""
    Return a value as text of a page; control, direction and invisible characters are spelled out.

    >>> print(text('<b>"42"</b>'), text("root\u202eexe"))
    &lt;b&gt;&quot;42&quot;&lt;/b&gt; root\u202eexe
    """
    if isinstance(value, Html):
        return value
    plain = str(value)
    if not plain.isprintable():
        plain = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in plain)
    return Html(escape(plain))


def element(name: str, /, *children: object, **attributes: object) -> Html:
    """
    Return an element.

    Args:
        name: Of the element.
        children: What it holds; everything but :class:`Html` is text.
        attributes: ``_`` stands for ``-``, one at the end for nothing; those that are ``None`` are left out, and
            numbers are cut to two places.

    >>> print(element("a", "R&D", class_="x", data_to=1 / 3))
    <a class="x" data-to="0.33">R&amp;D</a>
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(_short(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID and not children:
        return Html(f"<{name}{written}/>")
    return Html(f"<{name}{written}>{join(children)}</{name}>")


def breakable(name: str) -> Html:
    """
    Return a name that a narrow column may break after its dots and underscores.

    >>> print(breakable("user.failures_1h"))
    user.<wbr/>failures_<wbr/>1h
    """
    return join((text(part) for part in re.split(r"(?<=[._])(?=[^._])", name)), element("wbr"))


def join(parts: Iterable[object], between: str = "") -> Html:
    """Return parts one after the other; everything but :class:`Html` is text."""
    return Html(text(between).join(text(part) for part in parts))


def _short(value: object) -> object:
    if not isinstance(value, float):
        return value
    return f"{value:.2f}".rstrip("0").rstrip(".")
