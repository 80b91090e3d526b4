// SPDX-License-Identifier: GPL-2.0-only
#include <linux/hv_host.h>
#include <linux/shrinker.h>
#include <linux/slab.h>

#include "hv_private.h"

/* One page in reserve for all vms. */
static DEFINE_MUTEX(hv_reserve_lock);
static void *hv_reserve;

static unsigned long hv_reserve_scan(struct shrinker *shrinker, struct shrink_control *sc)
{
	mutex_lock(&hv_reserve_lock);
	kfree(hv_reserve);
	hv_reserve = NULL;
	mutex_unlock(&hv_reserve_lock);
	return 1;
}

static struct shrinker hv_reserve_shrinker = {
	.scan_objects	= hv_reserve_scan,
};

int hv_pool_register(void)
{
	return register_shrinker(&hv_reserve_shrinker, "hv-reserve");
}

void hv_pool_init(struct hv_vm *vm)
{
	spin_lock_init(&vm->pool_lock);
	vm->pool_limit = 16;
}

static int hv_pool_fill(struct hv_vm *vm)
{
	void *page = kmalloc(PAGE_SIZE, GFP_KERNEL);

	if (!page)
		return -ENOMEM;

	mutex_lock(&hv_reserve_lock);
	swap(page, hv_reserve);
	mutex_unlock(&hv_reserve_lock);
	kfree(page);
	return 0;
}

static int hv_pool_limit(struct hv_vm *vm, unsigned long limit)
{
	spin_lock(&vm->pool_lock);
	vm->pool_limit = limit;
	spin_unlock(&vm->pool_lock);
	return 0;
}

long hv_pool_ioctl(struct hv_vm *vm, unsigned int op, unsigned long arg)
{
	switch (op) {
	case HV_POOL_FILL:
		return hv_pool_fill(vm);
	case HV_POOL_LIMIT:
		return hv_pool_limit(vm, arg);
	default:
		return -EINVAL;
	}
}
