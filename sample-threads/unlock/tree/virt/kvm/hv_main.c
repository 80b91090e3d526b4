// SPDX-License-Identifier: GPL-2.0-only
#include <linux/fs.h>
#include <linux/hv_host.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <uapi/linux/hv.h>

#include "bus.h"
#include "ioevent.h"

int hv_vm_init_buses(struct hv_vm *vm)
{
	struct hv_bus *bus;
	int i, r;

	mutex_init(&vm->bus_lock);
	INIT_LIST_HEAD(&vm->ioevents);

	r = init_srcu_struct(&vm->srcu);
	if (r)
		return r;

	for (i = 0; i < HV_NR_BUSES; i++) {
		bus = kzalloc(sizeof(*bus), GFP_KERNEL_ACCOUNT);
		if (!bus)
			goto out_free;
		rcu_assign_pointer(vm->buses[i], bus);
	}
	return 0;

out_free:
	while (i--)
		kfree(rcu_dereference_protected(vm->buses[i], 1));
	cleanup_srcu_struct(&vm->srcu);
	return -ENOMEM;
}

static long hv_vm_ioctl(struct file *filp, unsigned int ioctl, unsigned long arg)
{
	struct hv_vm *vm = filp->private_data;
	struct hv_ioevent_args args;

	if (ioctl != HV_IOEVENT)
		return -ENOTTY;
	if (copy_from_user(&args, (void __user *)arg, sizeof(args)))
		return -EFAULT;

	if (args.flags & HV_IOEVENT_DEASSIGN)
		return hv_ioevent_deassign(vm, &args);
	return hv_ioevent_assign(vm, &args);
}

const struct file_operations hv_vm_fops = {
	.unlocked_ioctl	= hv_vm_ioctl,
};
