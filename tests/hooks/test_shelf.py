# SPDX-License-Identifier: Apache-2.0
"""Scripts as files."""

from __future__ import annotations

from pathlib import Path

import pytest
from scripts import write

from nacre.config.lua import ActionType, CustomHook, Lua, LuaAction, LuaConfig, LuaScript, Method
from nacre.errors import SettingsError
from nacre.hooks.shelf import OUR_HOOKS, Shelf

OURS = sorted(path.stem for path in OUR_HOOKS.glob("*.lua"))


def test_all_kinds_are_read_in_their_order(tmp_path: Path) -> None:
    """
    The order is part of the settings: the first feature that triggers ends the list.
    """
    one, two = write(tmp_path / "one.lua", "x = 1"), write(tmp_path / "two.lua", "x = 2")
    settings = Lua(
        features=(LuaScript(name="b", script_path=one), LuaScript(name="a", script_path=two)),
        filters=(LuaScript(name="f", script_path=one),),
        actions=(LuaAction(type=ActionType.POST, name="p", script_path=two),),
        config=LuaConfig(init_script_path=one, init_script_paths=(two,)),
        own_hooks=False,
    )

    book = Shelf(settings).book

    assert [script.name for script in book.features] == ["b", "a"]
    assert [script.name for script in book.inits] == ["one", "two"]
    assert book.actions[ActionType.POST][0].source == b"x = 2"
    assert len(list(book.scripts())) == 6
    assert not book.hooks


def test_our_hooks_are_there_and_give_way(tmp_path: Path) -> None:
    """
    They need no settings; an operator who wants another one at the same place names it.
    """
    mine = CustomHook(
        http_location="/learning-mode", script_path=write(tmp_path / "mine.lua", "x = 1"), roles=("viewer",)
    )

    book = Shelf(Lua(custom_hooks=(mine,))).book

    assert set(book.hooks) == set(OURS)
    assert len(OURS) == 5
    assert book.hooks["learning-mode"]["GET"].roles == ("viewer",)
    assert book.hooks["neural-feedback"]["GET"].roles == ("admin",)


def test_what_answers_get_answers_post_too(tmp_path: Path) -> None:
    """
    A call that changes something should be able to be a POST; another method of the same place is a script of its own.
    """
    path = write(tmp_path / "h.lua", "x = 1")
    hooks = (
        CustomHook(http_location="both", script_path=path),
        CustomHook(http_location="one", http_method=Method.PUT, script_path=path),
    )

    book = Shelf(Lua(custom_hooks=hooks, own_hooks=False)).book

    assert set(book.hooks["both"]) == {"GET", "HEAD", "POST"}
    assert set(book.hooks["one"]) == {"PUT"}
    assert book.hooks["one"]["PUT"].roles == ("authenticate",)


@pytest.mark.parametrize(("text", "problem"), [(None, "cannot be read"), ("x = = 1", "unexpected symbol near '='")])
def test_a_script_that_cannot_be_used_is_an_error_of_the_settings(
    tmp_path: Path, text: str | None, problem: str
) -> None:
    """
    It is found at the start, or by `nacre config check`, and not by the first login.
    """
    path = tmp_path / "broken.lua"
    if text is not None:
        write(path, text)

    with pytest.raises(SettingsError, match=problem) as caught:
        Shelf(Lua(features=(LuaScript(name="broken", script_path=str(path)),)))

    assert caught.value.field == "lua.features[0].script_path"


def test_a_file_that_changed_is_read_again_and_one_that_broke_stays(tmp_path: Path) -> None:
    """
    An editor that is half way through must not stop logins.
    """
    path = tmp_path / "f.lua"
    shelf = Shelf(Lua(features=(LuaScript(name="f", script_path=write(path, "x = 1")),)))
    seen = []

    for text in ("x = 1", "x = 2", "x = =", "x = 3"):
        write(path, text)
        seen.append((shelf.refresh(), shelf.book.features[0].source))
    path.unlink()
    seen.append((shelf.refresh(), shelf.book.features[0].source))

    assert seen == [([], b"x = 1"), (["f"], b"x = 2"), ([], b"x = 2"), (["f"], b"x = 3"), ([], b"x = 3")]


def test_scripts_that_are_off_are_not_read() -> None:
    """
    The settings of another installation may name files that are not here.
    """
    settings = Lua(enabled=False, features=(LuaScript(name="f", script_path="/nowhere.lua"),))

    assert not list(Shelf(settings).book.scripts())


def test_new_settings_bring_another_version_of_modules(tmp_path: Path) -> None:
    """
    Threads keep what they found as long as the version is the same.
    """
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write(tmp_path / name / "shared.lua", f"return '{name}'")
    shelf = Shelf(Lua(config=LuaConfig(package_path=f"{tmp_path}/a/?.lua")))
    before = shelf.version, shelf.find("shared")

    shelf.reload(Lua(config=LuaConfig(package_path=f"{tmp_path}/b/?.lua")))

    assert before[1] == (b"return 'a'", "@shared.lua")
    assert shelf.find("shared") == (b"return 'b'", "@shared.lua")
    assert shelf.version != before[0]
