/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef __HV_HOST_H
#define __HV_HOST_H

#include <linux/completion.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>
#include <linux/srcu.h>
#include <linux/timer.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#define HV_MAX_ROUTES	16

struct hv_vm;

struct hv_routes {
	int nr;
	u32 gsi[HV_MAX_ROUTES];
};

struct hv_port {
	struct list_head link;
	struct kref users;
	struct mutex lock;
	struct hv_vm *vm;
	u32 number;
	u64 level;
};

struct hv_watch {
	struct mutex lock;
	struct delayed_work tick;
	struct timer_list alarm;
	struct completion answered;
	unsigned int missed;
	bool armed;
	bool expired;
};

struct hv_region {
	struct list_head node;
	struct rcu_head rcu;
	u64 base;
	u64 size;
};

struct hv_vm {
	struct mutex lock;
	/* Readers of @ports are under RCU, writers under @port_lock. */
	spinlock_t port_lock;
	struct list_head ports;
	/* Readers are under RCU, writers under @lock. */
	struct hv_routes __rcu *routes;
	/* Readers of @regions are under @srcu, writers under @mem_sem. */
	struct rw_semaphore mem_sem;
	struct srcu_struct srcu;
	struct list_head regions;
	unsigned int nr_regions;
	struct hv_watch *watch;
};

#endif
