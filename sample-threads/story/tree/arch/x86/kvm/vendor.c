// SPDX-License-Identifier: GPL-2.0-only
/* One vendor module at a time: its setup, and the calls that go through its table. */
#include <linux/module.h>
#include <linux/slab.h>

#include "vendor.h"

static struct hv_vendor_ops hv_ops __read_mostly;

int hv_vendor_init(const struct hv_vendor_ops *ops)
{
	int r;

	if (hv_ops.name) {
		pr_err("hv: already loaded vendor module '%s'\n", hv_ops.name);
		return -EEXIST;
	}

	if (!ops->check_cpu || !ops->hw_setup)
		return -EOPNOTSUPP;

	r = hv_probe_cpus(ops->check_cpu);
	if (r)
		return r;

	r = ops->hw_setup();
	if (r)
		return r;

	memcpy(&hv_ops, ops, sizeof(hv_ops));

	r = hv_init();
	if (r)
		goto out_unsetup;

	return 0;

out_unsetup:
	hv_ops.name = NULL;
	ops->hw_unsetup();
	return r;
}
EXPORT_SYMBOL_GPL(hv_vendor_init);

void hv_vendor_exit(void)
{
	hv_exit();
	hv_ops.hw_unsetup();
	hv_ops.name = NULL;
}
EXPORT_SYMBOL_GPL(hv_vendor_exit);

struct hv_vm *hv_arch_alloc_vm(void)
{
	return kzalloc(sizeof(struct hv_vm), GFP_KERNEL_ACCOUNT);
}

void hv_arch_free_vm(struct hv_vm *vm)
{
	kfree(vm);
}

int hv_arch_init_vm(struct hv_vm *vm, unsigned long type)
{
	if (type)
		return -EINVAL;
	return hv_ops.vm_init(vm);
}

void hv_arch_exit_vm(struct hv_vm *vm)
{
	hv_ops.vm_exit(vm);
}

int hv_arch_enable_cpu(void)
{
	return hv_ops.enable_cpu();
}

void hv_arch_disable_cpu(void)
{
	hv_ops.disable_cpu();
}

void hv_arch_vcpu_reset(struct hv_vcpu *vcpu)
{
	lockdep_assert_held(&vcpu->mutex);
	hv_ops.vcpu_reset(vcpu);
}
