/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef __HV_HOST_H
#define __HV_HOST_H

#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>
#include <linux/srcu.h>
#include <linux/timer.h>
#include <linux/types.h>

#define HV_MAX_SLOTS	32

struct hv_slot {
	u64 base;
	u64 npages;
};

/* The interrupt line of the device that a vm was given. */
struct hv_line {
	/* Taken by the interrupt handler. */
	spinlock_t lock;
	/* The queue for user space; interrupts never touch it. */
	spinlock_t queue_lock;
	/* Taken with interrupts off. */
	spinlock_t eoi_lock;
	/* Taken by the timer. */
	spinlock_t tick_lock;
	int irq;
	u32 raised;
	u32 queued;
	u32 eois;
	u32 ticks;
	u32 period;
	struct timer_list timer;
};

struct hv_vm {
	/* Creation, reset and removal. */
	struct mutex lock;
	/* Requests of user space. */
	struct mutex io_lock;
	/* Routes, and the devices that are assigned. */
	struct mutex route_lock;
	struct mutex assign_lock;
	int users;
	int requests;
	int routes;
	int assigned;
	u64 dropped;

	/* The table of the slots, and the map that is made of it. */
	struct rw_semaphore slots_sem;
	rwlock_t map_lock;
	struct srcu_struct srcu;
	struct srcu_struct irq_srcu;
	struct hv_slot slots[HV_MAX_SLOTS];
	int nr_slots;
	int mapped;
	u64 generation;
	u64 irq_generation;

	/* The clock of the guest; read with interrupts off on any kernel. */
	raw_spinlock_t clock_lock;
	spinlock_t epoch_lock;
	u64 clock;
	u64 epoch;

	/* Pages in reserve. */
	spinlock_t pool_lock;
	int pool_used;
	int pool_limit;

	struct hv_line line;
};

#endif
