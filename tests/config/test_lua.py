# SPDX-License-Identifier: Apache-2.0
"""Settings of scripts, as files of Nauthilus have them."""

from __future__ import annotations

import pytest

from nacre.config.explain import explain
from nacre.config.load import parse_settings
from nacre.config.lua import ActionType, LuaConfig, Method
from nacre.config.warn import warnings
from nacre.errors import SettingsError

THEIRS = """
lua:
  features:
    - {name: blocklist, script_path: /etc/nauthilus/blocklist.lua}
  filters:
    - {name: geoip, script_path: /etc/nauthilus/geoip.lua}
  actions:
    - {type: post, name: telegram, script_path: /etc/nauthilus/telegram.lua}
    - {type: brute_force, name: notify, script_path: /etc/nauthilus/notify.lua}
  custom_hooks:
    - {http_location: neural-feedback, http_method: GET, script_path: /etc/nauthilus/feedback.lua, roles: [admin]}
  config:
    backend_script_path: /etc/nauthilus/backend.lua
    init_script_path: /etc/nauthilus/init.lua
    init_script_paths: [/etc/nauthilus/init_neural.lua]
    package_path: /etc/nauthilus/share/?.lua
    number_of_workers: 10
    max_action_workers: 10
"""


def test_a_file_of_nauthilus_is_read_as_it_is() -> None:
    """
    Whoever comes from there keeps the section.
    """
    lua = parse_settings(THEIRS).lua

    assert (lua.features[0].name, lua.filters[0].name) == ("blocklist", "geoip")
    assert [action.type for action in lua.actions] == [ActionType.POST, ActionType.BRUTE_FORCE]
    assert (lua.custom_hooks[0].http_method, lua.custom_hooks[0].roles) == (Method.GET, ("admin",))
    assert (lua.config.number_of_workers, lua.config.action_number_of_workers) == (10, 10)


def test_what_has_no_effect_is_named() -> None:
    """
    A login that a backend script let in would be missed otherwise.
    """
    assert any("backend_script_path" in warning for warning in warnings(parse_settings(THEIRS)))


@pytest.mark.parametrize(
    "section",
    [
        "{features: [{name: a}]}",
        "{actions: [{type: sometimes, name: a, script_path: b}]}",
        "{custom_hooks: [{http_location: 'a b', script_path: c}]}",
        "{config: {redis_prefix: ''}}",
        "{config: {number_of_workers: 0}}",
    ],
)
def test_what_cannot_be_used_is_refused(section: str) -> None:
    """
    At the start, with the name of the setting.
    """
    with pytest.raises(SettingsError, match=r"lua\."):
        parse_settings(f"lua: {section}")


def test_scripts_reach_nothing_unless_it_is_set() -> None:
    """
    Hosts, variables and passwords are granted, never given.
    """
    assert (LuaConfig().allowed_hosts, LuaConfig().environment, LuaConfig().password) == ((), (), False)


def test_a_file_is_explained_by_what_its_scripts_do() -> None:
    """
    `nacre config check` says who looks on, who may call what, and where scripts may connect to.
    """
    sentences = explain(parse_settings(THEIRS))

    assert sentences[-5:] == [
        "Before the decision, attempts are looked at by 1 script (blocklist).",
        "Before they count, outcomes are looked at by 1 script (geoip).",
        "The script telegram follows post.",
        "The script notify follows brute_force.",
        "GET /api/v1/custom/neural-feedback is answered by a script, for admin.",
    ]
    assert (
        explain(parse_settings("lua: {config: {allowed_hosts: [a.example]}}"))[-1]
        == "Scripts may connect to a.example."
    )
    assert explain(parse_settings("lua: {enabled: false}"))[-1] == "No scripts run, and no hooks answer."
