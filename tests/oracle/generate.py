# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Random small programs over all machines, the same for the same seed."""

from __future__ import annotations

from random import Random

from reviewtool.replay.program import Action, Context, Event, Kind, Machine, Object, Program, Start
from reviewtool.ruleset.model import Mode

LOCKS = (
    Machine.MUTEX,
    Machine.SEMAPHORE,
    Machine.RAW_SPINLOCK,
    Machine.SPINLOCK,
    Machine.LOCAL_LOCK,
    Machine.RWLOCK,
    Machine.RWSEM,
    Machine.PERCPU_RWSEM,
    Machine.SEQLOCK,
    Machine.RCU,
    Machine.SRCU,
    Machine.COUNT,
)
SIGNALS = (Machine.COMPLETION, Machine.WAIT_QUEUE, Machine.WORK, Machine.TIMER, Machine.CALL, Machine.KTHREAD)
MASKS = (Machine.IRQ, Machine.SOFTIRQ, Machine.PREEMPT)
WAITED = (Machine.RCU, Machine.SRCU, Machine.COUNT)
MODES = {
    Machine.RWLOCK: (Mode.EXCLUSIVE, Mode.SHARED, Mode.SHARED),
    Machine.RWSEM: (Mode.EXCLUSIVE, Mode.SHARED, Mode.SHARED),
    Machine.PERCPU_RWSEM: (Mode.EXCLUSIVE, Mode.SHARED, Mode.SHARED),
    Machine.SEQLOCK: (Mode.EXCLUSIVE, Mode.SHARED),
    Machine.RCU: (Mode.RECURSIVE,),
    Machine.SRCU: (Mode.RECURSIVE,),
}
RUNNERS = {
    Machine.WORK: (Kind.WORKER, Start.SIGNALLED),
    Machine.TIMER: (Kind.SOFTIRQ, Start.SIGNALLED),
    Machine.CALL: (Kind.HARDIRQ, Start.SIGNALLED),
    Machine.LINE: (Kind.HARDIRQ, Start.INTERRUPT),
    Machine.KTHREAD: (Kind.KTHREAD, Start.RUNNING),
}


READ_WRITE = (Machine.RWLOCK, Machine.RWSEM, Machine.PERCPU_RWSEM)
SPINNING = (Machine.RWLOCK, Machine.RWLOCK, Machine.SPINLOCK, Machine.RAW_SPINLOCK, Machine.SEQLOCK)


