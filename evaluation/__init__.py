# SPDX-License-Identifier: Apache-2.0
"""
Detection judged on simulated traffic: a login service, its users, sixteen kinds of attack.

``python -m evaluation run`` simulates some seeds, replays them through nacre and prints what it found beside what it
should find.  The simulator knows nothing of features or thresholds: it is an opponent, not a fixture.
"""

from __future__ import annotations
