// SPDX-License-Identifier: GPL-2.0-only
/* Writes of the guest that do nothing but signal an eventfd. */
#include <linux/err.h>
#include <linux/eventfd.h>
#include <linux/hv_host.h>
#include <linux/slab.h>
#include <uapi/linux/hv.h>

#include "bus.h"
#include "ioevent.h"

struct ioevent {
	struct list_head node;
	struct hv_io_device dev;
	struct eventfd_ctx *ctx;
	enum hv_bus_kind kind;
	u64 addr;
	int len;
	u64 datamatch;
	bool wildcard;
};

static struct ioevent *to_ioevent(struct hv_io_device *dev)
{
	return container_of(dev, struct ioevent, dev);
}

static bool ioevent_in_range(struct ioevent *p, u64 addr, int len, const void *val)
{
	u64 data = 0;

	if (addr != p->addr || len != p->len)
		return false;
	if (p->wildcard)
		return true;

	memcpy(&data, val, min_t(int, len, sizeof(data)));
	return data == p->datamatch;
}

static int ioevent_write(struct hv_io_device *dev, u64 addr, int len, const void *val)
{
	struct ioevent *p = to_ioevent(dev);

	if (!ioevent_in_range(p, addr, len, val))
		return -EOPNOTSUPP;

	eventfd_signal(p->ctx);
	return 0;
}

static void ioevent_release(struct hv_io_device *dev)
{
	struct ioevent *p = to_ioevent(dev);

	eventfd_ctx_put(p->ctx);
	list_del(&p->node);
	kfree(p);
}

static const struct hv_io_ops ioevent_ops = {
	.write		= ioevent_write,
	.release	= ioevent_release,
};

static bool ioevent_collides(struct hv_vm *vm, struct ioevent *p)
{
	struct ioevent *other;

	list_for_each_entry(other, &vm->ioevents, node) {
		if (other->kind == p->kind && other->addr == p->addr &&
		    other->len == p->len &&
		    (other->wildcard || p->wildcard || other->datamatch == p->datamatch))
			return true;
	}
	return false;
}

int hv_ioevent_assign(struct hv_vm *vm, const struct hv_ioevent_args *args)
{
	struct eventfd_ctx *ctx;
	struct ioevent *p;
	int r;

	ctx = eventfd_ctx_fdget(args->fd);
	if (IS_ERR(ctx))
		return PTR_ERR(ctx);

	p = kzalloc(sizeof(*p), GFP_KERNEL_ACCOUNT);
	if (!p) {
		r = -ENOMEM;
		goto out_put;
	}

	p->dev.ops = &ioevent_ops;
	p->ctx = ctx;
	p->kind = args->flags & HV_IOEVENT_PIO ? HV_BUS_PIO : HV_BUS_MMIO;
	p->addr = args->addr;
	p->len = args->len;
	p->datamatch = args->datamatch;
	p->wildcard = !(args->flags & HV_IOEVENT_DATAMATCH);

	mutex_lock(&vm->bus_lock);
	if (ioevent_collides(vm, p)) {
		r = -EEXIST;
		goto out_unlock;
	}

	r = hv_bus_register(vm, p->kind, p->addr, p->len, &p->dev);
	if (r)
		goto out_unlock;

	list_add_tail(&p->node, &vm->ioevents);
	mutex_unlock(&vm->bus_lock);
	return 0;

out_unlock:
	mutex_unlock(&vm->bus_lock);
	kfree(p);
out_put:
	eventfd_ctx_put(ctx);
	return r;
}

int hv_ioevent_deassign(struct hv_vm *vm, const struct hv_ioevent_args *args)
{
	enum hv_bus_kind kind = args->flags & HV_IOEVENT_PIO ? HV_BUS_PIO : HV_BUS_MMIO;
	struct ioevent *p, *next;
	int r = -ENOENT;

	mutex_lock(&vm->bus_lock);
	list_for_each_entry_safe(p, next, &vm->ioevents, node) {
		if (p->kind != kind || p->addr != args->addr || p->len != args->len)
			continue;
		r = hv_bus_unregister(vm, kind, &p->dev);
		break;
	}
	mutex_unlock(&vm->bus_lock);
	return r;
}
