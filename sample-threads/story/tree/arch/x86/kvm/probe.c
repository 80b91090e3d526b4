// SPDX-License-Identifier: GPL-2.0-only
/* Does every CPU have what the vendor module needs? */
#include <linux/cpu.h>
#include <linux/smp.h>

#include "vendor.h"

struct probe_request {
	int (*check)(void);
	int result;
};

static void probe_this_cpu(void *data)
{
	struct probe_request *request = data;

	request->result = request->check();
}

int hv_probe_cpus(int (*check)(void))
{
	struct probe_request request = { .check = check };
	int cpu, r = 0;

	cpus_read_lock();
	for_each_online_cpu(cpu) {
		smp_call_function_single(cpu, probe_this_cpu, &request, 1);
		r = request.result;
		if (r) {
			pr_err("hv: CPU%d lacks what is needed\n", cpu);
			break;
		}
	}
	cpus_read_unlock();
	return r;
}
