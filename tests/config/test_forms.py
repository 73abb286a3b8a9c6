# SPDX-License-Identifier: Apache-2.0
"""What texts of settings must look like."""

from __future__ import annotations

import pytest

from nacre.config.duration import Duration
from nacre.config.forms import (
    Span,
    domain,
    host_port,
    key_prefix,
    keys_url,
    mail_address,
    rule_name,
    server_address,
    sha256,
    store_address,
    webhook_url,
)


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("127.0.0.1:9080", "127.0.0.1", 9080),
        ("[::1]:0", "::1", 0),
        ("localhost:65535", "localhost", 65_535),
        ("redis_1.store.example.org:6379", "redis_1.store.example.org", 6379),
    ],
)
def test_a_host_and_its_port_come_apart(text: str, host: str, port: int) -> None:
    """
    Sockets want the two by themselves, and no brackets.
    """
    assert host_port(text) == (host, port)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("9080", "'9080' has no port; write it as in '127.0.0.1:9080'"),
        ("localhost", "has no port"),
        ("localhost:", "has no port"),
        ("localhost:http", "has no port"),
        ("localhost:65536", "has no port"),
        ("localhost:²", "has no port"),
        ("localhost:" + "0" * 5000, "has no port"),
        (":9080", "has no host; write '0.0.0.0:9080' for all IPv4 addresses of this machine"),
        ("::1:9080", "an IPv6 address stands in brackets before its port"),
        ("[::g]:9080", "'::g' is no IPv6 address"),
        ("[127.0.0.1]:9080", "'127.0.0.1' is no IPv6 address"),
        ("10.0.0.256:9080", "'10.0.0.256' is no address and no host name"),
        ("a b:9080", "'a b' is no address and no host name"),
        ("http://a:9080", "an IPv6 address stands in brackets"),
    ],
)
def test_anything_else_is_no_host_with_a_port(text: str, message: str) -> None:
    """
    Each slip that people make has its own advice.
    """
    with pytest.raises(ValueError, match=r".") as caught:
        host_port(text)

    assert message in str(caught.value)


def test_a_server_to_connect_to_has_a_port_other_than_0() -> None:
    """
    Port 0 takes a free port to listen on; nobody can be reached there.
    """
    server_address("redis:6379")
    with pytest.raises(ValueError, match="'redis:0': a server to connect to has a port from 1 to 65535"):
        server_address("redis:0")


def test_a_store_may_be_a_unix_socket() -> None:
    """
    Where the store runs beside us, a socket file needs no port.
    """
    store_address("/run/valkey/valkey.sock")
    store_address("valkey:6379")
    with pytest.raises(ValueError, match="has no port"):
        store_address("run/valkey.sock")


@pytest.mark.parametrize("text", ["", "a b", "erika@example.org", ".", "example..org", "example.org.", "a:b"])
def test_what_is_no_domain_is_refused(text: str) -> None:
    """
    A domain is compared with what stands behind the `@`; a full address never matches.
    """
    with pytest.raises(ValueError, match="is no domain"):
        domain(text)


def test_a_domain_with_upper_case_letters_is_refused_with_the_right_spelling() -> None:
    """
    User names are folded before they are compared: such a domain would never match.
    """
    domain("bücher.example")
    with pytest.raises(ValueError, match=r"write 'example\.org'"):
        domain("EXAMPLE.org")


@pytest.mark.parametrize("text", ["*", " login", "log\nin", "\x1b[31m"])
def test_a_rule_has_a_name_that_can_be_shown_and_means_one_rule(text: str) -> None:
    """
    `*` lifts the blocks of all rules, and names are printed to terminals.
    """
    with pytest.raises(ValueError, match="is no name of a rule"):
        rule_name(text)


@pytest.mark.parametrize("text", ["a{b", "a}", "a b", "a\t", "x" * 33])
def test_braces_and_spaces_begin_no_key(text: str) -> None:
    """
    What stands between braces decides where a cluster puts a key; ours are chosen with care.
    """
    key_prefix("nacre:")
    with pytest.raises(ValueError, match="cannot begin a key"):
        key_prefix(text)


def test_a_wrong_digest_is_not_repeated() -> None:
    """
    Whoever puts the key itself there by mistake does not find it in the log.
    """
    sha256("0" * 64)
    with pytest.raises(ValueError, match="64 hexadecimal digits") as caught:
        sha256("hunter2-hunter2")

    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["https://login.example.org/jwks", "http://127.0.0.1:8080/", "http://[::1]/", "http://localhost/x"]
)
def test_keys_are_fetched_over_https_or_from_this_machine(text: str) -> None:
    """
    Whoever can change the keys on their way can sign tokens.
    """
    keys_url(text)


@pytest.mark.parametrize("text", ["http://login.example.org/jwks", "ftp://localhost/", "https://", "jwks.json"])
def test_keys_are_fetched_from_nowhere_else(text: str) -> None:
    """
    Plain HTTP across a network is refused, not warned about.
    """
    with pytest.raises(ValueError, match="keys are fetched over https://"):
        keys_url(text)


@pytest.mark.parametrize("text", ["https://[::1", "https://a:b:c/"])
def test_what_is_no_url_is_refused(text: str) -> None:
    """
    The parser's own complaint would not name the setting.
    """
    with pytest.raises(ValueError, match="is no URL"):
        keys_url(text)


@pytest.mark.parametrize(
    "text", ["olga", "Olga <olga@example.org>", "a@b@c", "a@example.org\nBcc: b@example.org", "a@exämple.org", "@a", ""]
)
def test_a_mail_address_stands_alone(text: str) -> None:
    """
    It goes into a header as it is.
    """
    with pytest.raises(ValueError, match="is no mail address"):
        mail_address(text)


@pytest.mark.parametrize("text", ["olga@example.org", "o.l-g_a+nacre@mx.example.org", "root@localhost"])
def test_a_mail_address_is_as_servers_take_it(text: str) -> None:
    """
    Also one on this machine.
    """
    mail_address(text)


@pytest.mark.parametrize("text", ["ftp://example.org/", "https://", "https://[::1", "example.org", "http://a:b:c/"])
def test_posts_go_to_the_web(text: str) -> None:
    """
    The URL is not repeated: its path may be a secret.
    """
    with pytest.raises(ValueError, match=r"^this is no URL"):
        webhook_url(text)


def test_a_url_with_a_password_is_refused() -> None:
    """
    The receiver knows us by the signature.
    """
    webhook_url("https://alerts.example.org:8443/hooks/nacre")
    with pytest.raises(ValueError, match="would stand in logs"):
        webhook_url("https://nacre:hunter2@alerts.example.org/")


def test_a_span_says_whether_0_lies_in_it() -> None:
    """
    The same words stand in messages and in the reference.
    """
    assert str(Span(Duration(60))) == "more than 0, up to 1m"
    assert str(Span(Duration(60), zero=True)) == "up to 1m"
