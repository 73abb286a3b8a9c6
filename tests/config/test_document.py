# SPDX-License-Identifier: Apache-2.0
"""YAML, read as texts."""

from __future__ import annotations

import contextlib

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from nacre.config import document
from nacre.config.document import Raw, read_document
from nacre.errors import SettingsError

RAW = st.recursive(
    st.none() | st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abc<-", min_size=1, max_size=3), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(value=RAW)
def test_what_pyyaml_writes_is_read_as_it_was(value: Raw) -> None:
    """
    The reader walks the parser's events by itself; PyYAML's own writer keeps it honest.
    """
    text = yaml.safe_dump(value, allow_unicode=True)

    assert read_document(text) == value


@pytest.mark.parametrize(
    "text", ["no", "yes", "0123", "1e3", "12:30:45", "2001:10:20:30:40:50:10:20", "2024-01-01", "0x10"]
)
def test_a_plain_text_stays_as_it_was_written(text: str) -> None:
    """
    YAML 1.1 makes a truth value, an octal number, a time or a date of these.
    """
    assert read_document(f"name: {text}\n{text}: name") == {"name": text, text: "name"}


@pytest.mark.parametrize("text", ["a:", "a: null", "a: ~", "a: Null"])
def test_nothing_behind_a_key_is_nothing(text: str) -> None:
    """
    A key whose entries are all commented out is common.
    """
    assert read_document(text) == {"a": None}


def test_quotes_make_a_text_of_anything() -> None:
    """
    The empty text and the word null can be written.
    """
    assert read_document("""{a: "", b: 'null', c: !!str ~}""") == {"a": "", "b": "null", "c": "~"}


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "\ufeff"])
def test_an_empty_text_holds_nothing(text: str) -> None:
    """
    An empty file is a file of defaults.
    """
    assert read_document(text) is None


def test_merge_keys_fill_in_what_is_not_there() -> None:
    """
    Rules that differ in one line share the others; nearer mappings win, as YAML says.
    """
    text = """
    rule: &rule {period: 1h, cidr: 24}
    wide: &wide {cidr: 16, ipv4: true}
    buckets:
      - {<<: *rule, cidr: 32}
      - <<: [*rule, *wide]
        period: 2h
    """

    read = read_document(text)

    assert isinstance(read, dict)
    assert read["buckets"] == [{"period": "1h", "cidr": "32"}, {"cidr": "24", "ipv4": "true", "period": "2h"}]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3", "line 3, column 1: `a` stands here a second time; the first one is in line 1"),
        ("a: [1", "line 2, column 1: while parsing a flow sequence did not find expected ',' or ']'"),
        ("a: b: c", "line 1, column 5: mapping values are not allowed in this context"),
        (
            "a: [b, ::1]",
            (
                "line 1, column 8: while parsing a flow node did not find expected node content; "
                "between brackets, an address that begins with `::` needs quotes"
            ),
        ),
        ("a: *x", "line 1, column 4: the alias *x has no anchor before it"),
        ("a: &x [*x]", "line 1, column 8: the alias *x has no anchor before it"),
        ("a: !!python/name:os.system x", "line 1, column 4: the tag '!!python/name:os.system' has no meaning here"),
        ("a: !secret x", "line 1, column 4: the tag '!secret' has no meaning here"),
        ("[a]: 1", "line 1, column 1: a key is a text, not a list, a mapping or an alias"),
        ("<<: 1", "line 1, column 1: `<<` takes a mapping, or a list of mappings"),
        ("a: 1\n---\nb: 2", "line 2, column 1: a second document begins; one is read"),
        ("a: \x07", "no YAML: unacceptable character #x0007: control characters are not allowed"),
        ("a: \udc80", "no YAML: 'utf-8' codec can't encode character '\\udc80' in position 3: surrogates not allowed"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_place(text: str, message: str) -> None:
    """
    An operator with a file of a thousand lines needs the line.
    """
    with pytest.raises(SettingsError) as caught:
        read_document(text, file="nacre.yml")

    assert str(caught.value) == f"nacre.yml: {message}"


@pytest.mark.parametrize("opening", ["[", "{a: "])
def test_brackets_without_end_exhaust_nothing(opening: str) -> None:
    """
    The tree builder of libyaml recurses, and brings the process down with this text.
    """
    with pytest.raises(SettingsError, match="nested more than 32 levels deep"):
        read_document(opening * 100_000)


def test_aliases_cannot_multiply_without_end() -> None:
    """
    Each line holds the one before it ten times: a thousand bytes would mean a billion values.
    """
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]

    with pytest.raises(SettingsError, match="more than 1,000,000 values, aliases counted each time"):
        read_document("\n".join(lines))


def test_a_text_that_is_too_long_is_not_parsed() -> None:
    """
    Somebody named the log instead of the settings.
    """
    with pytest.raises(SettingsError, match="16,777,217 characters; up to 16,777,216 are read"):
        read_document(" " * (document.MAX_CHARACTERS + 1))


@given(text=st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    """
    Nothing but a SettingsError leaves the reader, whatever somebody points it at.
    """
    with contextlib.suppress(SettingsError):
        read_document(text)
