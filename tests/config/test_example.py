# SPDX-License-Identifier: Apache-2.0
"""The commented file."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nacre.config.document import read_document
from nacre.config.duration import Duration
from nacre.config.example import WIDTH, example, scalar
from nacre.config.load import parse_settings
from nacre.config.schema import group_of, leaves, nested
from nacre.config.tree import Settings

EXAMPLE = example()


def test_the_example_is_the_defaults() -> None:
    """
    Whoever starts from it and changes one line has changed one setting.
    """
    assert parse_settings(EXAMPLE) == Settings()


@pytest.mark.parametrize("name", sorted({path[-1] for path, _ in leaves(group_of(Settings))}))
def test_every_setting_stands_there_with_its_sentence(name: str) -> None:
    """
    What is not in the example does not exist for most people.
    """
    fields = [field for path, field in leaves(group_of(Settings)) if path[-1] == name]
    text = re.sub(r"\n *# ", " ", EXAMPLE)

    assert re.search(rf"^ *{name}:", EXAMPLE, re.MULTILINE)
    assert all(field.about.rstrip(".") in text for field in fields)


def test_entries_of_empty_lists_are_shown_as_comments_that_work() -> None:
    """
    Without the marks they are settings: nobody has to look up how an entry is written.
    """
    text = re.sub(r"^(  [a-z_]+:) \[\]  # an entry looks like this:$", r"\1", EXAMPLE, flags=re.MULTILINE)
    text = re.sub(r"^  # (- |  )", r"    \1", text, flags=re.MULTILINE)

    settings = parse_settings(text)

    (toleration,) = settings.brute_force.custom_tolerations
    (key,) = settings.auth.api_keys
    assert (toleration.ip_address, toleration.tolerate_percent) == ("192.0.2.0/24", 20)
    assert (key.name, key.roles) == ("dovecot", ("authenticate",))


def test_the_first_rule_shows_every_field_of_a_rule() -> None:
    """
    The others are short; this one is there to learn from.
    """
    rules = nested(group_of(Settings).fields["brute_force"])
    assert rules
    rule = nested(rules.fields["buckets"])
    assert rule
    first = EXAMPLE.partition("buckets:")[2].partition("\n\n")[0]

    for name in rule.fields:
        assert re.search(rf"^ *(- )?{name}: ", first, re.MULTILINE), name


def test_the_lines_are_short_and_clean() -> None:
    """
    The file is read in terminals and kept in repositories.
    """
    lines = EXAMPLE.splitlines()

    assert max(map(len, lines)) <= WIDTH
    assert not [line for line in lines if line != line.rstrip()]
    assert EXAMPLE.endswith("\n")


@given(text=st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Zl", "Zp")), max_size=20))
def test_any_text_can_be_written(text: str) -> None:
    """
    A default may be any text; quotes are put where YAML needs them.
    """
    assert read_document(f"a: {scalar(text)}\nb: [{scalar(text)}, x]") == {"a": text, "b": [text, "x"]}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (1, "1"),
        (0.001, "0.001"),
        (Duration(86_400 * 7), "7d"),
        (("a", "b: c"), '[a, "b: c"]'),
        ({"a": ("b",)}, "{a: [b]}"),
        ("null", '"null"'),
        ("2001:db8::1", "2001:db8::1"),
    ],
)
def test_values_are_written_as_people_write_them(value: object, text: str) -> None:
    """
    Quotes only where they are needed, durations with their unit.
    """
    assert scalar(value) == text
