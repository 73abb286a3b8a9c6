# SPDX-License-Identifier: Apache-2.0
"""Scripts as files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nacre.config.lua import ActionType, CustomHook, Lua, LuaAction, LuaConfig, LuaScript, Method
from nacre.errors import SettingsError
from nacre.hooks.shelf import OUR_HOOKS, Modules, Shelf

OURS = sorted(path.stem for path in OUR_HOOKS.glob("*.lua"))


def write(path: Path, text: str) -> str:
    """Write a file so that its stamp changes, and return its path."""
    before = path.stat().st_mtime_ns if path.exists() else 0
    path.write_text(text)
    if path.stat().st_mtime_ns == before:
        os.utime(path, ns=(before + 1_000_000, before + 1_000_000))
    return str(path)


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


def test_modules_are_looked_for_along_the_path(tmp_path: Path) -> None:
    """
    As `package.path` has it: the first pattern that leads to a file.
    """
    (tmp_path / "deep").mkdir()
    write(tmp_path / "shared.lua", "return 1")
    write(tmp_path / "deep" / "inner.lua", "return 2")
    modules = Modules(f"/nowhere/?.lua;{tmp_path}/?.lua")

    assert modules.find("shared") == (b"return 1", "@shared.lua")
    assert modules.find("deep.inner") == (b"return 2", "@inner.lua")
    assert modules.find("missing") is None


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a/b", "", "a..b", "a\0b"])
def test_a_name_leads_nowhere_else(tmp_path: Path, name: str) -> None:
    """
    What a script requires may come from a request.
    """
    write(tmp_path / "secret.lua", "return 1")
    (tmp_path / "a").mkdir()
    write(tmp_path / "a" / "b.lua", "return 1")

    assert Modules(f"{tmp_path}/a/?.lua;{tmp_path}/?.lua").find(name) is None


def test_a_module_that_changed_or_came_is_found_after_a_look(tmp_path: Path) -> None:
    """
    The files are looked at once a second, and not with each login.
    """
    modules = Modules(f"{tmp_path}/?.lua")
    assert modules.find("late") is None
    path = tmp_path / "late.lua"

    write(path, "return 1")
    before = modules.find("late")
    modules.refresh()
    first = modules.find("late")
    write(path, "return 2")
    modules.refresh()

    assert before is None
    assert first == (b"return 1", "@late.lua")
    assert modules.find("late") == (b"return 2", "@late.lua")
