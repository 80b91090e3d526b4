/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef __HV_HOST_H
#define __HV_HOST_H

#include <linux/cpumask.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/types.h>

#define HV_MAX_VCPUS	16

struct hv_vcpu {
	struct hv_vm *vm;
	int id;
	struct mutex mutex;
	u64 throttle_ns;
	bool reset_pending;
};

struct hv_vm {
	/* Creation of vcpus; outside of vcpu->mutex. */
	struct mutex lock;
	struct list_head node;
	refcount_t users;
	unsigned long type;
	int created_vcpus;
	struct hv_vcpu *vcpus[HV_MAX_VCPUS];
};

#define hv_for_each_vcpu(i, vcpu, vm)				\
	for ((i) = 0;						\
	     (i) < (vm)->created_vcpus &&			\
	     ({ (vcpu) = (vm)->vcpus[i]; 1; });			\
	     (i)++)

extern struct mutex hv_lock;
extern struct list_head hv_vm_list;

struct hv_vm *hv_create_vm(unsigned long type);
void hv_destroy_vm(struct hv_vm *vm);

int hv_init(void);
void hv_exit(void);

int hv_vm_create_vcpu(struct hv_vm *vm, int id);
int hv_vm_reset(struct hv_vm *vm);
void hv_vm_set_throttle(struct hv_vm *vm, u64 ns);

/* What the architecture provides. */
struct hv_vm *hv_arch_alloc_vm(void);
void hv_arch_free_vm(struct hv_vm *vm);
int hv_arch_init_vm(struct hv_vm *vm, unsigned long type);
void hv_arch_exit_vm(struct hv_vm *vm);
int hv_arch_enable_cpu(void);
void hv_arch_disable_cpu(void);
void hv_arch_vcpu_reset(struct hv_vcpu *vcpu);

#endif
