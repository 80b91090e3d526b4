// SPDX-License-Identifier: GPL-2.0-only
#include <linux/delay.h>
#include <linux/fs.h>
#include <linux/hv_host.h>
#include <linux/lockdep.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "hv_private.h"

#define HV_IRQ	11

static DEFINE_PER_CPU(u64, hv_calls);

static int hv_open(struct inode *inode, struct file *file)
{
	struct hv_vm *vm;
	int r;

	vm = kzalloc(sizeof(*vm), GFP_KERNEL_ACCOUNT);
	if (!vm)
		return -ENOMEM;

	mutex_init(&vm->lock);
	mutex_init(&vm->io_lock);
	mutex_init(&vm->route_lock);
	mutex_init(&vm->assign_lock);
	raw_spin_lock_init(&vm->clock_lock);
	spin_lock_init(&vm->epoch_lock);
	hv_pool_init(vm);

	r = hv_slots_init(vm);
	if (r)
		goto out_free;
	r = hv_line_init(vm, HV_IRQ);
	if (r)
		goto out_slots;

	file->private_data = vm;
	return 0;

out_slots:
	hv_slots_destroy(vm);
out_free:
	kfree(vm);
	return r;
}

static int hv_release(struct inode *inode, struct file *file)
{
	struct hv_vm *vm = file->private_data;

	hv_line_destroy(vm);
	hv_slots_destroy(vm);
	kfree(vm);
	return 0;
}

/* Waits for users that take vm->lock on their way out. */
int hv_vm_wait_idle(struct hv_vm *vm)
{
	lockdep_assert_not_held(&vm->lock);

	while (READ_ONCE(vm->users))
		msleep(1);
	return 0;
}

static int hv_vm_route(struct hv_vm *vm, unsigned long nr)
{
	mutex_lock(&vm->route_lock);
	vm->routes += nr;
	mutex_lock(&vm->assign_lock);
	if (vm->assigned)
		vm->dropped = 0;
	mutex_unlock(&vm->assign_lock);
	mutex_unlock(&vm->route_lock);
	return 0;
}

static int hv_vm_assign(struct hv_vm *vm, unsigned long nr)
{
	int r = 0;

	mutex_lock(&vm->assign_lock);
	mutex_lock(&vm->route_lock);
	if (vm->routes < nr)
		r = -ENOENT;
	mutex_unlock(&vm->route_lock);
	if (!r)
		vm->assigned += nr;
	mutex_unlock(&vm->assign_lock);
	return r;
}

static long hv_vm_ioctl(struct hv_vm *vm, unsigned int op, unsigned long arg)
{
	switch (op) {
	case HV_VM_ROUTE:
		return hv_vm_route(vm, arg);
	case HV_VM_ASSIGN:
		return hv_vm_assign(vm, arg);
	case HV_VM_IDLE:
		return hv_vm_wait_idle(vm);
	default:
		return -EINVAL;
	}
}

static long hv_ioctl(struct file *file, unsigned int op, unsigned long arg)
{
	struct hv_vm *vm = file->private_data;

	switch (op & 0xf0) {
	case 0x10:
		return hv_slots_ioctl(vm, op, arg);
	case 0x20:
		return hv_line_ioctl(vm, op, arg);
	case 0x30:
		return hv_pool_ioctl(vm, op, arg);
	default:
		return hv_vm_ioctl(vm, op, arg);
	}
}

static const struct file_operations hv_fops = {
	.open		= hv_open,
	.release	= hv_release,
	.unlocked_ioctl	= hv_ioctl,
};

int hv_register(void)
{
	return register_chrdev(0, "hv", &hv_fops);
}
