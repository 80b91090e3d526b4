/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef __HV_HOST_H
#define __HV_HOST_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/srcu.h>
#include <linux/types.h>

#define HV_MAX_ROUTES	64

struct hv_route {
	u32 gsi;
	u64 address;
	u32 data;
};

struct hv_route_table {
	unsigned int nr;
	struct hv_route routes[HV_MAX_ROUTES];
};

struct hv_device {
	struct list_head node;
	u32 gsi;
	bool bypassed;
	bool pending;
	void *hw;
};

/* Devices that are handed through to the guest. */
struct hv_assign {
	struct mutex lock;
	struct list_head devices;
	unsigned int nr_devices;
};

struct hv_vm {
	/* Creation and destruction of everything that belongs to the vm. */
	struct mutex lock;

	/* Updates of @routes; readers are under @srcu. */
	struct mutex irq_lock;
	struct srcu_struct srcu;
	struct hv_route_table __rcu *routes;

	struct hv_assign assign;
};

#endif
