/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef __HV_HOST_H
#define __HV_HOST_H

#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>

#define HV_MAX_VCPUS	16

struct hv_dirty_entry {
	u32 slot;
	u64 offset;
};

/* Pages that a vcpu has written to, until user space collects them. */
struct hv_dirty_ring {
	spinlock_t lock;
	u32 head;
	u32 tail;
	u32 size;
	struct hv_dirty_entry *entries;
};

struct hv_vcpu {
	struct hv_vm *vm;
	int id;
	struct mutex mutex;
	struct hv_dirty_ring ring;
};

struct hv_vm {
	/* Creation of vcpus and changes of the memory slots. */
	struct mutex lock;
	/* The page tables of the guest. */
	rwlock_t mmu_lock;
	int created_vcpus;
	struct hv_vcpu *vcpus[HV_MAX_VCPUS];
	bool logging;
	u64 nr_collected;
};

#define hv_for_each_vcpu(i, vcpu, vm)				\
	for ((i) = 0;						\
	     (i) < (vm)->created_vcpus &&			\
	     ({ (vcpu) = (vm)->vcpus[i]; 1; });			\
	     (i)++)

#endif
