# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What a lock expression names."""

from __future__ import annotations

from typing import ClassVar

import pytest

from reviewtool.locking.classes import is_open
from tests.locking.linking import function, linked, lock

MACHINE = """
struct machine {
	struct mutex lock;
	spinlock_t queue_lock;
#ifdef HAVE_FAST_LOCK
	rwlock_t map_lock;
#else
	spinlock_t map_lock;
#endif
	struct {
		spinlock_t lock;
		int count;
	} events;
	struct {
		struct mutex hidden;
	};
	struct mutex table[4];
	struct cpu *cpus[8];
	struct arch_part arch;
};
struct cpu {
	struct machine *machine;
	struct mutex mutex;
};
"""


class TestLockClasses:
    FILES: ClassVar = {
        "include/linux/kvm_host.h": "#include <asm/kvm_host.h>\n" + MACHINE,
        "virt/kvm/main.c": """
#include <linux/kvm_host.h>
static DEFINE_MUTEX(machines_lock);
static DEFINE_PER_CPU(spinlock_t, cpu_lock);
static spinlock_t bucket_locks[16];
static struct mutex *pick(struct machine *m)
{
	return &m->lock;
}

#define MACHINE_LOCK(m) (&(m)->lock)
#define current_machine() per_task(machine)

void user(struct cpu *cpu, struct mutex *given, int i)
{
	struct machine *m = cpu->machine;
	struct outer *o = container_of(m, struct outer, machine);
	struct mutex mine;

	mutex_lock(&m->lock);
}

struct outer {
	struct machine machine;
	struct rw_semaphore sem;
};
""",
    }

    @pytest.mark.parametrize(
        ("text", "name", "family"),
        [
            ("&m->lock", "struct machine.lock", "mutex"),
            ("&cpu->machine->lock", "struct machine.lock", "mutex"),
            ("&(m->lock)", "struct machine.lock", "mutex"),
            ("&m->cpus[i]->mutex", "struct cpu.mutex", "mutex"),
            ("&m->events.lock", "struct machine.events.lock", "spinlock"),
            ("&m->hidden", "struct machine.hidden", "mutex"),
            ("&m->table[i]", "struct machine.table", "mutex"),
            ("m->table", "struct machine.table", "mutex"),
            ("&machines_lock", "machines_lock", "mutex"),
            ("&bucket_locks[i]", "bucket_locks", "spinlock"),
            ("&per_cpu(cpu_lock, i)", "cpu_lock", "spinlock"),
            ("this_cpu_ptr(&cpu_lock)", "cpu_lock", "spinlock"),
            ("&o->sem", "struct outer.sem", "rwsem"),
            ("&container_of(m, struct outer, machine)->sem", "struct outer.sem", "rwsem"),
            ("MACHINE_LOCK(cpu->machine)", "struct machine.lock", "mutex"),
            ("pick(m)", "struct machine.lock", "mutex"),
            ("i?&m->lock:&cpu->machine->lock", "struct machine.lock", "mutex"),
            ("&mine", "virt/kvm/main.c:user.mine", "mutex"),
        ],
    )
    def test_a_lock_expression_has_the_class_of_its_declaration(self, text: str, name: str, family: str) -> None:
        assert lock(linked(self.FILES), "user", text) == (name, family)

    def test_a_lock_behind_a_pointer_parameter_is_open(self) -> None:
        found = linked(self.FILES).lock_of(function(linked(self.FILES), "user"), "given")
        assert found is not None
        assert is_open(found.cls)
        assert found.cls.family == "mutex"

    @pytest.mark.parametrize("text", ["&m->missing", "nobody", "&other->lock", "&(", "i?&m->lock:&m->queue_lock"])
    def test_what_cannot_be_typed_has_no_class(self, text: str) -> None:
        assert linked(self.FILES).lock_of(function(linked(self.FILES), "user"), text) is None

    def test_the_instance_is_the_access_path(self) -> None:
        program = linked(self.FILES)
        found = program.lock_of(function(program, "user"), "&(cpu->machine->lock)")
        assert found is not None
        assert found.instance == "&cpu->machine->lock"

    def test_fields_that_depend_on_the_architecture_have_its_type(self) -> None:
        files = {
            **self.FILES,
            "arch/fast/include/asm/kvm_host.h": "#define HAVE_FAST_LOCK\nstruct arch_part { int x; };\n",
            "arch/slow/include/asm/kvm_host.h": "struct arch_part { int x; };\n",
            "arch/fast/kvm/a.c": "",
            "arch/slow/kvm/a.c": "",
        }
        assert lock(linked(files, "fast"), "user", "&m->map_lock") == ("struct machine.map_lock", "rwlock")
        assert lock(linked(files, "slow"), "user", "&m->map_lock") == ("struct machine.map_lock", "spinlock")

    def test_static_locks_of_one_name_are_told_apart_by_their_file(self) -> None:
        one = "static DEFINE_MUTEX(lock);\nvoid {}(void)\n{{\n\tmutex_lock(&lock);\n}}\n"
        program = linked({"virt/a.c": one.format("fa"), "virt/b.c": one.format("fb")})
        assert lock(program, "fa", "&lock") == ("virt/a.c:lock", "mutex")
        assert lock(program, "fb", "&lock") == ("virt/b.c:lock", "mutex")

    def test_a_type_of_a_header_outside_the_scope_is_found_by_name(self) -> None:
        program = linked(
            {
                "virt/a.c": "#include <linux/thing.h>\nvoid f(struct thing *t)\n{\n\tspin_lock(&t->inner.lock);\n}\n",
                "include/linux/thing.h": '#include "deeper.h"\nstruct thing {\n\tstruct inner inner;\n};\n',
                "include/linux/deeper.h": "struct inner {\n\tspinlock_t lock;\n};\n",
            }
        )
        assert lock(program, "f", "&t->inner.lock") == ("struct inner.lock", "spinlock")

    def test_a_class_named_in_data_has_its_family(self) -> None:
        program = linked(self.FILES)
        assert program.class_named("struct machine.lock").family == "mutex"
        assert program.class_named("machines_lock").family == "mutex"