class Generator:
    """One program: of anything with anything, or of a theme whose rules few such programs come to."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.seed = seed

    def program(self) -> Program:
        """The program of the seed."""
        return (self.mixture, self.readers, self.mixture, self.masked, self.handled)[self.seed % 5]()

    def readers(self) -> Program:
        """Nested sections of reader-writer locks, by three or four contexts, mostly shared."""
        pick = self.random
        machines = [pick.choice(READ_WRITE), pick.choice((*READ_WRITE, Machine.MUTEX, Machine.SRCU))]
        objects = [self.new(number, machine) for number, machine in enumerate(machines)]
        contexts = []
        for number in range(pick.choice((2, 3, 3, 4))):
            pairs = [pick.choice(objects) for _ in range(pick.choice((1, 2, 2, 2)))]
            contexts.append(Context(name=f"task {number}", cpu=number, events=self.sections(pairs)))
        if pick.random() < 0.4:
            handler = self.sections([pick.choice(objects)])
            contexts.append(Context(name="interrupt", kind=Kind.HARDIRQ, start=Start.INTERRUPT, cpu=0, events=handler))
        return self.made(objects, contexts)

    def masked(self) -> Program:
        """Spinning locks, interrupts and their lines on two CPUs, and what masks them."""
        pick = self.random
        machines = [pick.choice(SPINNING), pick.choice((*SPINNING, Machine.LINE)), pick.choice((*MASKS, Machine.IRQ))]
        objects = [self.new(number, machine) for number, machine in enumerate(machines)]
        lines = [item for item in objects if item.machine is Machine.LINE]
        locks = [item for item in objects[:2] if item not in lines]
        contexts = []
        for number in range(2):
            inner = [pick.choice(objects) for _ in range(pick.choice((1, 2, 2, 3)))]
            contexts.append(Context(name=f"task {number}", cpu=number, events=self.sections(inner)))
        kind = pick.choice((Kind.HARDIRQ, Kind.HARDIRQ, Kind.SOFTIRQ))
        handler = self.sections([pick.choice(locks) for _ in range(pick.choice((1, 1, 2)))])
        target = lines[0].name if lines else ""
        contexts.append(
            Context(
                name="interrupt",
                kind=Kind.HARDIRQ if lines else kind,
                start=Start.INTERRUPT,
                target=target,
                cpu=0,
                events=handler,
                threaded=pick.random() < 0.5,
            )
        )
        if pick.random() < 0.3:
            second = self.sections([pick.choice(locks)])
            contexts.append(Context(name="second", kind=kind, start=Start.INTERRUPT, cpu=0, events=second))
        return self.made(objects, contexts)

    def handled(self) -> Program:
        """One lock of a handler, a task below it with or without a mask, and a task elsewhere."""
        pick = self.random
        lock = self.new(0, pick.choice((Machine.RWLOCK, Machine.RWLOCK, Machine.SPINLOCK, Machine.SEQLOCK)))
        mask = self.new(1, pick.choice((Machine.LINE, Machine.LINE, *MASKS)))
        below = self.sections(pick.choice(([lock], [mask, lock], [mask, lock], [lock, mask, lock])))
        contexts = [Context(name="below", cpu=0, events=below)]
        if pick.random() < 0.6:
            contexts.append(Context(name="elsewhere", cpu=1, events=self.sections([lock])))
        line = mask.machine is Machine.LINE
        kind = Kind.HARDIRQ if line else pick.choice((Kind.HARDIRQ, Kind.SOFTIRQ))
        handler = Context(
            name="handler",
            kind=kind,
            start=Start.INTERRUPT,
            target=mask.name if line else "",
            cpu=0,
            events=self.sections([lock]),
        )
        return self.made([lock, mask], [*contexts, handler])

    def sections(self, items: list[Object]) -> tuple[Event, ...]:
        """One inside of the other."""
        outer: list[Event] = []
        inner: list[Event] = []
        for item in items:
            mode = self.random.choice(MODES.get(item.machine, (Mode.EXCLUSIVE,)))
            outer.append(Event(action=Action.ACQUIRE, target=item.name, mode=mode))
            inner.insert(0, Event(action=Action.RELEASE, target=item.name, mode=mode))
        return (*outer, *inner)

    def made(self, objects: list[Object], contexts: list[Context]) -> Program:
        """The program, one in six with PREEMPT_RT."""
        rt = self.random.random() < 0.16
        return Program(name=f"seed {self.seed}", objects=tuple(objects), contexts=tuple(contexts), preempt_rt=rt)

    def mixture(self) -> Program:
        """Anything with anything."""
        pick = self.random
        objects = [self.new(n, pick.choice(LOCKS)) for n in range(pick.randint(1, 3))]
        if pick.random() < 0.6:
            objects.append(self.new(len(objects), pick.choice((*SIGNALS, Machine.LINE))))
        if pick.random() < 0.4:
            objects.append(self.new(len(objects), pick.choice(MASKS)))
        works = [item for item in objects if item.machine is Machine.WORK]
        if works and pick.random() < 0.5:
            group = Object(name="queue", machine=Machine.WORKQUEUE, count=pick.choice((0, 1)))
            objects = [*objects, group, Object(name="second", machine=Machine.WORK)]
            objects = [
                Object(name=i.name, machine=i.machine, group="queue") if i.machine is Machine.WORK else i
                for i in objects
            ]
        contexts = [self.context(n, objects) for n in range(pick.choice((1, 2, 2, 2, 3)))]
        contexts += [self.runner(item, objects) for item in objects if item.machine in RUNNERS]
        if pick.random() < 0.35:
            contexts.append(self.interrupt(objects))
        return self.made(objects, contexts)

    def new(self, number: int, machine: Machine) -> Object:
        """An object."""
        count = 0
        if machine is Machine.SEMAPHORE:
            count = self.random.randint(1, 2)
        elif machine is Machine.COMPLETION:
            count = self.random.choice((0, 0, 1))
        return Object(name=f"{machine}{number}", machine=machine, count=count)

    def context(self, number: int, objects: list[Object]) -> Context:
        """A task; half of them share CPU 0."""
        cpu = self.random.choice((0, 0, 1, None))
        return Context(name=f"task {number}", cpu=cpu, events=self.events(objects, self.random.randint(2, 7)))

    def runner(self, item: Object, objects: list[Object]) -> Context:
        """What runs work, a timer, a thread."""
        kind, start = RUNNERS[item.machine]
        if item.machine is Machine.TIMER:
            kind = self.random.choice((Kind.SOFTIRQ, Kind.SOFTIRQ, Kind.HARDIRQ))
        events = self.events(objects, self.random.randint(1, 4), own=item)
        if item.machine is Machine.KTHREAD and self.random.random() < 0.6:
            events = (*events, Event(action=Action.AWAIT, target=item.name))
        return Context(
            name=f"runs {item.name}",
            kind=kind,
            start=start,
            target=item.name,
            cpu=self.random.choice((0, 1)),
            runs=self.random.choice((1, 1, 2)) if start is Start.SIGNALLED else 1,
            threaded=self.random.random() < 0.5,
            events=events,
        )

    def interrupt(self, objects: list[Object]) -> Context:
        """One that comes at any point."""
        kind = self.random.choice((Kind.HARDIRQ, Kind.HARDIRQ, Kind.SOFTIRQ, Kind.NMI))
        events = self.events(objects, self.random.randint(1, 3))
        return Context(name="interrupt", kind=kind, start=Start.INTERRUPT, cpu=0, events=events)

    def events(self, objects: list[Object], length: int, own: Object | None = None) -> tuple[Event, ...]:
        """About `length` events, balanced."""
        events: list[Event] = []
        held: list[Event] = []
        while len(events) + len(held) < length:
            item = self.random.choice(objects)
            if item.machine in LOCKS or item.machine in MASKS or item.machine is Machine.LINE:
                self.lock(item, events, held)
            else:
                self.signal(item, events, own)
            if held and self.random.random() < 0.35:
                at = self.random.choice((-1, -1, 0))
                events.append(held.pop(at))
        while held:
            events.append(held.pop())
        return tuple(events)

    def lock(self, item: Object, events: list[Event], held: list[Event]) -> None:
        """Acquire, wait for readers, or rarely something else."""
        pick = self.random
        if pick.random() < 0.06:
            events.append(Event(action=Action.SLEEP))
            return
        if item.machine in (*WAITED, Machine.LINE) and pick.random() < 0.4:
            events.append(Event(action=Action.WAIT, target=item.name))
            return
        mode = pick.choice(MODES.get(item.machine, (Mode.EXCLUSIVE,)))
        mine = any(event.target == item.name for event in held)
        if mine and item.machine not in MASKS and pick.random() < 0.7:
            return
        with_lock = item.machine in MASKS and pick.random() < 0.5
        release = Event(action=Action.RELEASE, target=item.name, mode=mode, with_lock=with_lock)
        tries = item.machine not in (*WAITED, *MASKS, Machine.LINE, Machine.LOCAL_LOCK) and pick.random() < 0.2
        if tries:
            events.append(Event(action=Action.ACQUIRE, target=item.name, mode=mode, trylock=True))
            if pick.random() < 0.1:
                events.append(Event(action=Action.SLEEP))
            events.append(release)
            return
        events.append(Event(action=Action.ACQUIRE, target=item.name, mode=mode, with_lock=with_lock))
        if item.machine is Machine.RWSEM and mode is Mode.EXCLUSIVE and not mine and pick.random() < 0.3:
            events.append(Event(action=Action.DOWNGRADE, target=item.name))
        held.append(release)

    def signal(self, item: Object, events: list[Event], own: Object | None) -> None:
        """Signal, wait, or open-coded waiting."""
        pick, name = self.random, item.name

        def add(*actions: Action) -> None:
            events.extend(Event(action=action, target=name) for action in actions)

        match item.machine:
            case Machine.COMPLETION:
                choices = (Action.SIGNAL, Action.SIGNAL, Action.WAIT, Action.WAIT, Action.SIGNAL_ALL, Action.RESET)
                add(pick.choice(choices))
            case Machine.WAIT_QUEUE:
                self.sleep_or_wake(name, events)
            case Machine.KTHREAD:
                if own is not None and own.name == name:
                    add(pick.choice((Action.TEST, Action.AWAIT)))
                else:
                    add(Action.WAIT)
            case Machine.WORKQUEUE:
                add(Action.WAIT)
            case _:
                add(pick.choice((Action.SIGNAL, Action.SIGNAL, Action.WAIT, Action.CANCEL)))

    def sleep_or_wake(self, name: str, events: list[Event]) -> None:
        """The right and the wrong orders of both."""
        start = len(events)
        orders: tuple[tuple[Action, ...], ...] = (
            (Action.SET, Action.SIGNAL),
            (Action.SET, Action.SIGNAL),
            (Action.SIGNAL, Action.SET),
            (Action.SET, Action.SIGNAL, Action.CLEAR),
            (Action.AWAIT,),
            (Action.AWAIT,),
            (Action.PREPARE, Action.TEST, Action.WAIT, Action.FINISH),
            (Action.TEST, Action.PREPARE, Action.WAIT, Action.FINISH),
        )
        order = self.random.choice(orders)
        for action in order:
            otherwise = start + len(order) if action is Action.TEST else None
            if action is Action.TEST and order[0] is Action.PREPARE:
                otherwise = start + 3
            events.append(Event(action=action, target=name, otherwise=otherwise))


def generate(seed: int) -> Program:
    """The program of `seed`."""
    return Generator(seed).program()
