# SPDX-License-Identifier: Apache-2.0
"""Parts that pages have in common: tables, legends, times, and the page around them."""

from __future__ import annotations

import datetime as dt
from base64 import b64encode
from collections.abc import Iterable, Sequence
from hashlib import sha256
from importlib.resources import files

from nacre.pages.charts import swatch
from nacre.pages.markup import Html, element, join, text


def page(title: str, *parts: Html) -> str:
    """
    Return a document that needs nothing else: its style is inside, and it may load or run nothing.

    The policy in its head holds even for a copy on disk; should a name ever get past the escaping, it still
    cannot run.
    """
    style = Html(files(__package__).joinpath("style.css").read_text(encoding="utf-8"))
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", title),
        element("style", style),
    )
    return f"<!doctype html>\n{element('html', head, element('body', element('main', *parts)), lang='en')}\n"


def section(heading: str, *parts: Html) -> Html:
    """Return a part of a page under a heading."""
    return element("section", element("h2", heading), *parts)


def paragraph(words: object, class_: str | None = None) -> Html:
    """Return a paragraph."""
    return element("p", words, class_=class_)


def figure(chart: Html, caption: object) -> Html:
    """Return a chart with what to read from it."""
    return element("figure", element("figcaption", caption), chart)


def legend(names: Iterable[tuple[str, str]]) -> Html:
    """Return which line is what, given class and name of each."""
    return element("ul", *(element("li", swatch(mark), name) for mark, name in names), class_="legend")


def table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[object]], *, words: int = 1) -> Html:
    """
    Return a table whose first *words* columns are words and whose others are figures.

    The first cell of a row is its heading.  A wide table scrolls by itself, and the page does not.
    """
    headings = [element("th", name, scope="col", class_=_kind(at, words)) for at, name in enumerate(columns)]
    lines = [
        element("tr", *(_cell(cell, at, words) for at, cell in enumerate(row)))
        for row in rows
    ]  # fmt: skip
    whole = element(
        "table",
        element("caption", caption),
        element("thead", element("tr", *headings)),
        element("tbody", *lines),
    )
    return element("div", whole, class_="scroll", tabindex=0, role="group", aria_label=caption)


def folded(summary: str, *parts: Html) -> Html:
    """Return parts that are shown on request."""
    return element("details", element("summary", summary), *parts)


def moment(seconds: float) -> Html:
    """
    Return a Unix time for people and for machines.

    >>> print(moment(0.0))
    <time datetime="1970-01-01T00:00:00Z">1970-01-01 00:00 UTC</time>
    """
    when = dt.datetime.fromtimestamp(seconds, dt.UTC)
    return element("time", f"{when:%Y-%m-%d %H:%M} UTC", datetime=f"{when:%Y-%m-%dT%H:%M:%SZ}")


def sentence(*parts: object) -> Html:
    """Return words and markup in one line, a space between them."""
    return join((text(part) for part in parts), " ")


def _cell(value: object, at: int, words: int) -> Html:
    if at == 0:
        return element("th", value, scope="row")
    return element("td", value, class_=_kind(at, words))


def _kind(at: int, words: int) -> str | None:
    return None if at < words else "number"
