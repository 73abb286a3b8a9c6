# SPDX-License-Identifier: Apache-2.0
"""From a file and the environment to settings."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nacre.address import SubnetSet, parse_address
from nacre.config.duration import Duration
from nacre.config.example import example
from nacre.config.load import load_settings, parse_settings
from nacre.config.tree import DEFAULT_RULES, BruteForce, Rule, Server, Settings, Subject
from nacre.errors import SettingsError


@pytest.mark.parametrize("text", ["", "# nothing", "server:", "{}", "brute_force: {ip_whitelist: }"])
def test_what_is_not_set_is_default(text: str) -> None:
    """
    Without any file the rules protect; a section with all of its lines commented out changes nothing.
    """
    assert parse_settings(text) == Settings()
    assert parse_settings(text).brute_force.buckets == DEFAULT_RULES


def test_settings_become_values() -> None:
    """
    Durations, choices and lists are what the service works with; nothing is parsed later.
    """
    settings = parse_settings(
        """
        server: {workers: 4, trusted_proxies: [192.0.2.1, 2001:db8::/32]}
        brute_force:
          buckets:
            - name: pair
              subject: account+subnet
              period: 90
              failed_requests: 5
              cidr: 24
              ipv4: true
              ban_time: 1h30m
              filter_by_protocol: [imap, pop3]
          soft_whitelist: {erika: [10.0.0.0/8]}
        """
    )

    assert settings == Settings(
        server=Server(workers=4, trusted_proxies=("192.0.2.1", "2001:db8::/32")),
        brute_force=BruteForce(
            buckets=(
                Rule(
                    name="pair",
                    subject=Subject.ACCOUNT_SUBNET,
                    period=Duration(90),
                    failed_requests=5,
                    cidr=24,
                    ipv4=True,
                    ban_time=Duration(5400),
                    filter_by_protocol=("imap", "pop3"),
                ),
            ),
            soft_whitelist={"erika": ("10.0.0.0/8",)},
        ),
    )


def test_an_error_names_the_file(tmp_path: Path) -> None:
    """
    Which of the files was read is half of the answer.
    """
    file = tmp_path / "nacre.yml"
    file.write_text("server: {workers: 0}")

    with pytest.raises(SettingsError) as caught:
        load_settings(file, {})

    assert str(caught.value) == f"{file}: server.workers: '0' will not do; expected: whole number, 1 to 64"
    assert (caught.value.field, caught.value.file) == ("server.workers", str(file))


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """
    A service that starts with defaults because of a mistyped path protects by other rules than wanted.
    """
    with pytest.raises(SettingsError, match=r"nacre\.yml: cannot be read: No such file or directory"):
        load_settings(tmp_path / "nacre.yml", {})


def test_a_file_in_another_encoding_is_an_error(tmp_path: Path) -> None:
    """
    A user name in Latin-1 would be another user name.
    """
    file = tmp_path / "nacre.yml"
    file.write_bytes("brute_force: {soft_whitelist: {Jürgen: [10.0.0.1]}}".encode("latin-1"))

    with pytest.raises(SettingsError, match="no UTF-8: byte 32 is 0xfc"):
        load_settings(file, {})


def test_the_environment_comes_after_the_file(tmp_path: Path) -> None:
    """
    One image, one file, and what differs between two hosts in the environment.
    """
    file = tmp_path / "nacre.yml"
    file.write_text("\ufeffserver: {workers: 2, listen: '0.0.0.0:80'}\nbrute_force: {ip_allowlist: [10.0.0.1]}")

    settings = load_settings(
        file, {"NACRE_SERVER__WORKERS": "4", "NACRE_BRUTE_FORCE__IP_WHITELIST": "::1, 192.0.2.0/24", "PATH": "/bin"}
    )

    assert settings.server == Server(workers=4, listen="0.0.0.0:80")
    assert settings.brute_force.ip_whitelist == ("::1", "192.0.2.0/24")


def test_an_error_from_the_environment_names_the_variable(tmp_path: Path) -> None:
    """
    Nobody finds it by reading the file.
    """
    file = tmp_path / "nacre.yml"
    file.write_text("server: {workers: 2}")

    with pytest.raises(
        SettingsError, match=r"^NACRE_BRUTE_FORCE__IP_WHITELIST: brute_force\.ip_whitelist\[1\]: '::g' is no"
    ):
        load_settings(file, {"NACRE_BRUTE_FORCE__IP_WHITELIST": "['::1', '::g']"})


def test_sections_for_anchors_are_left_alone() -> None:
    """
    What rules have in common stands once, in a section that nothing else reads.
    """
    settings = parse_settings(
        """
        x-common: &common {period: 1h, failed_requests: 20, ban_time: 2h}
        brute_force:
          buckets:
            - {<<: *common, name: four, cidr: 32, ipv4: true}
            - {<<: *common, name: six, cidr: 64, ipv6: true, failed_requests: 30}
        """
    )

    assert [(rule.name, rule.failed_requests) for rule in settings.brute_force.buckets] == [("four", 20), ("six", 30)]


def test_a_hundred_thousand_networks_are_read() -> None:
    """
    Whole countries are whitelisted by such lists; none of their entries may be lost.
    """
    networks = [f"{20 + n // 65_536}.{n // 256 % 256}.{n % 256}.0/24" for n in range(100_000)]
    text = "brute_force:\n  ip_whitelist:\n" + "".join(f"    - {network}\n" for network in networks)

    whitelist = parse_settings(text).brute_force.ip_whitelist

    assert list(whitelist) == networks
    assert parse_address("21.134.159.9") in SubnetSet(whitelist)


LINES = example().splitlines()


@given(data=st.data())
def test_a_damaged_file_is_read_or_refused(data: st.DataObject) -> None:
    """
    Nothing but a SettingsError may come of a file, whatever is wrong with it.
    """
    lines = list(LINES)
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(lines) - 1))
        name, colon, _ = lines[place].partition(":")
        junk = data.draw(
            st.sampled_from(["", "[]", "{}", "-1", "1e999", "9" * 400, "'", "&a", "*a", "null"]) | st.text(max_size=9)
        )
        lines[place] = f"{name}{colon} {junk}"

    with contextlib.suppress(SettingsError):
        parse_settings("\n".join(lines))


@given(text=st.text(max_size=60))
def test_any_text_is_settings_or_refused(text: str) -> None:
    """
    The same for texts that were never meant to be settings.
    """
    with contextlib.suppress(SettingsError):
        parse_settings(text)
    with contextlib.suppress(SettingsError):
        load_settings(None, {"NACRE_BRUTE_FORCE__BUCKETS": text, "NACRE_SERVER__LISTEN": text})
