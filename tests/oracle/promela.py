# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A program in Promela: a second reading of what locks and waits do, for SPIN to explore.

Nothing of the simulator's machines is used here, and the encodings differ on purpose: queues are sets of those who
are ahead, readers are counters, masks are counters of each context. Only the values of `reviewtool.replay.program`
are shared. A deadlock is an invalid end state; a sleep in atomic context violates an assertion.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from reviewtool.replay.program import Action, Context, Event, Kind, Machine, Object, Program, Start
from reviewtool.ruleset.model import Mode

RW = (Machine.RWSEM, Machine.PERCPU_RWSEM, Machine.RWLOCK)
OWNED = (Machine.MUTEX, Machine.RAW_SPINLOCK, Machine.SPINLOCK, Machine.LOCAL_LOCK)
JOBS = (Machine.WORK, Machine.TIMER, Machine.CALL)
ALL = 255


@dataclass
class Step:
    """One atomic step: alternatives of guard, effect and where to go on."""

    guard: str = "true"
    """What must hold for any of the alternatives."""
    ways: list[tuple[str, str, str]] = field(default_factory=list)
    """(condition or "else", effect, label)"""
    end: bool = False
    """Standing here for ever is fine."""


class Translator:
    """Promela text for one program."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.rt = program.preempt_rt
        self.objects = {item.name: item for item in program.objects}
        self.ids = {item.name: f"o{n}" for n, item in enumerate(program.objects)}
        self.count = len(program.contexts)

    def text(self) -> str:
        """The whole model."""
        lines = ["byte irq[N], bh[N], pre[N], spin[N], rcu[N], hard[N];", "bool on[N];"]
        lines = [f"#define N {self.count}", *lines]
        for item in self.program.objects:
            lines += self.declare(item)
        for number, context in enumerate(self.program.contexts):
            lines += self.proctype(number, context)
        starts = "; ".join(f"on[{n}] = {int(c.start is Start.RUNNING)}" for n, c in enumerate(self.program.contexts))
        first = "; ".join(filter(None, (self.arrival(n, 0) for n in range(self.count))))
        runs = "; ".join(f"run c{n}()" for n in range(self.count))
        lines.append(f"init {{ atomic {{ {starts}; {first or 'skip'}; {runs} }} }}")
        return "\n".join(lines) + "\n"

    # objects

    def declare(self, item: Object) -> list[str]:
        """The variables of an object."""
        o = self.ids[item.name]
        runner = next((c for c in self.program.contexts if c.target == item.name), None)
        if item.machine in RW:
            return [f"byte {o}_w, {o}_rs, {o}_waitw, {o}_wait; byte {o}_r[N], {o}_ahead[N];"]
        if item.machine in (Machine.RCU, Machine.SRCU):
            return [f"byte {o}_in[N], {o}_need[N];"]
        if item.machine in JOBS:
            return [f"bool {o}_pend, {o}_run; byte {o}_left = {runner.runs if runner else 0};"]
        if item.machine is Machine.KTHREAD:
            return [f"bool {o}_stop; bool {o}_dead = {int(runner is None)};"]
        if item.machine is Machine.WAIT_QUEUE:
            return [f"bool {o}_cond = {int(item.count > 0)}; byte {o}_on;"]
        if item.machine is Machine.LINE:
            return [f"byte {o}_off; bool {o}_run;"]
        start = item.count if item.machine in (Machine.SEMAPHORE, Machine.COMPLETION) else 0
        return [f"byte {o} = {start};"]

    # contexts

    def thread(self, context: Context) -> bool:
        """Scheduled as a task is."""
        if context.kind in (Kind.HARDIRQ, Kind.SOFTIRQ):
            return self.rt and (context.kind is Kind.SOFTIRQ or context.threaded)
        return context.kind is not Kind.NMI

    def rank(self, context: Context) -> int:
        """Who comes on top of whom."""
        if self.thread(context):
            return 0
        return [Kind.SOFTIRQ, Kind.HARDIRQ, Kind.NMI].index(context.kind) + 1

    def cpu_free(self, me: int) -> str:
        """Nobody else has the CPU for itself."""
        mine = self.program.contexts[me]
        terms = []
        for n, other in enumerate(self.program.contexts):
            if n == me or other.cpu is None or other.cpu != mine.cpu:
                continue
            busy = f"irq[{n}] + pre[{n}] + spin[{n}] + hard[{n}]" + ("" if self.rt else f" + bh[{n}]")
            if self.rank(other) > self.rank(mine):
                terms.append(f"!on[{n}]")
            elif self.rank(other) == self.rank(mine):
                terms.append(f"!(on[{n}] && ({busy}) > 0)")
        return " && ".join(terms) or "true"

    def none_has(self, me: int, *counters: str) -> str:
        """No other context of the CPU has one of these on."""
        mine = self.program.contexts[me]
        terms = [
            f"!(on[{n}] && {counter}[{n}] > 0)"
            for n, other in enumerate(self.program.contexts)
            if n != me and other.cpu is not None and other.cpu == mine.cpu
            for counter in counters
        ]
        return " && ".join(terms) or "true"

    def proctype(self, number: int, context: Context) -> list[str]:
        """The steps of a context, one run after the other."""
        lines = [f"proctype c{number}() {{"]
        for run in range(context.runs):
            last = run + 1 == context.runs
            after = "done" if last else f"b{run + 1}"
            if context.start is not Start.RUNNING:
                lines += self.emit(number, f"b{run}", self.begin(number, context, f"r{run}_0"))
            depth = 1 if context.kind.interrupts else 0
            for index, event in enumerate(context.events):
                item = self.objects.get(event.target)
                if item and item.machine is Machine.SOFTIRQ and not (event.with_lock and self.rt):
                    depth += 1 if event.action is Action.ACQUIRE else -1
                for label, step in self.event(number, run, index, event, depth > 0):
                    lines += self.emit(number, label, step)
            lines += self.emit(number, f"r{run}_{len(context.events)}", self.finish(number, context, after))
        lines.append("done: skip }")
        return lines

    def emit(self, number: int, label: str, step: Step) -> list[str]:
        """Promela for a step."""
        prefix = "end_" if step.end else ""
        guard = f"({self.cpu_free(number)}) && ({step.guard})"
        ways = []
        for condition, effect, goto in step.ways:
            ways.append(
                f":: {condition} -> {effect or 'skip'}; {self.arriving(number, goto)}goto {self.label(number, goto)}"
            )
        return [f"{prefix}{label}: atomic {{ {guard} -> if {' '.join(ways)} fi }}"]

    def label(self, number: int, name: str) -> str:
        """Labels at which standing still is fine begin with `end`."""
        return f"end_{name}" if name.startswith("b") else name

    def arriving(self, number: int, goto: str) -> str:
        """The assertion of the event that the label is of."""
        if not goto.startswith("r") or goto.endswith("w"):
            return ""
        text = self.arrival(number, int(goto.split("_")[1]))
        return f"{text}; " if text else ""

    def arrival(self, number: int, index: int) -> str:
        """Coming to an event that may sleep."""
        context = self.program.contexts[number]
        if index >= len(context.events):
            return ""
        event = context.events[index]
        counters = self.no_sleep(event)
        if not counters:
            return ""
        return f"assert({' + '.join(f'{name}[{number}]' for name in counters)} == 0)"

    def no_sleep(self, event: Event) -> tuple[str, ...]:
        """The counters that must be zero for an event that may sleep; none if it never does."""
        every = ("irq", "bh", "pre", "spin", "rcu", "hard")
        if event.action is Action.SLEEP:
            return every
        if event.trylock:
            return ()
        machine = self.objects[event.target].machine
        if event.action is Action.ACQUIRE:
            if machine in (Machine.MUTEX, Machine.SEMAPHORE, Machine.RWSEM, Machine.PERCPU_RWSEM):
                return every
            if self.rt and machine in (Machine.SPINLOCK, Machine.RWLOCK, Machine.LOCAL_LOCK, Machine.SEQLOCK):
                return ("irq", "pre", "spin", "hard")
            return ()
        if event.action in (Action.WAIT, Action.CANCEL, Action.AWAIT):
            return () if machine in (Machine.TIMER, Machine.CALL) else every
        return ()

    # steps

    def begin(self, me: int, context: Context, goto: str) -> Step:
        """Where a context waits to be started."""
        guards, effects = [], [f"on[{me}] = true"]
        if context.kind is Kind.HARDIRQ and not self.thread(context):
            guards.append(self.none_has(me, "irq"))
            effects.append(f"irq[{me}]++; hard[{me}]++")
        elif context.kind in (Kind.HARDIRQ, Kind.SOFTIRQ):
            masks = ("bh",) if self.rt and context.kind is Kind.SOFTIRQ else ("irq", "bh")
            guards.append(self.none_has(me, *masks))
            effects.append(f"bh[{me}]++" + ("" if self.thread(context) else f"; hard[{me}]++"))
        elif context.kind is Kind.NMI:
            effects.append(f"hard[{me}]++")
        if context.target:
            item = self.objects[context.target]
            o = self.ids[item.name]
            if item.machine is Machine.LINE:
                guards.append(f"{o}_off == 0")
                effects.append(f"{o}_run = true")
            else:
                guards.append(f"{o}_pend && {o}_left > 0")
                effects.append(f"{o}_pend = false; {o}_run = true; {o}_left--")
            if item.group:
                group, limit = self.ids[item.group], self.objects[item.group].count
                guards.append(f"{group} < {limit}" if limit else "true")
                effects.append(f"{group}++")
        return Step(" && ".join(guards) or "true", [("true", "; ".join(effects), goto)], end=True)

    def finish(self, me: int, context: Context, goto: str) -> Step:
        """The end of a run."""
        effects = []
        if context.start is not Start.RUNNING:
            effects.append(f"irq[{me}] = 0; bh[{me}] = 0; pre[{me}] = 0; hard[{me}] = 0")
        if context.target:
            item = self.objects[context.target]
            o = self.ids[item.name]
            effects.append(f"{o}_dead = true" if item.machine is Machine.KTHREAD else f"{o}_run = false")
            if item.group:
                effects.append(f"{self.ids[item.group]}--")
        effects.append(f"on[{me}] = false")
        return Step(ways=[("true", "; ".join(effects), goto)])

    def event(self, me: int, run: int, index: int, event: Event, inside: bool) -> list[tuple[str, Step]]:
        """The steps of one event, with their labels."""
        here, after = f"r{run}_{index}", f"r{run}_{index + 1}"
        if event.action is Action.SLEEP:
            return [(here, Step(ways=[("true", "", after)]))]
        item = self.objects[event.target]
        other = after if event.otherwise is None else f"r{run}_{event.otherwise}"
        if event.trylock and event.otherwise is None and event.action is Action.ACQUIRE:
            other = f"r{run}_{self.matching(me, index) + 1}"
        machine = item.machine
        if machine in (Machine.IRQ, Machine.SOFTIRQ, Machine.PREEMPT) or (
            machine is Machine.LOCAL_LOCK and not self.rt
        ):
            return [(here, self.mask(me, event, machine, after))]
        if machine in OWNED or machine is Machine.SEQLOCK:
            return [(here, self.owned(me, event, item, after, other))]
        if machine in RW:
            return self.rw(me, event, item, here, after, other, inside)
        if machine in (Machine.RCU, Machine.SRCU):
            return self.readers(me, event, item, here, after)
        if machine in JOBS or machine in (Machine.WORKQUEUE, Machine.LINE):
            return [(here, self.job(event, item, after))]
        if machine is Machine.KTHREAD:
            return self.kthread(event, item, here, after, other)
        if machine is Machine.WAIT_QUEUE:
            return self.wait_queue(me, event, item, here, after, other)
        return [(here, self.counter(event, item, after, other))]

    def matching(self, me: int, index: int) -> int:
        """The release of a trylock."""
        events = self.program.contexts[me].events
        level = 0
        for at in range(index, len(events)):
            if events[at].target == events[index].target:
                level += {Action.ACQUIRE: 1, Action.RELEASE: -1}.get(events[at].action, 0)
                if level == 0:
                    return at
        raise AssertionError("no release")

    def mask(self, me: int, event: Event, machine: Machine, after: str) -> Step:
        """Counters of the context itself."""
        if event.with_lock and self.rt:
            return Step(ways=[("true", "", after)])
        name = {Machine.IRQ: "irq", Machine.SOFTIRQ: "bh"}.get(machine, "pre")
        acquires = event.action is Action.ACQUIRE
        guard = self.none_has(me, "bh") if self.rt and name == "bh" and acquires else "true"
        return Step(guard, [("true", f"{name}[{me}]{'++' if acquires else '--'}", after)])

    def weight(self, me: int, machine: Machine, sign: str) -> str:
        """What a held spinlock does to its holder."""
        if machine is Machine.RAW_SPINLOCK:
            return f"; spin[{me}]{sign}"
        if machine in (Machine.SPINLOCK, Machine.RWLOCK, Machine.SEQLOCK):
            return f"; rcu[{me}]{sign}" if self.rt else f"; spin[{me}]{sign}"
        return ""

    def owned(self, me: int, event: Event, item: Object, after: str, other: str) -> Step:
        """One owner; a reader of a sequence only needs that there is none."""
        o = self.ids[item.name]
        reads = item.machine is Machine.SEQLOCK and event.mode is not Mode.EXCLUSIVE
        if event.action is Action.RELEASE:
            return Step(ways=[("true", "" if reads else f"{o} = 0{self.weight(me, item.machine, '--')}", after)])
        take = "" if reads else f"{o} = {me + 1}{self.weight(me, item.machine, '++')}"
        if event.trylock:
            return Step(ways=[(f"{o} == 0", take, after), ("else", "", other)])
        return Step(f"{o} == 0", [("true", take, after)])

    def rw(
        self, me: int, event: Event, item: Object, here: str, after: str, other: str, inside: bool
    ) -> list[tuple[str, Step]]:
        """Fair: each waiter knows who is ahead. A reader is let in past other readers."""
        o, bit = self.ids[item.name], 1 << me
        heavier, lighter = self.weight(me, item.machine, "++"), self.weight(me, item.machine, "--")
        if event.action is Action.RELEASE:
            writer = (f"{o}_w == {me + 1}", f"{o}_w = 0{lighter}", after)
            return [(here, Step(ways=[writer, ("else", f"{o}_r[{me}]--; {o}_rs--{lighter}", after)]))]
        if event.action is Action.DOWNGRADE:
            return [(here, Step(ways=[("true", f"{o}_w = 0; {o}_r[{me}]++; {o}_rs++", after)]))]
        write = event.mode is Mode.EXCLUSIVE
        take = (f"{o}_w = {me + 1}" if write else f"{o}_r[{me}]++; {o}_rs++") + heavier
        spins = item.machine is Machine.RWLOCK and not self.rt
        if spins and not write and not event.trylock and (inside or event.mode is Mode.RECURSIVE):
            return [(here, Step(f"{o}_w == 0", [("true", take, after)]))]
        free = f"{o}_w == 0 && {o}_rs == 0 && {o}_wait == 0" if write else f"{o}_w == 0 && {o}_waitw == 0"
        if event.trylock:
            return [(here, Step(ways=[(free, take, after), ("else", "", other)]))]
        queue = f"{o}_ahead[{me}] = {o}_wait{'' if write else 'w'}; {o}_wait = {o}_wait | {bit}"
        queue += f"; {o}_waitw = {o}_waitw | {bit}" if write else ""
        turn = f"{o}_w == 0 && {o}_ahead[{me}] == 0" + (f" && {o}_rs == 0" if write else "")
        if spins:
            queue += heavier
            take = take.removesuffix(heavier)
        mask = 255 - bit
        leave = f"; {o}_wait = {o}_wait & {mask}; {o}_waitw = {o}_waitw & {mask}" + "".join(
            f"; {o}_ahead[{n}] = {o}_ahead[{n}] & {mask}" for n in range(self.count)
        )
        first = take + (heavier if spins else "")
        return [
            (here, Step(ways=[(free, first, after), ("else", queue, f"{here}w")])),
            (f"{here}w", Step(turn, [("true", take + leave, after)])),
        ]

    def readers(self, me: int, event: Event, item: Object, here: str, after: str) -> list[tuple[str, Step]]:
        """Sections, and waits for those that were in one."""
        o, bit = self.ids[item.name], 1 << me
        counted = item.machine is Machine.RCU
        if event.action is Action.ACQUIRE:
            return [(here, Step(ways=[("true", f"{o}_in[{me}]++" + (f"; rcu[{me}]++" if counted else ""), after)]))]
        if event.action is Action.RELEASE:
            out = f"{o}_in[{me}]--" + (f"; rcu[{me}]--" if counted else "")
            gone = "".join(f"{o}_need[{n}] = {o}_need[{n}] & {255 - bit}; " for n in range(self.count))
            return [(here, Step(ways=[("true", f"{out}; if :: {o}_in[{me}] == 0 -> {gone}skip :: else fi", after)]))]
        inside = " + ".join(f"({o}_in[{n}] > 0 -> {1 << n} : 0)" for n in range(self.count))
        return [
            (here, Step(ways=[("true", f"{o}_need[{me}] = {inside}", f"{here}w")])),
            (f"{here}w", Step(f"{o}_need[{me}] == 0", [("true", "", after)])),
        ]

    def job(self, event: Event, item: Object, after: str) -> Step:
        """Work, timers, calls, interrupt lines."""
        o = self.ids[item.name]
        if item.machine is Machine.LINE:
            change = {Action.ACQUIRE: f"{o}_off++", Action.RELEASE: f"{o}_off--"}
            if event.action in change:
                return Step(ways=[("true", change[event.action], after)])
            return Step(f"!{o}_run", [("true", "", after)])
        if item.machine is Machine.WORKQUEUE:
            works = [self.ids[w.name] for w in self.program.objects if w.group == item.name]
            idle = " && ".join(f"!{w}_run && !{w}_pend" for w in works) or "true"
            return Step(idle, [("true", "", after)])
        if event.action is Action.SIGNAL:
            return Step(ways=[(f"{o}_left > 0", f"{o}_pend = true", after), ("else", "", after)])
        if event.action is Action.CANCEL:
            return Step(f"!{o}_run", [("true", f"{o}_pend = false", after)])
        return Step(f"!{o}_run && !{o}_pend", [("true", "", after)])

    def kthread(self, event: Event, item: Object, here: str, after: str, other: str) -> list[tuple[str, Step]]:
        """The request to stop, and the end."""
        o = self.ids[item.name]
        if event.action is Action.TEST:
            return [(here, Step(ways=[(f"{o}_stop", "", other), ("else", "", after)]))]
        if event.action is Action.AWAIT:
            return [(here, Step(f"{o}_stop", [("true", "", after)]))]
        return [
            (here, Step(ways=[("true", f"{o}_stop = true", f"{here}w")])),
            (f"{here}w", Step(f"{o}_dead", [("true", "", after)])),
        ]

    def wait_queue(
        self, me: int, event: Event, item: Object, here: str, after: str, other: str
    ) -> list[tuple[str, Step]]:
        """Sleepers as bits; waiting for the condition is written out as the loop that it is."""
        o, bit = self.ids[item.name], 1 << me
        join, leave = f"{o}_on = {o}_on | {bit}", f"{o}_on = {o}_on & {255 - bit}"
        simple = {
            Action.SET: f"{o}_cond = true",
            Action.CLEAR: f"{o}_cond = false",
            Action.SIGNAL: f"{o}_on = 0",
            Action.SIGNAL_ALL: f"{o}_on = 0",
            Action.PREPARE: join,
            Action.FINISH: leave,
        }
        if event.action in simple:
            return [(here, Step(ways=[("true", simple[event.action], after)]))]
        if event.action is Action.TEST:
            return [(here, Step(ways=[(f"{o}_cond", "", other), ("else", "", after)]))]
        if event.action is Action.WAIT:
            return [(here, Step(f"({o}_on & {bit}) == 0", [("true", "", after)]))]
        return [
            (here, Step(ways=[("true", join, f"{here}tw")])),
            (f"{here}tw", Step(ways=[(f"{o}_cond", leave, after), ("else", "", f"{here}sw")])),
            (f"{here}sw", Step(f"({o}_on & {bit}) == 0", [("true", join, f"{here}tw")])),
        ]

    def counter(self, event: Event, item: Object, after: str, other: str) -> Step:
        """Semaphores, completions, counts."""
        o = self.ids[item.name]
        if item.machine is Machine.COUNT:
            if event.action is Action.WAIT:
                return Step(f"{o} == 0", [("true", "", after)])
            return Step(ways=[("true", f"{o}{'++' if event.action is Action.ACQUIRE else '--'}", after)])
        if event.action in (Action.RELEASE, Action.SIGNAL):
            return Step(ways=[(f"{o} == {ALL}", "", after), ("else", f"{o}++", after)])
        if event.action is Action.SIGNAL_ALL:
            return Step(ways=[("true", f"{o} = {ALL}", after)])
        if event.action is Action.RESET:
            return Step(ways=[("true", f"{o} = 0", after)])
        take = f"{o} = ({o} == {ALL} -> {ALL} : {o} - 1)"
        if event.trylock:
            return Step(ways=[(f"{o} > 0", take, after), ("else", "", other)])
        return Step(f"{o} > 0", [("true", take, after)])


def translate(program: Program) -> str:
    """`program`, which is valid and has at most seven contexts, as a Promela model."""
    return Translator(program).text()
