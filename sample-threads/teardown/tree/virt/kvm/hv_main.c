// SPDX-License-Identifier: GPL-2.0-only
#include <linux/fs.h>
#include <linux/hv_host.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <uapi/linux/hv.h>

#include "hv_private.h"

static void hv_vm_destroy(struct hv_vm *vm)
{
	hv_watch_free(vm->watch);
	hv_region_drop_all(vm);
	synchronize_srcu(&vm->srcu);
	cleanup_srcu_struct(&vm->srcu);
	kfree(rcu_dereference_protected(vm->routes, 1));
	kfree(vm);
}

struct hv_vm *hv_vm_create(void)
{
	struct hv_vm *vm;

	vm = kzalloc(sizeof(*vm), GFP_KERNEL_ACCOUNT);
	if (!vm)
		return NULL;

	mutex_init(&vm->lock);
	spin_lock_init(&vm->port_lock);
	init_rwsem(&vm->mem_sem);
	INIT_LIST_HEAD(&vm->ports);
	INIT_LIST_HEAD(&vm->regions);

	if (init_srcu_struct(&vm->srcu))
		goto out_free;

	vm->watch = hv_watch_create();
	if (!vm->watch)
		goto out_srcu;
	return vm;

out_srcu:
	cleanup_srcu_struct(&vm->srcu);
out_free:
	kfree(vm);
	return NULL;
}

static long hv_vm_set_routes(struct hv_vm *vm, int nr)
{
	struct hv_routes *new, *old;

	new = kzalloc(sizeof(*new), GFP_KERNEL_ACCOUNT);
	if (!new)
		return -ENOMEM;
	new->nr = nr;

	mutex_lock(&vm->lock);
	old = rcu_dereference_protected(vm->routes, lockdep_is_held(&vm->lock));
	rcu_assign_pointer(vm->routes, new);
	mutex_unlock(&vm->lock);

	synchronize_rcu();
	kfree(old);
	return 0;
}

static long hv_vm_ioctl(struct file *filp, unsigned int ioctl, unsigned long arg)
{
	struct hv_vm *vm = filp->private_data;

	switch (ioctl) {
	case HV_PORT_CREATE:
		return hv_port_create(vm, arg);
	case HV_PORT_SIGNAL:
		return hv_port_signal(vm, arg);
	case HV_PORT_RESET:
		hv_port_reset(vm, arg);
		return 0;
	case HV_PORT_CLOSE:
		return hv_port_close(vm, arg);
	case HV_SET_ROUTES:
		return hv_vm_set_routes(vm, arg);
	case HV_REGION_ADD:
		return hv_region_add(vm, arg, PAGE_SIZE);
	case HV_REGION_DROP:
		return hv_region_drop(vm, arg);
	case HV_WATCH_PING:
		hv_watch_ping(vm->watch);
		return 0;
	case HV_WATCH_ANSWER:
		hv_watch_answer(vm->watch);
		return 0;
	default:
		return -ENOTTY;
	}
}

static int hv_vm_release(struct inode *inode, struct file *filp)
{
	hv_vm_destroy(filp->private_data);
	return 0;
}

const struct file_operations hv_vm_fops = {
	.unlocked_ioctl	= hv_vm_ioctl,
	.release	= hv_vm_release,
};

static int __init hv_init(void)
{
	return hv_cpu_start();
}
module_init(hv_init);
