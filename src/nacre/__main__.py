# SPDX-License-Identifier: Apache-2.0
"""``python -m nacre``, where the command is not on the path."""

from __future__ import annotations

from nacre.cli.main import run

run()
