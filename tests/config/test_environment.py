# SPDX-License-Identifier: Apache-2.0
"""Settings from the environment."""

from __future__ import annotations

import pytest

from nacre.config.document import Raw
from nacre.config.environment import RESERVED, overlay, overrides
from nacre.config.load import load_settings
from nacre.config.schema import group_of, leaves
from nacre.config.tree import Settings
from nacre.errors import SettingsError


@pytest.mark.parametrize(
    ("variable", "message"),
    [
        ("NACRE_SERVER__LISTN", "no setting has this name; did you mean `NACRE_SERVER__LISTEN`?"),
        ("NACRE_SERVER_LISTEN", "no setting has this name; did you mean `NACRE_SERVER__LISTEN`?"),
        (
            "NACRE_SERVER__REDIS",
            "no setting has this name; it is a section, with settings such as `NACRE_SERVER__REDIS__MASTER__ADDRESS`",
        ),
        ("NACRE_DEBUG", "no setting has this name; settings are spelled like `NACRE_SERVER__LISTEN`"),
        ("NACRE_SERVER__LISTEN__X", "no setting has this name; did you mean `NACRE_SERVER__LISTEN`?"),
    ],
)
def test_a_variable_of_ours_that_names_no_setting_is_refused(variable: str, message: str) -> None:
    """
    A mistyped variable that does nothing is worse than one that stops the service.
    """
    with pytest.raises(SettingsError) as caught:
        overrides({variable: "1"})

    assert str(caught.value) == f"{variable}: {message}"


@pytest.mark.parametrize(
    "variable",
    [
        *sorted(RESERVED),
        "NACRE_SERVICE_HOST",
        "NACRE_SERVICE_PORT",
        "NACRE_SERVICE_PORT_HTTP",
        "NACRE_PORT",
        "NACRE_PORT_9080_TCP",
        "NACRE_PORT_9080_TCP_ADDR",
        "nacre_debug",
        "PATH",
    ],
)
def test_other_variables_are_left_alone(variable: str) -> None:
    """
    The command line has its own, and Kubernetes sets some for a service that is called nacre.
    """
    assert overrides({variable: "tcp://10.0.0.1:9080"}) == []


def test_the_variable_of_nauthilus_that_switches_its_network_on_switches_ours() -> None:
    """
    An installation that moves over keeps its environment; our own name holds where both are set.
    """
    theirs, ours = "NAUTHILUS_EXPERIMENTAL_ML", "NACRE_BRUTE_FORCE__NEURAL_NETWORK__ENABLED"

    switched = {
        settings: load_settings(None, dict(settings)).brute_force.neural_network.enabled
        for settings in (((theirs, "false"),), ((theirs, "true"),), ((ours, "true"), (theirs, "false")))
    }

    assert list(switched.values()) == [False, True, True]


def test_every_setting_can_come_from_the_environment() -> None:
    """
    What the reference promises of names holds for the whole tree.
    """
    for path, _ in leaves(group_of(Settings)):
        (override,) = overrides({f"NACRE_{'__'.join(path).upper()}": "x"})

        assert override.path == path


@pytest.mark.parametrize(
    ("variable", "text", "value"),
    [
        ("NACRE_SERVER__LISTEN", "[::1]:9080", "[::1]:9080"),
        ("NACRE_SERVER__REDIS__PREFIX", "nacre:", "nacre:"),
        ("NACRE_AUTH__ISSUER", "https://a: b", "https://a: b"),
        ("NACRE_AUTH__ISSUER", "'quoted'", "quoted"),
        ("NACRE_AUTH__ISSUER", '""', ""),
        ("NACRE_SERVER__TRUSTED_PROXIES", "[10.0.0.1, '::1']", ["10.0.0.1", "::1"]),
        ("NACRE_SERVER__TRUSTED_PROXIES", "10.0.0.1,::1", "10.0.0.1,::1"),
        ("NACRE_ACCOUNTS__DOMAIN_ALIASES", "{a.example: example.org}", {"a.example": "example.org"}),
    ],
)
def test_a_single_value_is_taken_as_it_stands(variable: str, text: str, value: object) -> None:
    """
    An IPv6 address with its port is a list to YAML, and a prefix with a colon a mapping.
    """
    (override,) = overrides({variable: text})

    assert override.value == value


@pytest.mark.parametrize("text", ["", "  ", "null", "~"])
def test_an_empty_variable_counts_as_not_set(text: str) -> None:
    """
    Compose files hand on variables that nobody has set.
    """
    assert load_settings(None, {"NACRE_SERVER__WORKERS": text}) == Settings()


def test_a_list_that_is_no_yaml_names_the_variable() -> None:
    """
    There is no file that could be named.
    """
    with pytest.raises(SettingsError, match=r"^NACRE_SERVER__TRUSTED_PROXIES: line 1, column 2: .* `::` needs quotes"):
        overrides({"NACRE_SERVER__TRUSTED_PROXIES": "[::1, ::2]"})


def test_other_spellings_are_replaced_too() -> None:
    """
    A file with `ip_allowlist` and a variable with `IP_WHITELIST` mean one setting; the variable wins.
    """
    (override,) = overrides({"NACRE_BRUTE_FORCE__IP_WHITELIST": "::1"})

    document = overlay({"brute_force": {"ip_allowlist": ["10.0.0.1"], "buckets": []}}, override)

    assert document == {"brute_force": {"ip_whitelist": "::1", "buckets": []}}


def test_a_mapping_that_stands_in_two_places_is_changed_in_one() -> None:
    """
    Aliases make one object of two mappings; the other place must not change with it.
    """
    shared: Raw = {"username": "a"}
    (override,) = overrides({"NACRE_SERVER__REDIS__MASTER__USERNAME": "b"})

    document = overlay({"server": {"redis": {"master": shared, "sentinels": shared}}}, override)

    assert document == {"server": {"redis": {"master": {"username": "b"}, "sentinels": {"username": "a"}}}}
