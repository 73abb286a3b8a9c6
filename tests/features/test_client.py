# SPDX-License-Identifier: Apache-2.0
"""Families of client programs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nacre.features.client import MAX_FAMILY, MAX_LOOKED_AT, client_family

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "


@pytest.mark.parametrize(
    ("text", "family"),
    [
        (CHROME.format(126), "chrome 126"),
        (CHROME.format(126) + " Edg/125.0.2535.51", "edge 125"),
        (CHROME.format(126) + " OPR/111.0.0.0", "opera 111"),
        (CHROME.format(115).replace("Chrome", "SamsungBrowser/23.0 Chrome"), "samsungbrowser 23"),
        (IPHONE + "Version/17.5 Mobile/15E148 Safari/604.1", "safari 17"),
        (IPHONE + "CriOS/126.0.6478.35 Mobile/15E148 Safari/604.1", "chrome 126"),
        (IPHONE + "FxiOS/127.0 Mobile/15E148 Safari/605.1.15", "firefox 127"),
        ("Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko", "internet explorer 11"),
        ("Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; Trident/6.0)", "internet explorer 10"),
        ("Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)", "internet explorer 6"),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "googlebot 2"),
        ("Mozilla/5.0", "mozilla 5"),
        ("Thunderbird 2.0.0.24 (Windows/20100228)", "thunderbird 2"),
        ("Microsoft Office/16.0 (Windows NT 10.0; MAPICPL)", "microsoft office 16"),
        ("Outlook-iOS/723.4027091.prod.iphone (4.28.0)", "outlook mobile"),
        ("Mac OS X Mail (16.0)", "apple mail"),
        ("Roundcube Webmail/1.6.7", "roundcube"),
        ("SSH-2.0-libssh_0.9.6", "libssh 0"),
        ("okhttp/v4.12.0", "okhttp 4"),
        ("build/20240131", "build"),
        ("\x00\x01", "other"),
        ("   ", ""),
    ],
)
def test_a_client_is_known_by_what_it_is_and_not_by_what_it_imitates(text: str, family: str) -> None:
    """
    Browsers list all that they are compatible with; the most particular name is theirs.
    """
    assert client_family(text) == family


def test_a_patch_release_is_the_same_client_and_a_major_one_is_not() -> None:
    """
    Otherwise every Tuesday would bring each account an unknown client.
    """
    before, patched, next_major = (client_family(f"Evolution/{version}") for version in ("3.50.1", "3.50.2", "4.0"))

    assert before == patched == "evolution 3"
    assert next_major == "evolution 4"


@given(st.text(max_size=2048))
def test_any_string_has_a_short_printable_family(text: str) -> None:
    """
    Families are shown and kept, and strangers choose the strings.
    """
    family = client_family(text)

    assert len(family) <= MAX_FAMILY
    assert family.isascii()
    assert family.isprintable() or not family
    assert family == client_family(text)


@given(st.text(max_size=80), st.sampled_from([" Firefox/128.0", "/9", "9"]) | st.text(max_size=2048))
def test_what_stands_behind_the_part_that_is_looked_at_changes_nothing(start: str, tail: str) -> None:
    """
    That bounds the work for a hostile string, however long it is.
    """
    looked_at = f"Mozilla/5.0 {start}".ljust(MAX_LOOKED_AT)

    assert client_family(looked_at + tail) == client_family(looked_at)


def test_digits_of_other_scripts_are_no_version() -> None:
    """
    Python takes them for digits; the family would no longer be ASCII.
    """
    assert client_family("curl/\u0668.\u0665") == "curl"
    assert client_family("curl/\u00b2") == "curl"
