# SPDX-License-Identifier: Apache-2.0
"""HTML and SVG from plain values."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pages.document import read

from nacre.pages.markup import Html, breakable, element, join, text

WORDS = st.text() | st.text(alphabet="<>&\"'/ab=._\u202e\u200b\x00\n")


@given(words=WORDS)
def test_whatever_a_name_holds_it_stays_text(words: str) -> None:
    """
    As a child and as an attribute: one element, with the name as it was but for what nobody can see.
    """
    seen = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in words)

    (node,) = read(element("p", words, title=words)).children

    assert (node.name, node.text, node.attributes, node.children) == ("p", seen, {"title": seen}, [])


@given(words=WORDS)
def test_nothing_that_turns_or_hides_text_reaches_a_page(words: str) -> None:
    """
    A right-to-left mark would let a name rewrite the figures beside it.
    """
    assert not [c for c in text(words) if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}]


@pytest.mark.parametrize("close", ["</style>", "</title>", "<!--", "<![CDATA[", "<script>", "&lt;"])
def test_a_name_opens_and_closes_nothing(close: str) -> None:
    """
    Nor is it unescaped once more.
    """
    (node,) = read(element("title", close)).children

    assert node.text == close


def test_markup_that_was_made_here_is_not_escaped_again() -> None:
    """
    Elements hold elements.
    """
    inner = element("b", "R&D")

    assert element("p", inner, "<") == "<p><b>R&amp;D</b>&lt;</p>"
    assert join([inner, "&"], " & ") == "<b>R&amp;D</b> &amp; &amp;"


def test_attributes_are_written_as_svg_and_aria_spell_them() -> None:
    """
    An underscore is a hyphen, one at the end keeps Python content; none is left out, and numbers are short.
    """
    made = element("line", x1=1 / 3, y1=2.0, class_="grid", aria_hidden="true", title=None)

    assert made == '<line x1="0.33" y1="2" class="grid" aria-hidden="true"/>'


def test_an_element_without_children_is_closed_all_the_same() -> None:
    """
    ``<p/>`` would stay open in HTML.
    """
    assert element("p") == "<p></p>"
    assert element("br") == "<br/>"


@given(words=WORDS)
def test_a_name_that_may_be_broken_reads_the_same(words: str) -> None:
    """
    The breaks are invisible, and what is copied has none.
    """
    assert read(breakable(words)).text == read(text(words)).text


def test_a_name_is_broken_between_its_parts() -> None:
    """
    Not within a word, and not between the dots of an ellipsis.
    """
    assert breakable("custom.risk_score") == Html("custom.<wbr/>risk_<wbr/>score")
    assert breakable("a...b_") == Html("a...<wbr/>b_")
