# SPDX-License-Identifier: Apache-2.0
"""What users install: the wheel, its metadata, the locks and the Makefile that uses them."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
PIN = re.compile(
    r"^(?P<name>[a-z0-9-]+)==(?P<version>\S+)(?: ; [^\\]+)? \\\n(?P<hashes>(?: +--hash=sha256:.*\n)+)", re.MULTILINE
)
WANTED: dict[str, list[str]] = {
    "build": PYPROJECT["build-system"]["requires"],
    "runtime": PROJECT["dependencies"],
    "dev": PYPROJECT["dependency-groups"]["dev"],
}


def lock(name: str) -> str:
    """Return the text of a lock, with an end to its last line."""
    return (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8") + "\n"


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built without a network."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    """
    Lua scripts and py.typed are no Python and are forgotten first.
    """
    source = ROOT / "src"
    ours = {path.relative_to(source).as_posix() for path in (source / "nacre").rglob("*") if path.is_file()}

    packed = {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name}

    assert packed == {name for name in ours if "__pycache__" not in name}
    assert "nacre/py.typed" in packed


def test_the_wheel_brings_licence_and_command(wheel: Path) -> None:
    """
    The licence wants to travel with the code, and `nacre` is how users meet it.
    """
    archive = ZipFile(wheel)
    information = f"nacre-{PROJECT['version']}.dist-info"

    assert b"Apache License" in archive.read(f"{information}/licenses/LICENSE")
    assert b"\nnacre = nacre.cli.main:run" in archive.read(f"{information}/entry_points.txt")
    assert b"\nLicense-Expression: Apache-2.0\n" in archive.read(f"{information}/METADATA")


def test_classifiers_name_the_versions_that_are_supported() -> None:
    """
    The classifiers are what people read, the specifier is what pip obeys.
    """
    found = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["classifiers"]))

    assert found == ["3.11", "3.12", "3.13", "3.14"]
    assert [version in SpecifierSet(PROJECT["requires-python"]) for version in ["3.10", *found]] == [False, *[True] * 4]


@pytest.mark.parametrize("name", WANTED)
def test_a_lock_holds_what_pyproject_asks_for(name: str) -> None:
    """
    A dependency that was added without `make lock` would be missing on the next machine.
    """
    pins = {match["name"]: match["version"] for match in PIN.finditer(lock(name))}

    for wanted in map(Requirement, WANTED[name]):
        assert pins.get(canonicalize_name(wanted.name), "missing") in wanted.specifier


@pytest.mark.parametrize("name", WANTED)
def test_a_lock_pins_by_hash_and_names_no_host(name: str) -> None:
    """
    Hashes make it safe to fetch from any mirror; a host in the file would bind it to one.
    """
    text = lock(name)

    left = [line for line in PIN.sub("", text).splitlines() if line and not line.lstrip().startswith("#")]

    assert left == []
    assert "://" not in text
    assert "index" not in text


def test_both_locks_agree_on_what_they_share() -> None:
    """
    They enter one environment, one after the other: the second must not undo the first.
    """
    pins = [{match["name"]: match["version"] for match in PIN.finditer(lock(name))} for name in WANTED]
    versions: dict[str, set[str]] = {}
    for pin in pins:
        for name, version in pin.items():
            versions.setdefault(name, set()).add(version)

    assert {name: found for name, found in versions.items() if len(found) > 1} == {}


def test_every_dependency_has_its_reason_written_down() -> None:
    """
    A dependency is a cost that every user pays; docs/decisions/0001 says what for.
    """
    text = (ROOT / "docs" / "decisions" / "0001-dependencies.md").read_text(encoding="utf-8")
    wanted = {Requirement(line).name for lines in WANTED.values() for line in lines}

    described = {Requirement(name).name for name in re.findall(r"^\| `([^`]+)`", text, re.MULTILINE)}

    assert described == wanted


def test_the_list_of_targets_is_complete() -> None:
    """
    `make` alone answers with what can be made, each with a sentence.
    """
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^\.PHONY: (\w+)$", makefile, re.MULTILINE)

    run = subprocess.run(["make"], cwd=ROOT, check=True, capture_output=True, text=True)

    assert re.findall(r"^  make (\w+) {2,}[A-Z].*\.$", run.stdout, re.MULTILINE) == targets


@pytest.mark.parametrize(
    ("interpreter", "message"),
    [
        ("exit 127", "needs Python 3.11 or newer"),
        (
            "case $2 in *version_info\\[*) echo 3.9;; *) exit 1;; esac",
            "needs Python 3.11 or newer, and {python} is 3.9",
        ),
        ("case $2 in *ensurepip*) exit 1;; *) echo 3.12;; esac", "apt-get install python3-venv (or python3.12-venv)"),
    ],
    ids=["broken", "old", "without venv"],
)
def test_an_interpreter_that_will_not_do_is_refused_in_words(tmp_path: Path, interpreter: str, message: str) -> None:
    """
    The first command that users run meets their machine: a traceback is no answer.
    """
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\n{interpreter}\n")
    python.chmod(0o755)

    run = subprocess.run(
        [ROOT / "tools" / "make_venv", python, tmp_path / "venv"], capture_output=True, text=True, check=False
    )

    assert run.returncode == 1
    assert message.format(python=python) in run.stderr
    assert not (tmp_path / "venv").exists()
