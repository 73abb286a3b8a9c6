# SPDX-License-Identifier: Apache-2.0
"""Files of Nauthilus."""

from __future__ import annotations

from pathlib import Path

import pytest

from nacre.config.document import Raw
from nacre.config.duration import Duration
from nacre.config.explain import explain
from nacre.config.load import load_settings, parse_settings
from nacre.config.nauthilus import adapt
from nacre.config.tree import (
    Activation,
    BruteForce,
    Feature,
    IpScoping,
    NeuralNetwork,
    Rule,
    Server,
    Settings,
    Toleration,
)
from nacre.errors import SettingsError

SAMPLES = Path(__file__).parents[1] / "data" / "nauthilus"


def sample(name: str) -> Settings:
    """Return the settings of a sample file."""
    return load_settings(SAMPLES / name, {})


@pytest.mark.parametrize("file", sorted(path.name for path in SAMPLES.glob("*.yml")))
def test_a_file_loads_as_it_is(file: str) -> None:
    """
    Who moves to nacre brings the rules along, and can have them explained.
    """
    assert explain(sample(file))


def test_all_fields_of_version_1_7_arrive() -> None:
    """
    Loading is not enough: each value has to stand where the rules look for it.
    """
    rules = sample("v1.7-rules.yml").brute_force

    assert rules == BruteForce(
        soft_whitelist={"erika@example.org": ("198.51.100.0/24", "2001:db8:51::/48"), "0815": ("203.0.113.7/32",)},
        ip_whitelist=("127.0.0.0/8", "::1", "10.0.0.0/8", "fd00::/8"),
        tolerate_percent=3,
        tolerate_ttl=Duration(1800),
        custom_tolerations=(
            Toleration(ip_address="192.0.2.25", tolerate_percent=40, tolerate_ttl=Duration(72 * 3600)),
            Toleration(
                ip_address="198.51.100.1/24",
                tolerate_percent=10,
                tolerate_ttl=Duration(5400),
                adaptive_toleration=True,
                min_tolerate_percent=5,
                max_tolerate_percent=70,
                scale_factor=1.5,
            ),
        ),
        neural_network=NeuralNetwork(
            dry_run=True,
            max_training_records=20_000,
            hidden_neurons=12,
            activation_function=Activation.TANH,
            static_weight=0.5,
            ml_weight=0.5,
            threshold=0.8,
            learning_rate=0.005,
        ),
        buckets=rules.buckets,
    )
    assert rules.buckets[2] == Rule(name="week_4", period=Duration(168 * 3600), cidr=24, ipv4=True, failed_requests=45)
    assert rules.buckets[4].filter_by_protocol == ("imap", "imaps")
    assert rules.buckets[5].filter_by_oidc_cid == ("shop", "wiki")


def test_the_spellings_of_the_manual_mean_what_they_say() -> None:
    """
    It counts periods in seconds, calls checks by the names of their sections and writes 0 for "off".
    """
    rules = sample("v1.10-manual.yml").brute_force

    assert [float(rule.period) for rule in rules.buckets] == [60, 86_400]
    assert rules.learning == (Feature.RBL, Feature.TLS_ENCRYPTION, Feature.RELAY_DOMAINS, Feature.LUA)
    assert rules.ip_scoping == IpScoping(rwp_ipv6_cidr=56, tolerations_ipv6_cidr=64)
    assert (rules.min_tolerate_percent, rules.max_tolerate_percent) == (5, 5)
    assert (rules.rwp_allowed_unique_hashes, float(rules.rwp_window)) == (50, 1800)
    assert rules.ip_whitelist == ()


def test_bans_of_version_2_last_as_long_as_they_say() -> None:
    """
    A ban of thirty days is longer than our longest by default.
    """
    login, month = sample("v2-bans.yml").brute_force.buckets

    assert (login.ban_time, login.max_ban_time) == (Duration.parse("4h"), Duration.parse("7d"))
    assert (month.ban_time, month.max_ban_time) == (Duration.parse("720h"), Duration.parse("720h"))


