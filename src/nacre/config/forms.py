# SPDX-License-Identifier: Apache-2.0
"""
What the tree of settings can say of a field besides msgspec's ``Meta``.

They stand among the annotations of a field: the form its text must have, the bounds of a duration, other names
it may be given.  Reading, the reference and the example all go by them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlsplit

from nacre.address import MAX_ADDRESS_TEXT, Subnet, is_local, parse_address
from nacre.config.duration import Duration

HIGHEST_PORT = 65_535
LONGEST_PREFIX = 32
_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252}[A-Za-z0-9_])?")
_NUMERIC = re.compile(r"[0-9.]+")
_PORT = re.compile(r"[0-9]{1,5}")
_DOMAIN = re.compile(r"[^\s@.,:/]+(?:\.[^\s@.,:/]+)*")
_MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Form(NamedTuple):
    """
    What a text must look like.

    Attributes:
        name: As the reference calls it: "address or network".
        plural: More than one of it.
        check: Raises ``ValueError`` with a sentence for any other text.
        optional: Whether the empty text stands for "not set".
    """

    name: str
    plural: str
    check: Callable[[str], object]
    optional: bool = False


class Span(NamedTuple):
    """
    How long a duration may be.

    Attributes:
        longest: The longest that is taken.
        zero: Whether 0 is taken.
    """

    longest: Duration
    zero: bool = False

    def __str__(self) -> str:
        return f"{'' if self.zero else 'more than 0, '}up to {self.longest.spoken}"


class Also(NamedTuple):
    """
    Other names that Nauthilus has, or had, for a setting.

    Attributes:
        names: Each is taken in place of ours.
    """

    names: tuple[str, ...]


class Unset(NamedTuple):
    """
    A value that Nauthilus writes where nothing is set.

    Attributes:
        text: It is read as if the setting were not there.
    """

    text: str


def host_port(text: str) -> tuple[str, int]:
    """
    Split ``host:port``; the host loses the brackets that IPv6 needs.

    Raises:
        ValueError: *text* is something else.

    >>> host_port("127.0.0.1:9080"), host_port("[::1]:9080")
    (('127.0.0.1', 9080), ('::1', 9080))
    >>> host_port(":9080")
    Traceback (most recent call last):
    ...
    ValueError: ':9080' has no host; write '0.0.0.0:9080' for all IPv4 addresses of this machine
    """
    host, colon, port = text.rpartition(":")
    if not (colon and _PORT.fullmatch(port) and int(port) <= HIGHEST_PORT):
        raise ValueError(f"{_quoted(text)} has no port; write it as in '127.0.0.1:9080' or '[::1]:9080'")
    if not host:
        raise ValueError(f"{_quoted(text)} has no host; write '0.0.0.0:{port}' for all IPv4 addresses of this machine")
    if host.startswith("[") and host.endswith("]"):
        inner = host[1:-1]
        if ":" not in inner or not _is_address(inner):
            raise ValueError(f"{_quoted(text)}: {_quoted(inner)} is no IPv6 address")
        return inner, int(port)
    if ":" in host:
        raise ValueError(f"{_quoted(text)}: an IPv6 address stands in brackets before its port, as in '[::1]:9080'")
    if not _HOST.fullmatch(host) or (_NUMERIC.fullmatch(host) and not _is_address(host)):
        raise ValueError(f"{_quoted(text)}: {_quoted(host)} is no address and no host name")
    return host, int(port)


def server_address(text: str) -> None:
    """
    Check ``host:port`` of a server to connect to.

    Raises:
        ValueError: *text* is something else, or has port 0.
    """
    if not host_port(text)[1]:
        raise ValueError(f"{_quoted(text)}: a server to connect to has a port from 1 to {HIGHEST_PORT}")


def store_address(text: str) -> None:
    """
    Check ``host:port`` or the absolute path of a unix socket.

    Raises:
        ValueError: *text* is neither.
    """
    if not text.startswith("/"):
        server_address(text)


def domain(text: str) -> None:
    """
    Check a domain as user names carry it behind the ``@``.

    Raises:
        ValueError: *text* is none, or has upper case letters.

    >>> domain("Example.org")
    Traceback (most recent call last):
    ...
    ValueError: 'Example.org' has upper case letters; write 'example.org'
    """
    if not _DOMAIN.fullmatch(text):
        raise ValueError(f"{_quoted(text)} is no domain; write it as in 'example.org'")
    if text != text.lower():
        raise ValueError(f"{_quoted(text)} has upper case letters; write {_quoted(text.lower())}")


def rule_name(text: str) -> None:
    """
    Check the name of a rule: it stands in lists and logs, and ``*`` there means all rules.

    Raises:
        ValueError: *text* is ``*``, or a terminal could not show it.
    """
    if text == "*" or not text.isprintable() or text != text.strip():
        raise ValueError(f"{_quoted(text)} is no name of a rule; take printable characters other than a lone '*'")


def key_prefix(text: str) -> None:
    """
    Check what begins every key of the store: braces in it would decide where a cluster puts the key.

    Raises:
        ValueError: *text* is too long, or has braces or white space.
    """
    if len(text) > LONGEST_PREFIX or set("{}") & set(text) or text.split() != [text]:
        raise ValueError(
            f"{_quoted(text)} cannot begin a key; take up to {LONGEST_PREFIX} characters, no braces and no white space"
        )


def sha256(text: str) -> None:
    """
    Check a digest as ``sha256sum`` prints it.

    Raises:
        ValueError: *text* is none.  It is not repeated: somebody may have put the secret itself here.
    """
    if not _SHA256.fullmatch(text):
        raise ValueError("this is no SHA-256, which has 64 hexadecimal digits in lower case")


def keys_url(text: str) -> None:
    """
    Check where keys may be fetched: over HTTPS, or over HTTP from this machine.

    Raises:
        ValueError: *text* is no such place.
    """
    try:
        url = urlsplit(text)
        host, _ = url.hostname, url.port
    except ValueError:
        raise ValueError(f"{_quoted(text)} is no URL; write it as in 'https://login.example.org/jwks.json'") from None
    if url.scheme == "https" and host:
        return
    if url.scheme == "http" and host and (host == "localhost" or (_is_address(host) and is_local(parse_address(host)))):
        return
    raise ValueError(f"{_quoted(text)}: keys are fetched over https://, and over http:// from loopback addresses only")


def mail_address(text: str) -> None:
    """
    Check an address as mail carries it in its headers: no name beside it, and ASCII only.

    Raises:
        ValueError: *text* is none.

    >>> mail_address("Olga <olga@example.org>")
    Traceback (most recent call last):
    ...
    ValueError: 'Olga <olga@example.org>' is no mail address; write it as in 'olga@example.org'
    """
    if not _MAILBOX.fullmatch(text):
        raise ValueError(f"{_quoted(text)} is no mail address; write it as in 'olga@example.org'")


def webhook_url(text: str) -> None:
    """
    Check where an operator's program takes posts.

    Raises:
        ValueError: *text* is no URL of the web, or carries a password: it would stand in logs.
    """
    try:
        url = urlsplit(text)
        host, _ = url.hostname, url.port
    except ValueError:
        raise ValueError("this is no URL; write it as in 'https://alerts.example.org/nacre'") from None
    if url.scheme not in {"https", "http"} or not host:
        raise ValueError("this is no URL of the web; write it as in 'https://alerts.example.org/nacre'")
    if url.username or url.password:
        raise ValueError("a URL with a user or password would stand in logs; the receiver knows us by the signature")


def _quoted(text: str) -> str:
    return repr(text if len(text) <= MAX_ADDRESS_TEXT else f"{text[:MAX_ADDRESS_TEXT]}…")


def _is_address(text: str) -> bool:
    try:
        return bool(parse_address(text))
    except ValueError:
        return False


RULE_NAME = Form("text", "texts", rule_name)
NETWORK = Form("address or network", "addresses and networks", Subnet.parse)
LISTEN = Form("`host:port`", "`host:port`", host_port)
SERVER = Form("`host:port`", "`host:port`", server_address)
STORE = Form("`host:port` or path", "`host:port` or paths", store_address, optional=True)
PREFIX = Form("text", "texts", key_prefix, optional=True)
DOMAIN = Form("domain", "domains", domain)
OPTIONAL_DOMAIN = Form("domain", "domains", domain, optional=True)
KEYS_URL = Form("URL", "URLs", keys_url, optional=True)
MAIL_SERVER = Form("`host:port`", "`host:port`", server_address, optional=True)
MAIL_ADDRESS = Form("mail address", "mail addresses", mail_address)
WEBHOOK_URL = Form("URL", "URLs", webhook_url, optional=True)
SHA256 = Form("SHA-256", "SHA-256", sha256)
