/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef __HV_HOST_H
#define __HV_HOST_H

#include <linux/eventfd.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/srcu.h>
#include <linux/types.h>

#define HV_BUS_MAX	32

enum hv_bus_kind {
	HV_BUS_MMIO,
	HV_BUS_PIO,
	HV_NR_BUSES,
};

struct hv_io_device;

struct hv_io_ops {
	int (*write)(struct hv_io_device *dev, u64 addr, int len, const void *val);
	void (*release)(struct hv_io_device *dev);
};

struct hv_io_device {
	const struct hv_io_ops *ops;
};

struct hv_bus_range {
	u64 addr;
	int len;
	struct hv_io_device *dev;
};

struct hv_bus {
	int nr;
	struct hv_bus_range ranges[HV_BUS_MAX];
};

struct hv_vm {
	/* Updates of @buses and @ioevents; readers of the buses are under @srcu. */
	struct mutex bus_lock;
	struct srcu_struct srcu;
	struct hv_bus __rcu *buses[HV_NR_BUSES];
	struct list_head ioevents;
};

static inline struct hv_bus *hv_get_bus(struct hv_vm *vm, enum hv_bus_kind kind)
{
	return srcu_dereference_check(vm->buses[kind], &vm->srcu,
				      lockdep_is_held(&vm->bus_lock));
}

#endif
