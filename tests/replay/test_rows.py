# SPDX-License-Identifier: Apache-2.0
"""Attempts that are rows of named columns."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from nacre.attempt import MAX_PAIRS, AttemptFields
from nacre.replay.rows import from_mapping


def row(**values: Any) -> dict[str, Any]:
    """Return a row that can be used, with some values changed or added, ``...`` meaning left out."""
    known = {"ts": 1772362800, "client_ip": "192.0.2.10", "username": "erika", "success": True}
    return {name: value for name, value in (known | values).items() if value is not ...}


def read(**values: Any) -> tuple[AttemptFields, bool]:
    """Return what such a row tells."""
    return from_mapping(row(**values), timezone=dt.UTC, text=False)


def test_every_field_of_an_attempt_has_a_column() -> None:
    """
    A field that is added to attempts and forgotten here would be lost in every replay.
    """
    fields = AttemptFields(
        client_ip="192.0.2.10",
        username="erika",
        protocol="imap",
        method="plain",
        service="dovecot",
        user_agent="Thunderbird",
        client_id="phone",
        oidc_cid="shop",
        session="s1",
        local_ip="192.0.2.1",
        local_port=143,
        client_port=50001,
        tls=True,
        headers={"accept": "*/*"},
        password="secret",
        password_digest="5f1d",
        attributes={"floor": 3},
        features={"device": "tablet", "retries": 2},
        embedded=["device"],
        request_id="a1",
        time=1772362800.0,
        known_user=False,
    )
    values = {name: getattr(fields, name) for name in AttemptFields.__struct_fields__}
    assert all(value not in (None, "", 0, {}, []) for name, value in values.items() if name != "known_user")

    found, success = from_mapping(values | {"outcome": "accepted"}, timezone=dt.UTC, text=False)

    assert {name: getattr(found, name) for name in AttemptFields.__struct_fields__} == values
    assert success


def test_other_names_mean_the_same() -> None:
    """
    The columns of recorded events are short, and a token is a digest.
    """
    values = {
        "ts": "2017-03-27T13:08:09", "src": "192.0.2.7", "user": "erika", "ok": "0", "known": "1", "proto": "ssh",
        "agent": "PuTTY", "pwh": "5f1d", "cc": "DE", "sess": "s1", "label": "attack",
    }  # fmt: skip

    fields, success = from_mapping(values, timezone=dt.UTC, text=True)

    assert fields == AttemptFields(
        client_ip="192.0.2.7",
        username="erika",
        protocol="ssh",
        user_agent="PuTTY",
        password_digest="5f1d",
        session="s1",
        time=1490620089.0,
        known_user=True,
        attributes={"label": "attack", "country": "DE"},
    )
    assert success is False
    assert read(password_token="77aa")[0].password_digest == "77aa"


@pytest.mark.parametrize(
    ("values", "success"),
    [
        ({"success": False}, False),
        ({"success": 1}, True),
        ({"success": "0"}, False),
        ({"success": "TRUE"}, True),
        ({"success": ..., "outcome": "accepted"}, True),
        ({"success": None, "outcome": "rejected"}, False),
    ],
)
def test_success_is_told_in_several_ways(values: dict[str, Any], success: bool) -> None:  # noqa: FBT001
    """
    Exports of databases write numbers, those of spreadsheets words.
    """
    assert read(**values)[1] is success


def test_times_without_an_offset_are_of_the_time_zone_given() -> None:
    """
    Unix seconds and offsets leave nothing to be assumed.
    """
    berlin = ZoneInfo("Europe/Berlin")

    def time(value: float | str) -> float | None:
        return from_mapping(row(ts=value), timezone=berlin, text=False)[0].time

    assert time("2026-03-01T12:00:00") == time("2026-03-01T11:00:00Z") == time(1772362800) == time("1772362800")


def test_unknown_scalars_become_attributes_and_the_rest_is_left_out() -> None:
    """
    Rules and hooks may use them; lists and objects are beyond what an attempt carries.
    """
    fields, _ = read(
        floor=3, badge="b7", vip=True, nothing=None, path=["a"], asn=64500, country="DE", attributes={"x": 1}
    )

    assert fields.attributes == {"floor": 3, "badge": "b7", "vip": True, "asn": 64500, "country": "DE", "x": 1}


def test_attributes_stay_within_what_an_attempt_may_carry() -> None:
    """
    What the service would refuse over HTTP must not come in through a file.
    """
    fields, _ = read(**{f"column{number}": "x" * 9000 for number in range(500)}, country="DE")

    assert len(fields.attributes) == MAX_PAIRS
    assert fields.attributes["country"] == "DE"
    assert max(len(value) for value in fields.attributes.values() if isinstance(value, str)) == 2048


def test_a_missing_address_or_name_is_unknown_if_the_column_says_so() -> None:
    """
    An empty cell is an answer; a column that is not there is a mistake.
    """
    fields, _ = read(client_ip=None, username=None, request_id=17)

    assert (fields.client_ip, fields.username, fields.request_id) == ("", "", "17")


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"client_ip": ...}, "client_ip"),
        ({"username": ...}, "username"),
        ({"ts": ...}, "time is missing"),
        ({"success": ...}, "success is missing"),
        ({"success": "perhaps"}, "success is neither"),
        ({"known_user": 7}, "known_user is neither"),
        ({"client_ip": "gate.example.org"}, "no IPv4 or IPv6 address"),
        ({"ts": "yesterday"}, "ISO 8601"),
        ({"ts": 1772362800000}, "no time in Unix seconds"),
        ({"ts": "nan"}, "no time in Unix seconds"),
        ({"username": "x" * 513}, "username"),
        ({"client_port": 70000}, "client_port"),
        ({"request_id": "two words"}, "request_id"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(values: dict[str, Any], problem: str) -> None:
    """
    Ten thousand rows are wrong in the same way; the first example must say in which.
    """
    with pytest.raises(Exception, match=problem):
        read(**values)


def test_no_problem_shows_a_password() -> None:
    """
    Problems are printed, and kept as examples.
    """
    with pytest.raises(Exception, match="password") as caught:
        read(password="hunter2" * 1000)

    assert "hunter2" not in str(caught.value)
