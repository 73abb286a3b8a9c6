# SPDX-License-Identifier: Apache-2.0
"""
Measurements of the service against its own limits, on the machine at hand.

``python -m benchmarks`` runs them; docs/reference/benchmarks.md tells what is measured how, and what came out.
Linux only: the processor time of the processes is read from ``/proc``.
"""

from __future__ import annotations
