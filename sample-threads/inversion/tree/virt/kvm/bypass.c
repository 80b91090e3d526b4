// SPDX-License-Identifier: GPL-2.0-only
/* Interrupts of devices that reach the guest without an exit. */
#include <linux/hv_host.h>

#include "hv_private.h"

int hv_bypass_connect(struct hv_vm *vm, struct hv_device *dev)
{
	int r;

	lockdep_assert_held(&vm->assign.lock);

	if (dev->bypassed)
		return 0;

	r = hv_irq_route_attach(vm, dev);
	if (r)
		return r;

	dev->bypassed = true;
	return 0;
}

void hv_bypass_disconnect(struct hv_vm *vm, struct hv_device *dev)
{
	lockdep_assert_held(&vm->assign.lock);

	if (!dev->bypassed)
		return;

	hv_remap_clear(dev->hw);
	dev->bypassed = false;
}
