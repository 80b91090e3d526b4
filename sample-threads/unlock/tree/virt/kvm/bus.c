// SPDX-License-Identifier: GPL-2.0-only
/* Where accesses of the guest to emulated devices are looked up. */
#include <linux/hv_host.h>
#include <linux/slab.h>

#include "bus.h"

int hv_bus_write(struct hv_vm *vm, enum hv_bus_kind kind, u64 addr, int len,
		 const void *val)
{
	struct hv_bus_range *range;
	struct hv_bus *bus;
	int i, idx, r = -EOPNOTSUPP;

	idx = srcu_read_lock(&vm->srcu);
	bus = hv_get_bus(vm, kind);
	for (i = 0; bus && i < bus->nr; i++) {
		range = &bus->ranges[i];
		if (addr < range->addr || addr + len > range->addr + range->len)
			continue;
		r = range->dev->ops->write(range->dev, addr, len, val);
		if (r != -EOPNOTSUPP)
			break;
	}
	srcu_read_unlock(&vm->srcu, idx);
	return r;
}

int hv_bus_register(struct hv_vm *vm, enum hv_bus_kind kind, u64 addr, int len,
		    struct hv_io_device *dev)
{
	struct hv_bus *bus, *new;

	lockdep_assert_held(&vm->bus_lock);

	bus = hv_get_bus(vm, kind);
	if (!bus)
		return -ENODEV;
	if (bus->nr == HV_BUS_MAX)
		return -ENOSPC;

	new = kmemdup(bus, sizeof(*bus), GFP_KERNEL_ACCOUNT);
	if (!new)
		return -ENOMEM;

	new->ranges[new->nr++] = (struct hv_bus_range) {
		.addr = addr, .len = len, .dev = dev,
	};
	rcu_assign_pointer(vm->buses[kind], new);
	synchronize_srcu_expedited(&vm->srcu);
	kfree(bus);
	return 0;
}

int hv_bus_unregister(struct hv_vm *vm, enum hv_bus_kind kind,
		      struct hv_io_device *dev)
{
	struct hv_bus *bus, *new;
	int i;

	lockdep_assert_held(&vm->bus_lock);

	bus = hv_get_bus(vm, kind);
	if (!bus)
		return 0;

	for (i = 0; i < bus->nr; i++) {
		if (bus->ranges[i].dev == dev)
			break;
	}
	if (i == bus->nr)
		return 0;

	new = kmemdup(bus, sizeof(*bus), GFP_KERNEL_ACCOUNT);
	if (!new)
		return -ENOMEM;

	new->ranges[i] = new->ranges[--new->nr];
	rcu_assign_pointer(vm->buses[kind], new);
	synchronize_srcu_expedited(&vm->srcu);
	dev->ops->release(dev);
	kfree(bus);
	return 0;
}
