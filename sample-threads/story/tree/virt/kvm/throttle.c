// SPDX-License-Identifier: GPL-2.0-only
/* How long a vcpu may keep a CPU, set for all virtual machines at once. */
#include <linux/cpu.h>
#include <linux/hv_host.h>
#include <linux/moduleparam.h>
#include <linux/percpu.h>

static u64 throttle_ns = 100000;
static DEFINE_PER_CPU(u64, throttle_slice);

static void throttle_refresh_cpus(u64 ns)
{
	int cpu;

	cpus_read_lock();
	for_each_online_cpu(cpu)
		per_cpu(throttle_slice, cpu) = div_u64(ns, num_online_cpus());
	cpus_read_unlock();
}

static int throttle_set(const char *val, const struct kernel_param *kp)
{
	struct hv_vm *vm;
	u64 ns;
	int r;

	r = kstrtou64(val, 0, &ns);
	if (r)
		return r;
	if (!ns)
		return -EINVAL;

	mutex_lock(&hv_lock);
	throttle_ns = ns;
	list_for_each_entry(vm, &hv_vm_list, node)
		hv_vm_set_throttle(vm, ns);
	throttle_refresh_cpus(ns);
	mutex_unlock(&hv_lock);
	return 0;
}

static int throttle_get(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%llu\n", READ_ONCE(throttle_ns));
}

static const struct kernel_param_ops throttle_param_ops = {
	.set = throttle_set,
	.get = throttle_get,
};

module_param_cb(throttle_ns, &throttle_param_ops, NULL, 0644);
