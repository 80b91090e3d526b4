/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef __HV_VENDOR_H
#define __HV_VENDOR_H

#include <linux/hv_host.h>
#include <linux/init.h>

struct hv_vendor_ops {
	const char *name;

	int (*check_cpu)(void);
	int (*hw_setup)(void);
	void (*hw_unsetup)(void);
	int (*enable_cpu)(void);
	void (*disable_cpu)(void);
	int (*vm_init)(struct hv_vm *vm);
	void (*vm_exit)(struct hv_vm *vm);
	void (*vcpu_reset)(struct hv_vcpu *vcpu);
};

int hv_vendor_init(const struct hv_vendor_ops *ops);
void hv_vendor_exit(void);

int hv_probe_cpus(int (*check)(void));

#endif
