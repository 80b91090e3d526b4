// SPDX-License-Identifier: GPL-2.0-only
/* Ports through which the guest and its device model signal each other. */
#include <linux/hv_host.h>
#include <linux/rculist.h>
#include <linux/slab.h>

#include "hv_private.h"

static void hv_port_release(struct kref *users)
{
	kfree(container_of(users, struct hv_port, users));
}

static struct hv_port *hv_port_get(struct hv_vm *vm, u32 number)
{
	struct hv_port *port, *found = NULL;

	spin_lock_irq(&vm->port_lock);
	list_for_each_entry(port, &vm->ports, link) {
		if (port->number != number)
			continue;
		kref_get(&port->users);
		found = port;
		break;
	}
	spin_unlock_irq(&vm->port_lock);
	return found;
}

int hv_port_create(struct hv_vm *vm, u32 number)
{
	struct hv_port *port;

	port = kzalloc(sizeof(*port), GFP_KERNEL_ACCOUNT);
	if (!port)
		return -ENOMEM;

	kref_init(&port->users);
	mutex_init(&port->lock);
	port->vm = vm;
	port->number = number;

	spin_lock_irq(&vm->port_lock);
	list_add_tail_rcu(&port->link, &vm->ports);
	spin_unlock_irq(&vm->port_lock);
	return 0;
}

int hv_port_signal(struct hv_vm *vm, u32 number)
{
	struct hv_port *port;
	int r = -ENOENT;

	rcu_read_lock();
	list_for_each_entry_rcu(port, &vm->ports, link) {
		if (port->number != number)
			continue;
		WRITE_ONCE(port->level, 1);
		r = 0;
		break;
	}
	rcu_read_unlock();
	return r;
}

void hv_port_reset(struct hv_vm *vm, u32 number)
{
	struct hv_port *port;

	port = hv_port_get(vm, number);
	if (!port)
		return;

	mutex_lock(&port->lock);
	port->level = 0;
	mutex_unlock(&port->lock);
	kref_put(&port->users, hv_port_release);
}

int hv_port_close(struct hv_vm *vm, u32 number)
{
	struct hv_port *port;

	port = hv_port_get(vm, number);
	if (!port)
		return -ENOENT;

	spin_lock_irq(&vm->port_lock);
	list_del_rcu(&port->link);
	spin_unlock_irq(&vm->port_lock);
	synchronize_rcu();

	kref_put(&port->users, hv_port_release);
	kref_put(&port->users, hv_port_release);
	return 0;
}
