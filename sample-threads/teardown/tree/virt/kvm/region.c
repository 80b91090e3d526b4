// SPDX-License-Identifier: GPL-2.0-only
/* Regions of guest memory that are emulated. */
#include <linux/cleanup.h>
#include <linux/hv_host.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/rculist.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "hv_private.h"

int hv_region_add(struct hv_vm *vm, u64 base, u64 size)
{
	struct hv_region *region;

	region = kzalloc(sizeof(*region), GFP_KERNEL_ACCOUNT);
	if (!region)
		return -ENOMEM;
	region->base = base;
	region->size = size;

	down_write(&vm->mem_sem);
	list_add_tail_rcu(&region->node, &vm->regions);
	vm->nr_regions++;
	up_write(&vm->mem_sem);
	return 0;
}

int hv_region_drop(struct hv_vm *vm, u64 base)
{
	struct hv_region *region, *found = NULL;

	down_write(&vm->mem_sem);
	list_for_each_entry(region, &vm->regions, node) {
		if (region->base == base) {
			found = region;
			break;
		}
	}
	if (found) {
		list_del_rcu(&found->node);
		vm->nr_regions--;
	}
	up_write(&vm->mem_sem);
	if (!found)
		return -ENOENT;

	synchronize_srcu(&vm->srcu);
	kfree(found);
	return 0;
}

void hv_region_drop_all(struct hv_vm *vm)
{
	struct hv_region *region, *next;

	list_for_each_entry_safe(region, next, &vm->regions, node)
		kfree(region);
}
