// SPDX-License-Identifier: GPL-2.0-only
#include <linux/hv_host.h>
#include <linux/slab.h>

int hv_vm_create_vcpu(struct hv_vm *vm, int id)
{
	struct hv_vcpu *vcpu;
	int r = 0;

	if (id < 0 || id >= HV_MAX_VCPUS)
		return -EINVAL;

	vcpu = kzalloc(sizeof(*vcpu), GFP_KERNEL_ACCOUNT);
	if (!vcpu)
		return -ENOMEM;

	mutex_init(&vcpu->mutex);
	vcpu->vm = vm;
	vcpu->id = id;

	mutex_lock(&vm->lock);
	if (vm->created_vcpus == HV_MAX_VCPUS) {
		r = -EEXIST;
		goto out_unlock;
	}
	vm->vcpus[vm->created_vcpus++] = vcpu;
	vcpu = NULL;

out_unlock:
	mutex_unlock(&vm->lock);
	kfree(vcpu);
	return r;
}

int hv_vm_reset(struct hv_vm *vm)
{
	struct hv_vcpu *vcpu;
	int i, r = 0;

	mutex_lock(&vm->lock);
	hv_for_each_vcpu(i, vcpu, vm) {
		r = mutex_lock_killable(&vcpu->mutex);
		if (r)
			break;
		vcpu->reset_pending = false;
		hv_arch_vcpu_reset(vcpu);
		mutex_unlock(&vcpu->mutex);
	}
	mutex_unlock(&vm->lock);
	return r;
}

void hv_vm_set_throttle(struct hv_vm *vm, u64 ns)
{
	struct hv_vcpu *vcpu;
	int i;

	lockdep_assert_held(&hv_lock);

	mutex_lock(&vm->lock);
	hv_for_each_vcpu(i, vcpu, vm)
		WRITE_ONCE(vcpu->throttle_ns, ns);
	mutex_unlock(&vm->lock);
}
