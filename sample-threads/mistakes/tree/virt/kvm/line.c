// SPDX-License-Identifier: GPL-2.0-only
#include <linux/hv_host.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>

#include "hv_private.h"

static irqreturn_t hv_line_handler(int irq, void *data)
{
	struct hv_line *line = data;

	spin_lock(&line->lock);
	line->raised++;
	spin_unlock(&line->lock);
	return IRQ_HANDLED;
}

static void hv_line_tick(struct timer_list *timer)
{
	struct hv_line *line = from_timer(line, timer, timer);

	spin_lock(&line->tick_lock);
	line->ticks++;
	mod_timer(&line->timer, jiffies + line->period);
	spin_unlock(&line->tick_lock);
}

int hv_line_init(struct hv_vm *vm, int irq)
{
	struct hv_line *line = &vm->line;

	spin_lock_init(&line->lock);
	spin_lock_init(&line->queue_lock);
	spin_lock_init(&line->eoi_lock);
	spin_lock_init(&line->tick_lock);
	line->irq = irq;
	line->period = HZ;
	timer_setup(&line->timer, hv_line_tick, 0);
	return request_irq(irq, hv_line_handler, 0, "hv", line);
}

void hv_line_destroy(struct hv_vm *vm)
{
	free_irq(vm->line.irq, &vm->line);
	del_timer_sync(&vm->line.timer);
}

static void hv_line_begin(struct hv_line *line)
{
	spin_lock_irq(&line->lock);
}

static void hv_line_end(struct hv_line *line)
{
	spin_unlock_irq(&line->lock);
}

static int hv_line_raised(struct hv_vm *vm)
{
	int raised;

	hv_line_begin(&vm->line);
	raised = vm->line.raised;
	hv_line_end(&vm->line);
	return raised;
}

static int hv_line_queued(struct hv_vm *vm)
{
	int queued;

	spin_lock(&vm->line.queue_lock);
	queued = vm->line.queued;
	spin_unlock(&vm->line.queue_lock);
	return queued;
}

static int hv_line_period(struct hv_vm *vm, unsigned long period)
{
	spin_lock_bh(&vm->line.tick_lock);
	vm->line.period = period;
	mod_timer(&vm->line.timer, jiffies + period);
	spin_unlock_bh(&vm->line.tick_lock);
	return 0;
}

static int hv_line_eoi(struct hv_vm *vm)
{
	spin_lock_irq(&vm->line.eoi_lock);
	vm->line.eois++;
	spin_unlock_irq(&vm->line.eoi_lock);
	return 0;
}

long hv_line_ioctl(struct hv_vm *vm, unsigned int op, unsigned long arg)
{
	switch (op) {
	case HV_LINE_QUEUED:
		return hv_line_queued(vm);
	case HV_LINE_PERIOD:
		return hv_line_period(vm, arg);
	case HV_LINE_EOI:
		return hv_line_eoi(vm);
	case HV_LINE_RAISED:
		return hv_line_raised(vm);
	default:
		return -EINVAL;
	}
}
