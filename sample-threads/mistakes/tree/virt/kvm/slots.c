// SPDX-License-Identifier: GPL-2.0-only
#include <linux/hv_host.h>
#include <linux/rcupdate.h>

#include "hv_private.h"

int hv_slots_init(struct hv_vm *vm)
{
	int r;

	init_rwsem(&vm->slots_sem);
	rwlock_init(&vm->map_lock);
	r = init_srcu_struct(&vm->srcu);
	if (r)
		return r;
	r = init_srcu_struct(&vm->irq_srcu);
	if (r)
		cleanup_srcu_struct(&vm->srcu);
	return r;
}

void hv_slots_destroy(struct hv_vm *vm)
{
	cleanup_srcu_struct(&vm->irq_srcu);
	cleanup_srcu_struct(&vm->srcu);
}

/* Nobody uses the old table any more when this returns. */
static void hv_slots_commit(struct hv_vm *vm)
{
	WRITE_ONCE(vm->generation, vm->generation + 1);
	synchronize_srcu(&vm->srcu);
}

static void __hv_slots_flush(struct hv_vm *vm)
{
	vm->nr_slots = 0;
}

static int hv_slots_flush(struct hv_vm *vm)
{
	down_write(&vm->slots_sem);
	__hv_slots_flush(vm);
	up_write(&vm->slots_sem);
	hv_slots_commit(vm);
	return 0;
}

static int hv_slots_add(struct hv_vm *vm, u64 base)
{
	int r = -ENOSPC;

	down_write(&vm->slots_sem);
	if (vm->nr_slots < HV_MAX_SLOTS) {
		vm->slots[vm->nr_slots].base = base;
		vm->slots[vm->nr_slots].npages = 1;
		r = vm->nr_slots++;
	}
	up_write(&vm->slots_sem);
	return r;
}

long hv_slots_ioctl(struct hv_vm *vm, unsigned int op, unsigned long arg)
{
	switch (op) {
	case HV_SLOTS_ADD:
		return hv_slots_add(vm, arg);
	case HV_SLOTS_FLUSH:
		return hv_slots_flush(vm);
	default:
		return -EINVAL;
	}
}
