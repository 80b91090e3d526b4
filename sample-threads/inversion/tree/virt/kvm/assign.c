// SPDX-License-Identifier: GPL-2.0-only
/* Devices that are handed through. */
#include <linux/hv_host.h>
#include <linux/slab.h>

#include "hv_private.h"

#define hv_for_each_device(dev, vm)	\
	list_for_each_entry(dev, &(vm)->assign.devices, node)

void hv_assign_init(struct hv_vm *vm)
{
	mutex_init(&vm->assign.lock);
	INIT_LIST_HEAD(&vm->assign.devices);
}

int hv_assign_device(struct hv_vm *vm, u32 gsi, void *hw)
{
	struct hv_device *dev, *other;
	int r;

	dev = kzalloc(sizeof(*dev), GFP_KERNEL_ACCOUNT);
	if (!dev)
		return -ENOMEM;

	dev->gsi = gsi;
	dev->hw = hw;

	mutex_lock(&vm->assign.lock);
	hv_for_each_device(other, vm) {
		if (other->hw == hw) {
			r = -EBUSY;
			goto out_free;
		}
	}

	r = hv_bypass_connect(vm, dev);
	if (r && r != -ENOENT)
		goto out_free;

	list_add_tail(&dev->node, &vm->assign.devices);
	vm->assign.nr_devices++;
	mutex_unlock(&vm->assign.lock);
	return 0;

out_free:
	mutex_unlock(&vm->assign.lock);
	kfree(dev);
	return r;
}

void hv_assign_release_all(struct hv_vm *vm)
{
	struct hv_device *dev, *next;

	mutex_lock(&vm->assign.lock);
	list_for_each_entry_safe(dev, next, &vm->assign.devices, node) {
		hv_bypass_disconnect(vm, dev);
		list_del(&dev->node);
		kfree(dev);
	}
	vm->assign.nr_devices = 0;
	mutex_unlock(&vm->assign.lock);
}
