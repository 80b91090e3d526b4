# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The per-CPU rwsem, and with it the CPU hotplug lock: kernel/locking/percpu-rwsem.c, kernel/cpu.c.

A writer first shuts the door and then waits for the readers inside. From then on every new reader waits, one that is
inside already too: a reader that comes back while a writer waits deadlocks. Those who wait outside queue in order.
"""

from __future__ import annotations

from reviewtool.replay.machines.rwsem import Rwsem
from reviewtool.replay.program import Action


class PercpuRwsem(Rwsem):
    """The door is shut while a writer is in the queue; it cannot be downgraded."""

    actions = frozenset({Action.ACQUIRE, Action.RELEASE})
