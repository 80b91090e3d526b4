// SPDX-License-Identifier: GPL-2.0-only
/* Which message an interrupt line of the guest turns into. */
#include <linux/hv_host.h>
#include <linux/slab.h>

#include "hv_private.h"

int hv_irq_route_init(struct hv_vm *vm)
{
	struct hv_route_table *table;
	int r;

	table = kzalloc(sizeof(*table), GFP_KERNEL_ACCOUNT);
	if (!table)
		return -ENOMEM;

	r = init_srcu_struct(&vm->srcu);
	if (r) {
		kfree(table);
		return r;
	}

	mutex_init(&vm->irq_lock);
	rcu_assign_pointer(vm->routes, table);
	return 0;
}

void hv_irq_route_destroy(struct hv_vm *vm)
{
	kfree(rcu_dereference_protected(vm->routes, 1));
	cleanup_srcu_struct(&vm->srcu);
}

static struct hv_route *route_find(struct hv_route_table *table, u32 gsi)
{
	unsigned int i;

	for (i = 0; i < table->nr; i++) {
		if (table->routes[i].gsi == gsi)
			return &table->routes[i];
	}
	return NULL;
}

int hv_irq_route_set(struct hv_vm *vm, const struct hv_route *route)
{
	struct hv_route_table *old, *new;
	struct hv_route *slot;
	int r = 0;

	new = kmalloc(sizeof(*new), GFP_KERNEL_ACCOUNT);
	if (!new)
		return -ENOMEM;

	mutex_lock(&vm->irq_lock);
	old = rcu_dereference_protected(vm->routes, lockdep_is_held(&vm->irq_lock));
	*new = *old;

	slot = route_find(new, route->gsi);
	if (!slot) {
		if (new->nr == HV_MAX_ROUTES) {
			r = -ENOSPC;
			goto out_unlock;
		}
		slot = &new->routes[new->nr++];
	}
	*slot = *route;

	rcu_assign_pointer(vm->routes, new);
	mutex_unlock(&vm->irq_lock);

	synchronize_srcu_expedited(&vm->srcu);
	kfree(old);
	return 0;

out_unlock:
	mutex_unlock(&vm->irq_lock);
	kfree(new);
	return r;
}

/* Program the device with the route that is current now. */
int hv_irq_route_attach(struct hv_vm *vm, struct hv_device *dev)
{
	struct hv_route_table *table;
	struct hv_route *route;
	int r = -ENOENT;

	mutex_lock(&vm->irq_lock);
	table = rcu_dereference_protected(vm->routes, lockdep_is_held(&vm->irq_lock));
	route = route_find(table, dev->gsi);
	if (route)
		r = hv_remap_program(dev->hw, route->address, route->data);
	mutex_unlock(&vm->irq_lock);
	return r;
}