def test_names_of_version_3_arrive_at_ours() -> None:
    """
    Allowlists were whitelists, and the protocols stood in the section of the server.
    """
    settings = sample("v3-names.yml")
    (rule,) = settings.brute_force.buckets

    assert settings.server == Server(brute_force_protocols=("imap", "smtp", "submission"))
    assert settings.brute_force.ip_whitelist == ("127.0.0.0/8", "2001:db8::/32")
    assert settings.brute_force.soft_whitelist == {"monitoring": ("192.0.2.0/24",)}
    assert settings.brute_force.learning[-1] is Feature.BACKEND_SERVER_MONITORING
    assert rule.filter_by_protocol == ("imap", "imaps")


def test_an_empty_list_of_rules_is_no_error() -> None:
    """
    It switches the rules off, and `config check` says so.
    """
    settings = sample("empty.yml")

    assert settings.brute_force.buckets == ()
    assert explain(settings)[0] == "Warning: there are no rules, so nothing is ever refused."


def test_the_place_of_version_3_is_answered_with_ours() -> None:
    """
    The whole file of version 3 fails at its `auth`, which we have too; the advice is what helps.
    """
    with pytest.raises(SettingsError) as caught:
        parse_settings("auth: {controls: {brute_force: {buckets: []}}}", file="nauthilus.yml")

    assert str(caught.value) == (
        "nauthilus.yml: auth.controls: Nauthilus 3 keeps its rules at `auth.controls.brute_force`; "
        "move that section to the left margin, as `brute_force`, and leave the others out"
    )


@pytest.mark.parametrize("section", ["ldap", "realtime_blackhole_lists", "cleartext_networks", "oauth2", "identity"])
def test_other_sections_are_refused_with_those_that_are_read(section: str) -> None:
    """
    Nobody shall believe that nacre asks blackhole lists because the file says so.
    """
    with pytest.raises(
        SettingsError, match=rf"^{section}: unknown section `{section}`; .*nacre reads `server`, `brute_force`"
    ):
        parse_settings(f"{section}: {{}}\nbrute_force: {{}}")


def test_protocols_that_stand_twice_are_refused() -> None:
    """
    Two lists of guarded protocols cannot both hold.
    """
    with pytest.raises(SettingsError, match="are one setting; keep one of them"):
        parse_settings("{server: {brute_force_protocols: [imap]}, brute_force: {protocols: [smtp]}}")


def test_wrong_protocols_are_named_where_they_belong() -> None:
    """
    The list was moved before it was read.
    """
    with pytest.raises(SettingsError, match=r"^server\.brute_force_protocols: a mapping is no list of texts"):
        parse_settings("{brute_force: {protocols: {imap: true}}}")


@pytest.mark.parametrize(
    ("text", "enabled"),
    [
        ("experimental_ml: false", False),
        ("{experimental_ml: true, brute_force: {neural_network: {dry_run: true}}}", True),
        ("{experimental_ml: true, brute_force: {neural_network: {enabled: false}}}", False),
        ("{brute_force: {neural_network: {experimental_ml: false}}}", False),
    ],
)
def test_the_switch_of_the_network_may_stand_where_nauthilus_has_it(text: str, *, enabled: bool) -> None:
    """
    There it is at the left margin; what stands with the network itself holds against it.
    """
    assert parse_settings(text).brute_force.neural_network.enabled is enabled


@pytest.mark.parametrize(
    "document",
    [
        {"brute_force": "x"},
        {"server": ["x"], "brute_force": {"protocols": []}},
        {"auth": []},
        {"brute_force": None},
        {"experimental_ml": True, "brute_force": {"neural_network": "x"}},
        {"experimental_ml": True, "brute_force": ["x"]},
        {},
    ],
)
def test_what_has_the_wrong_shape_is_left_for_the_reader_to_refuse(document: dict[str, Raw]) -> None:
    """
    Moving comes first, and must not fall over what it finds.
    """
    assert adapt(document) == document
