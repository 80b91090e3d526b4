// SPDX-License-Identifier: GPL-2.0-only
/* A watchdog that asks the guest for a sign of life. */
#include <linux/hv_host.h>
#include <linux/slab.h>

#include "hv_private.h"

static void hv_watch_tick(struct work_struct *work)
{
	struct hv_watch *watch = container_of(work, struct hv_watch, tick.work);

	mutex_lock(&watch->lock);
	if (watch->armed) {
		watch->missed++;
		schedule_delayed_work(&watch->tick, HZ);
	}
	mutex_unlock(&watch->lock);
}

static void hv_watch_expired(struct timer_list *t)
{
	struct hv_watch *watch = container_of(t, struct hv_watch, alarm);

	WRITE_ONCE(watch->expired, true);
}

struct hv_watch *hv_watch_create(void)
{
	struct hv_watch *watch;

	watch = kzalloc(sizeof(*watch), GFP_KERNEL_ACCOUNT);
	if (!watch)
		return NULL;

	mutex_init(&watch->lock);
	init_completion(&watch->answered);
	INIT_DELAYED_WORK(&watch->tick, hv_watch_tick);
	timer_setup(&watch->alarm, hv_watch_expired, 0);
	watch->armed = true;
	schedule_delayed_work(&watch->tick, HZ);
	mod_timer(&watch->alarm, jiffies + 60 * HZ);
	return watch;
}

void hv_watch_answer(struct hv_watch *watch)
{
	mutex_lock(&watch->lock);
	watch->missed = 0;
	complete(&watch->answered);
	mutex_unlock(&watch->lock);
}

void hv_watch_ping(struct hv_watch *watch)
{
	bool armed;

	mutex_lock(&watch->lock);
	armed = watch->armed;
	mutex_unlock(&watch->lock);

	if (armed)
		wait_for_completion(&watch->answered);
}

void hv_watch_stop(struct hv_watch *watch)
{
	mutex_lock(&watch->lock);
	watch->armed = false;
	mutex_unlock(&watch->lock);

	cancel_delayed_work_sync(&watch->tick);
	timer_delete_sync(&watch->alarm);
}

void hv_watch_free(struct hv_watch *watch)
{
	hv_watch_stop(watch);
	kfree(watch);
}
