// SPDX-License-Identifier: GPL-2.0-only
#include <linux/hv_host.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "dirty.h"

#define HV_COLLECT_BATCH	32

static int hv_vm_create_vcpu(struct hv_vm *vm, int id)
{
	struct hv_vcpu *vcpu;
	int r;

	vcpu = kzalloc(sizeof(*vcpu), GFP_KERNEL_ACCOUNT);
	if (!vcpu)
		return -ENOMEM;

	vcpu->vm = vm;
	vcpu->id = id;
	mutex_init(&vcpu->mutex);
	hv_dirty_ring_init(&vcpu->ring);

	mutex_lock(&vm->lock);
	if (vm->logging) {
		r = -EBUSY;
		goto out_free;
	}
	if (vm->created_vcpus == HV_MAX_VCPUS) {
		r = -EINVAL;
		goto out_free;
	}
	vm->vcpus[vm->created_vcpus++] = vcpu;
	mutex_unlock(&vm->lock);
	return id;

out_free:
	mutex_unlock(&vm->lock);
	kfree(vcpu);
	return r;
}

static int hv_vm_enable_logging(struct hv_vm *vm, u32 size)
{
	struct hv_vcpu *vcpu;
	int i, r = 0;

	mutex_lock(&vm->lock);
	if (vm->logging) {
		r = -EBUSY;
		goto out_unlock;
	}

	hv_for_each_vcpu(i, vcpu, vm) {
		r = hv_dirty_ring_alloc(&vcpu->ring, size);
		if (r)
			goto out_free;
	}
	vm->logging = true;
	goto out_unlock;

out_free:
	while (i--)
		hv_dirty_ring_free(&vm->vcpus[i]->ring);
out_unlock:
	mutex_unlock(&vm->lock);
	return r;
}

static int hv_vm_collect(struct hv_vm *vm, struct hv_dirty_entry __user *to)
{
	struct hv_dirty_entry batch[HV_COLLECT_BATCH];
	struct hv_vcpu *vcpu;
	u32 nr, total = 0;
	int i;

	mutex_lock(&vm->lock);
	hv_for_each_vcpu(i, vcpu, vm) {
		nr = hv_dirty_ring_collect(&vcpu->ring, batch, HV_COLLECT_BATCH);
		if (copy_to_user(to + total, batch, nr * sizeof(*batch))) {
			mutex_unlock(&vm->lock);
			return -EFAULT;
		}
		total += nr;
	}
	vm->nr_collected += total;
	mutex_unlock(&vm->lock);
	return total;
}

long hv_vm_ioctl_dirty(struct hv_vm *vm, unsigned int op, unsigned long arg)
{
	switch (op) {
	case 0:
		return hv_vm_enable_logging(vm, arg);
	case 1:
		return hv_vm_collect(vm, (void __user *)arg);
	case 3:
		return hv_vm_create_vcpu(vm, arg);
	default:
		return -EINVAL;
	}
}
