// SPDX-License-Identifier: GPL-2.0-only
/* What every CPU needs before guests can run on it. */
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/hv_host.h>
#include <linux/jump_label.h>

#include "hv_private.h"

static DEFINE_STATIC_KEY_FALSE(hv_ready);
static atomic_t hv_nr_cpus;

static int hv_cpu_online(unsigned int cpu)
{
	atomic_inc(&hv_nr_cpus);
	return 0;
}

int hv_cpu_start(void)
{
	int r;

	r = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "hv:online", hv_cpu_online, NULL);
	if (r < 0)
		return r;

	static_branch_enable(&hv_ready);
	return 0;
}

void hv_cpu_stop(void)
{
	static_branch_disable(&hv_ready);
}
