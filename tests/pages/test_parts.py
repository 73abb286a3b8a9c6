# SPDX-License-Identifier: Apache-2.0
"""Parts that pages have in common, and the page around them."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from importlib.resources import files

import pytest
from pages.document import read

from nacre.pages.markup import Html, element
from nacre.pages.parts import folded, legend, moment, page, paragraph, section, sentence, table

STYLE = files("nacre.pages").joinpath("style.css").read_text(encoding="utf-8")
ROOT = re.compile(r":root \{(.*?)\}", re.DOTALL)
COLOURS = [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]+);", root)) for root in ROOT.findall(STYLE)]
THEMES = dict(zip(("light", "dark", "print"), COLOURS, strict=True))


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour, by WCAG 2.2."""
    digits = colour[1:] if len(colour) == 7 else "".join(c * 2 for c in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    ("front", "back", "least"),
    [
        *((ink, paper, 4.5) for ink in ("ink", "soft") for paper in ("paper", "card", "good-paper", "bad-paper")),
        ("good", "good-paper", 4.5),
        ("bad", "bad-paper", 4.5),
        *((line, "paper", 3.0) for line in ("challenger", "champion", "rules", "attack", "legitimate")),
    ],
)
def test_text_and_lines_can_be_told_from_what_is_behind_them(theme: str, front: str, back: str, least: float) -> None:
    """
    By WCAG 2.2 AA: 4.5 for text, 3 for lines and bars; in light, in dark and on paper.
    """
    assert contrast(THEMES[theme][front], THEMES[theme][back]) >= least


def test_a_page_follows_the_reader_into_the_dark() -> None:
    """
    Every colour has a counterpart, and none is named outside of the lists.
    """
    assert "@media (prefers-color-scheme: dark)" in STYLE
    assert set(THEMES["light"]) == set(THEMES["dark"]) == set(THEMES["print"])
    rest = ROOT.sub("", STYLE)
    assert re.findall(r"#[0-9a-f]{3,6}\b|rgb|hsl", rest) == []
    assert set(re.findall(r"var\(--([a-z-]+)\)", rest)) <= set(THEMES["light"])


def test_a_page_lets_in_its_own_style_and_nothing_else() -> None:
    """
    The policy names the digest of the style as it stands in the page.
    """
    root = read(page("A page", paragraph("words")))

    (style,) = root.all("style")
    (policy,) = (each.attributes for each in root.all("meta") if "http-equiv" in each.attributes)
    digest = b64encode(sha256(style.text.encode()).digest()).decode()
    assert policy["http-equiv"] == "Content-Security-Policy"
    assert policy["content"] == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def test_a_page_has_a_language_a_title_and_a_width() -> None:
    """
    For readers of screens and for telephones.
    """
    made = page("<R&D>", paragraph("words"))

    root = read(made)
    assert made.startswith("<!doctype html>\n<html")
    assert root.all("html")[0].attributes == {"lang": "en"}
    assert root.all("title")[0].text == "<R&D>"
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in [
        each.attributes for each in root.all("meta")
    ]


def test_the_first_cell_of_a_row_is_its_heading() -> None:
    """
    A screen reader says it before each figure; a wide table scrolls by itself, and by keyboard.
    """
    root = read(table("Budgets & scorers", ("budget", "scorer", "recall"), [("1 %", "<b>", "98 %")], words=2))

    (frame,) = root.children
    assert frame.attributes == {"class": "scroll", "tabindex": "0", "role": "group", "aria-label": "Budgets & scorers"}
    assert root.all("caption")[0].text == "Budgets & scorers"
    assert [(each.name, each.text, each.attributes) for each in root.all("th", "td")] == [
        ("th", "budget", {"scope": "col"}),
        ("th", "scorer", {"scope": "col"}),
        ("th", "recall", {"scope": "col", "class": "number"}),
        ("th", "1 %", {"scope": "row"}),
        ("td", "<b>", {}),
        ("td", "98 %", {"class": "number"}),
    ]


def test_a_legend_shows_the_line_that_is_drawn() -> None:
    """
    By the same class, which has a dash of its own: colour alone tells nothing on paper.
    """
    root = read(legend([("challenger", "this model"), ("rules", "rules alone")]))

    assert [each.text for each in root.all("li")] == ["this model", "rules alone"]
    assert [each.attributes["class"] for each in root.all("line")] == ["line challenger", "line rules"]


def test_a_time_is_read_by_people_and_machines() -> None:
    """
    In UTC, and it says so.
    """
    (node,) = read(moment(1_790_000_000.7)).children

    assert node.text == "2026-09-21 14:13 UTC"
    assert node.attributes == {"datetime": "2026-09-21T14:13:20Z"}


def test_parts_hold_what_they_are_given() -> None:
    """
    Words are escaped, markup is not.
    """
    assert section("A & B", Html("<p></p>")) == "<section><h2>A &amp; B</h2><p></p></section>"
    assert folded("more", element("p", "<")) == "<details><summary>more</summary><p>&lt;</p></details>"
    assert sentence("a", element("b", "c"), "<") == "a <b>c</b> &lt;"
    assert paragraph("a", "note") == '<p class="note">a</p>'
