// SPDX-License-Identifier: GPL-2.0-only
#include <linux/fs.h>
#include <linux/hv_host.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <uapi/linux/hv.h>

#include "hv_private.h"

static int hv_vm_ioctl_set_route(struct hv_vm *vm, void __user *argp)
{
	struct hv_route route;

	if (copy_from_user(&route, argp, sizeof(route)))
		return -EFAULT;

	return hv_irq_route_set(vm, &route);
}

static int hv_vm_ioctl_assign(struct hv_vm *vm, void __user *argp)
{
	struct hv_assign_request request;

	if (copy_from_user(&request, argp, sizeof(request)))
		return -EFAULT;

	return hv_assign_device(vm, request.gsi, hv_assign_lookup(request.fd));
}

static long hv_vm_ioctl(struct file *filp, unsigned int ioctl, unsigned long arg)
{
	struct hv_vm *vm = filp->private_data;
	void __user *argp = (void __user *)arg;

	switch (ioctl) {
	case HV_SET_ROUTE:
		return hv_vm_ioctl_set_route(vm, argp);
	case HV_ASSIGN_DEVICE:
		return hv_vm_ioctl_assign(vm, argp);
	default:
		return -ENOTTY;
	}
}

static int hv_vm_release(struct inode *inode, struct file *filp)
{
	struct hv_vm *vm = filp->private_data;

	mutex_lock(&vm->lock);
	hv_assign_release_all(vm);
	hv_irq_route_destroy(vm);
	mutex_unlock(&vm->lock);
	kfree(vm);
	return 0;
}

const struct file_operations hv_vm_fops = {
	.release	= hv_vm_release,
	.unlocked_ioctl	= hv_vm_ioctl,
};
