# SPDX-License-Identifier: Apache-2.0
"""The fields of an attempt as options, and back."""

from __future__ import annotations

import io
import sys
from typing import Any

import msgspec
import pytest
from terminal import Run

from nacre.attempt import AttemptFields
from nacre.cli.fields import OPTIONS, fields_of
from nacre.errors import InvalidAttempt

SOMEBODY: dict[str, Any] = {"client_ip": "192.0.2.7", "username": "erika"}


def test_every_field_of_an_attempt_has_an_option() -> None:
    """
    A field that is added to the interface is wanted on the command line, too.
    """
    assert {option.name for option in OPTIONS} == {field.name for field in msgspec.structs.fields(AttemptFields)}


def test_what_was_not_given_is_not_sent() -> None:
    """
    Defaults have one home, and it is not the command line.
    """
    nothing: dict[str, Any] = {option.name: None for option in OPTIONS}

    assert fields_of(nothing | SOMEBODY) == AttemptFields(**SOMEBODY)


def test_headers_and_attributes_are_pairs() -> None:
    """
    Headers are written as in HTTP, attributes as in a shell; only the first separator parts them.
    """
    pairs = {"headers": ["X-Forwarded-For: ::1"], "attributes": ["group=a=b", "empty="]}

    fields = fields_of(SOMEBODY | pairs)

    assert fields.headers == {"X-Forwarded-For": "::1"}
    assert fields.attributes == {"group": "a=b", "empty": ""}


def test_additional_features_are_what_they_look_like() -> None:
    """
    A number is no text to the network; whoever means the text quotes it.
    """
    given = ["retries=2", "share=0.5", "mobile=true", "browser=firefox", 'year="2026"', "empty=", "list=[1]"]

    fields = fields_of(SOMEBODY | {"features": given, "embedded": ["browser"]})

    assert fields.features == {
        "retries": 2,
        "share": 0.5,
        "mobile": True,
        "browser": "firefox",
        "year": "2026",
        "empty": "",
        "list": "[1]",
    }
    assert fields.embedded == ["browser"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("headers", ["no separator"]),
        ("features", ["no separator"]),
        ("features", ["=1"]),
        ("features", ["name=\udcff"]),
        ("attributes", ["=no name"]),
        ("username", "u" * 513),
        ("username", "\udcff"),
        ("attributes", ["name=\udcff"]),
        ("local_port", 65_536),
        ("request_id", "with blanks"),
    ],
)
def test_what_http_would_refuse_is_refused_with_the_name_of_the_field(field: str, value: object) -> None:
    """
    One rule for all ways in: what gets past one of them ends up in the store that all share.
    """
    with pytest.raises(InvalidAttempt) as caught:
        fields_of(SOMEBODY | {field: value})

    assert caught.value.field == field


@pytest.mark.parametrize("sent", [b"hunter2", b"hunter2\n", b"hunter2\r\n"])
def test_the_line_end_behind_a_password_is_no_part_of_it(sent: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    `echo` adds it, `printf` does not, and a repeated wrong password is to be recognised as one.
    """
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(sent)))

    assert fields_of(SOMEBODY | {"password": True}).password == "hunter2"


def test_blanks_belong_to_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Some people begin or end theirs with one.
    """
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"  hunter2 \n")))

    assert fields_of(SOMEBODY | {"password": True}).password == "  hunter2 "


def test_a_password_in_another_encoding_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Its digest would match that of no other interface.
    """
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"h\xe4nsel")))

    with pytest.raises(InvalidAttempt, match="password"):
        fields_of(SOMEBODY | {"password": True})


@pytest.mark.parametrize("command", ["check", "attempt", "report"])
def test_no_command_takes_a_password_as_an_argument(run: Run, command: str) -> None:
    """
    Every user of the machine sees the arguments of every process.
    """
    ran = run(command, "--client-ip", "192.0.2.7", "--username", "erika", "--password", "hunter2")

    assert ran.code == 2
    assert "No such option" in ran.err
