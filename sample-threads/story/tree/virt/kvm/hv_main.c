// SPDX-License-Identifier: GPL-2.0-only
/*
 * The list of virtual machines, and turning the extension on and off with the
 * first and the last of them.
 */
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/err.h>
#include <linux/hv_host.h>
#include <linux/percpu.h>
#include <linux/smp.h>
#include <linux/spinlock.h>

DEFINE_MUTEX(hv_lock);
LIST_HEAD(hv_vm_list);

static DEFINE_RAW_SPINLOCK(hv_count_lock);
static int hv_usage_count;
static DEFINE_PER_CPU(bool, hv_enabled);

static void hv_enable_nolock(void *failed)
{
	if (__this_cpu_read(hv_enabled))
		return;

	if (hv_arch_enable_cpu()) {
		atomic_inc(failed);
		pr_info("hv: enabling CPU%d failed\n", raw_smp_processor_id());
		return;
	}

	__this_cpu_write(hv_enabled, true);
}

static void hv_disable_nolock(void *junk)
{
	if (!__this_cpu_read(hv_enabled))
		return;

	hv_arch_disable_cpu();
	__this_cpu_write(hv_enabled, false);
}

static int hv_cpu_online_cb(unsigned int cpu)
{
	atomic_t failed = ATOMIC_INIT(0);
	int r = 0;

	raw_spin_lock(&hv_count_lock);
	if (hv_usage_count) {
		hv_enable_nolock(&failed);
		if (atomic_read(&failed))
			r = -EIO;
	}
	raw_spin_unlock(&hv_count_lock);
	return r;
}

static int hv_cpu_offline_cb(unsigned int cpu)
{
	raw_spin_lock(&hv_count_lock);
	if (hv_usage_count)
		hv_disable_nolock(NULL);
	raw_spin_unlock(&hv_count_lock);
	return 0;
}

static void hv_hw_put_nolock(void)
{
	if (!--hv_usage_count)
		on_each_cpu(hv_disable_nolock, NULL, 1);
}

static void hv_hw_put(void)
{
	cpus_read_lock();
	raw_spin_lock(&hv_count_lock);
	hv_hw_put_nolock();
	raw_spin_unlock(&hv_count_lock);
	cpus_read_unlock();
}

static int hv_hw_get(void)
{
	atomic_t failed = ATOMIC_INIT(0);
	int r = 0;

	cpus_read_lock();
	raw_spin_lock(&hv_count_lock);
	if (!hv_usage_count++) {
		on_each_cpu(hv_enable_nolock, &failed, 1);
		if (atomic_read(&failed)) {
			hv_hw_put_nolock();
			r = -EBUSY;
		}
	}
	raw_spin_unlock(&hv_count_lock);
	cpus_read_unlock();
	return r;
}

struct hv_vm *hv_create_vm(unsigned long type)
{
	struct hv_vm *vm = hv_arch_alloc_vm();
	int r;

	if (!vm)
		return ERR_PTR(-ENOMEM);

	mutex_init(&vm->lock);
	refcount_set(&vm->users, 1);
	vm->type = type;

	r = hv_arch_init_vm(vm, type);
	if (r)
		goto out_free;

	r = hv_hw_get();
	if (r)
		goto out_arch;

	mutex_lock(&hv_lock);
	list_add(&vm->node, &hv_vm_list);
	mutex_unlock(&hv_lock);
	return vm;

out_arch:
	hv_arch_exit_vm(vm);
out_free:
	hv_arch_free_vm(vm);
	return ERR_PTR(r);
}

void hv_destroy_vm(struct hv_vm *vm)
{
	mutex_lock(&hv_lock);
	list_del(&vm->node);
	mutex_unlock(&hv_lock);

	hv_hw_put();
	hv_arch_exit_vm(vm);
	hv_arch_free_vm(vm);
}

int hv_init(void)
{
	return cpuhp_setup_state_nocalls(CPUHP_AP_HV_STARTING, "virt/hv:starting",
					 hv_cpu_online_cb, hv_cpu_offline_cb);
}

void hv_exit(void)
{
	cpuhp_remove_state_nocalls(CPUHP_AP_HV_STARTING);
}
