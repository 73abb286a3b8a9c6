# SPDX-License-Identifier: Apache-2.0
"""Mustache templates."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nacre.hooks.library.mustache import DEEPEST, render


@pytest.mark.parametrize(
    ("template", "values", "text"),
    [
        ("{{a}} {{{a}}} {{&a}}", {"a": '<&">'}, '&lt;&amp;&quot;&gt; <&"> <&">'),
        ("{{a.b.c}}|{{a.x.y}}", {"a": {"b": {"c": 1.0}}}, "1|"),
        ("{{#a}}yes{{/a}}{{^a}}no{{/a}}", {"a": True}, "yes"),
        ("{{#a}}yes{{/a}}{{^a}}no{{/a}}", {"a": []}, "no"),
        ("{{#a}}yes{{/a}}{{^a}}no{{/a}}", {}, "no"),
        ("{{#list}}{{n}}{{outer}};{{/list}}", {"list": [{"n": 1}, {"n": 2}], "outer": "x"}, "1x;2x;"),
        ("{{#a}}{{b}}{{/a}}", {"a": {"b": 1}, "b": 2}, "1"),
        ("a\n{{! comment }}\nb", {}, "a\nb"),
        ("a {{! comment }} b", {}, "a  b"),
        ("{{#a}}\n- x\n{{/a}}\nend", {"a": True}, "- x\nend"),
        ("{{#a}}\r\nx\r\n{{/a}}\r\n", {"a": True}, "x\r\n"),
        ("{{=<% %>=}}<%a%> {{a}}", {"a": 1}, "1 {{a}}"),
        ("{{ a }}{{true}}{{none}}", {"a": 20.0, "true": True, "none": None}, "20true"),
        ("plain", {}, "plain"),
    ],
)
def test_templates_of_the_specification(template: str, values: dict[str, object], text: str) -> None:
    """
    Each is a case of it, shortened: a tag that stands alone on its line takes the line with it.
    """
    assert render(template, values) == text


@pytest.mark.parametrize(
    "template",
    ["{{name.__class__}}", "{{#name.format}}x{{/name.format}}", "{{list.append}}", "{{name.upper}}", "{{0}}"],
)
def test_names_reach_no_attribute(template: str) -> None:
    """
    A template comes from a script, and what it reaches would be the host.
    """
    assert render(template, {"name": "x", "list": [1]}) == ""


@pytest.mark.parametrize(
    ("template", "error"),
    [
        ("{{a", "unclosed tag"),
        ("{{#a}}", "'a' has no end"),
        ("{{/a}}", "ends no section"),
        ("{{#a}}{{/b}}", "ends no section"),
        ("{{>file}}", "no partials"),
        ("{{=x=}}", "delimiters"),
        ("{{#a}}" * (DEEPEST + 1), "deep at most"),
        ("x" * 2_000_000, "characters at most"),
    ],
)
def test_what_is_no_template_is_refused(template: str, error: str) -> None:
    """
    A partial would read a file.
    """
    with pytest.raises(ValueError, match=error):
        render(template, {"a": True})


def test_a_small_template_makes_no_endless_text() -> None:
    """
    Lists inside of lists multiply.
    """
    for inner in ("x" * 1000, ""):
        deep = "{{#l}}" * 20 + inner + "{{/l}}" * 20

        with pytest.raises(ValueError, match="more than"):
            render(deep, {"l": [1] * 10})


@given(st.text(alphabet="{}#^/=! ab\n", max_size=30))
def test_any_text_is_rendered_or_refused(template: str) -> None:
    """
    And nothing else happens.
    """
    with suppress(ValueError):
        assert isinstance(render(template, {"a": [1, 2], "b": "x"}), str)
