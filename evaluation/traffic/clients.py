# SPDX-License-Identifier: Apache-2.0
"""Client strings: those of customers, and those that attack tools send unless told otherwise."""

from __future__ import annotations

import numpy as np

from evaluation.traffic.rows import HTTP, IMAP, POP3, SMTP, Numbers, Places

DESKTOP = (
    *(f"Thunderbird/{version}" for version in ("115.16.2", "128.5.1", "128.6.0", "140.1.0", "140.2.0")),
    "Apple Mail (2.3774.600.62)",
    "Apple Mail (2.3826.300.87)",
    "Microsoft Outlook 16.0.17928",
    "Microsoft Outlook 16.0.18129",
    "Microsoft Outlook 16.0.18429",
    "Evolution 3.52.4",
    "eM Client/10.1",
)
_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
_LINUX = "Mozilla/5.0 (X11; Linux x86_64; rv:{0}.0) Gecko/20100101 Firefox/{0}.0"
_MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
BROWSER = (
    *(f"{_WINDOWS} Chrome/{number}.0.0.0 Safari/537.36" for number in (128, 130, 131, 132, 133)),
    *(_LINUX.format(number) for number in (128, 133, 134)),
    *(f"{_MAC} Version/{number} Safari/605.1.15" for number in ("17.6", "18.2")),
)
PHONE = (
    "iPhone Mail (21H16)",
    "iPhone Mail (22B91)",
    "iPhone Mail (22C152)",
    "K-9 Mail/6.804",
    "K-9 Mail/8.1",
    "Outlook-iOS-Android/1.0",
    "Samsung Email/6.1.94",
    "FairEmail/1.2241",
)
FRONT = ("Roundcube/1.6.9", "SOGo/5.11")
SHELL = ("OpenSSH_9.6p1 Ubuntu-3ubuntu13", "OpenSSH_9.8", "PuTTY_Release_0.81")
DEVICE = ("MFP-Scan2Mail/2.1", "OfficeJet ePrint/4.7", "NAS-Notify/7.2")
TOOL = (
    "python-requests/2.31.0",
    "python-requests/2.32.3",
    "Go-http-client/1.1",
    "curl/8.5.0",
    "okhttp/4.9.3",
    "",
    "libssh2_1.10.0",
    "Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)",
    "Mozilla/5.0 (Windows NT 10.0; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/92.0.4515.159 Safari/537.36",
)

_GROUPS = (DESKTOP, BROWSER, PHONE, FRONT, SHELL, DEVICE, TOOL)
CLIENTS = tuple(text for group in _GROUPS for text in group)
"""All client strings; a row holds an index."""

_STARTS = np.cumsum([0, *(len(group) for group in _GROUPS)])
DESKTOPS, BROWSERS, PHONES, FRONTS, SHELLS, DEVICES, TOOLS = (
    range(int(start), int(start) + len(group)) for start, group in zip(_STARTS, _GROUPS, strict=False)
)

_OF_PROTOCOL = {IMAP: (*DESKTOPS, *PHONES), SMTP: (*DESKTOPS, *PHONES), POP3: (*DESKTOPS,), HTTP: (*BROWSERS,)}


def pick(among: range | tuple[int, ...], bits: Numbers) -> Places:
    """
    Return one client for each number, the first of a group three times as often as the last.

    >>> set(pick(range(3, 5), np.arange(50, dtype=np.uint64) * np.uint64(7919)).tolist())
    {3, 4}
    """
    weights = np.linspace(3.0, 1.0, len(among))
    share = (bits % np.uint64(10_007)).astype(np.float64) / 10_007
    return np.asarray(among)[np.searchsorted(np.cumsum(weights) / weights.sum(), share, side="right")]


def of_customers(protocol: int) -> tuple[int, ...]:
    """Return the clients with which customers speak a protocol."""
    return _OF_PROTOCOL.get(protocol, (*SHELLS,))
