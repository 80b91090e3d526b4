// SPDX-License-Identifier: GPL-2.0-only
/* The module for processors of vendor Alpha. */
#include <linux/module.h>
#include <asm/msr.h>

#include "vendor.h"

#define MSR_ALPHA_CTL		0xc0ff0010
#define ALPHA_CTL_ENABLE	BIT(0)

static u64 alpha_ctl __read_mostly;

static int alpha_check_cpu(void)
{
	u64 ctl;

	return rdmsrl_safe(MSR_ALPHA_CTL, &ctl) ? -EIO : 0;
}

static int alpha_hw_setup(void)
{
	rdmsrl(MSR_ALPHA_CTL, alpha_ctl);
	return 0;
}

static void alpha_hw_unsetup(void)
{
	alpha_ctl = 0;
}

static int alpha_enable_cpu(void)
{
	return wrmsrl_safe(MSR_ALPHA_CTL, alpha_ctl | ALPHA_CTL_ENABLE);
}

static void alpha_disable_cpu(void)
{
	wrmsrl(MSR_ALPHA_CTL, alpha_ctl);
}

static int alpha_vm_init(struct hv_vm *vm)
{
	return 0;
}

static void alpha_vm_exit(struct hv_vm *vm)
{
}

static void alpha_vcpu_reset(struct hv_vcpu *vcpu)
{
	vcpu->reset_pending = false;
}

static const struct hv_vendor_ops alpha_ops = {
	.name		= "alpha",
	.check_cpu	= alpha_check_cpu,
	.hw_setup	= alpha_hw_setup,
	.hw_unsetup	= alpha_hw_unsetup,
	.enable_cpu	= alpha_enable_cpu,
	.disable_cpu	= alpha_disable_cpu,
	.vm_init	= alpha_vm_init,
	.vm_exit	= alpha_vm_exit,
	.vcpu_reset	= alpha_vcpu_reset,
};

static int __init alpha_init(void)
{
	return hv_vendor_init(&alpha_ops);
}
module_init(alpha_init);

static void __exit alpha_exit(void)
{
	hv_vendor_exit();
}
module_exit(alpha_exit);

MODULE_LICENSE("GPL");
