# SPDX-License-Identifier: Apache-2.0
"""``template``, as scripts use it."""

from __future__ import annotations

from typing import Any

from nacre.hooks.library.gll_template import open_template

HEAD = 'local T = require("template")\n'


def test_a_text_is_rendered_with_values(lua: Any) -> None:
    """
    As the plug-ins that send mail do it.
    """
    seen = lua(
        f"""{HEAD}
        local mustache, err = T.choose("mustache")
        local text = "Hallo {{{{name}}}},{{{{#data}}}} {{{{.}}}}{{{{/data}}}}"
        return err, mustache:render(text, {{ name = "Köln", data = {{ "a", 2 }} }})
        """,
        template=open_template,
    )

    assert seen == (None, "Hallo Köln, a 2")


def test_what_cannot_be_rendered_is_empty_and_a_reason(lua: Any) -> None:
    """
    A mail with half a template helps nobody.
    """
    text, error = lua(f'{HEAD}return T.choose("mustache"):render("{{{{#open}}}}", {{}})', template=open_template)
    engine, unknown = lua(f'{HEAD}return T.choose("jinja")', template=open_template)

    assert (text, engine, unknown) == ("", None, "unknown engine: jinja")
    assert "has no end" in error
