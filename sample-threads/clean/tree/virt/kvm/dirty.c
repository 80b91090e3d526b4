// SPDX-License-Identifier: GPL-2.0-only
#include <linux/hv_host.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "dirty.h"

void hv_dirty_ring_init(struct hv_dirty_ring *ring)
{
	spin_lock_init(&ring->lock);
}

int hv_dirty_ring_alloc(struct hv_dirty_ring *ring, u32 size)
{
	struct hv_dirty_entry *entries;
	unsigned long flags;

	entries = vcalloc(size, sizeof(*entries));
	if (!entries)
		return -ENOMEM;

	spin_lock_irqsave(&ring->lock, flags);
	ring->entries = entries;
	ring->size = size;
	spin_unlock_irqrestore(&ring->lock, flags);
	return 0;
}

void hv_dirty_ring_free(struct hv_dirty_ring *ring)
{
	struct hv_dirty_entry *entries;
	unsigned long flags;

	spin_lock_irqsave(&ring->lock, flags);
	entries = ring->entries;
	ring->entries = NULL;
	ring->head = 0;
	ring->tail = 0;
	ring->size = 0;
	spin_unlock_irqrestore(&ring->lock, flags);

	vfree(entries);
}

int hv_dirty_ring_push(struct hv_dirty_ring *ring, u32 slot, u64 offset)
{
	struct hv_dirty_entry *entry;
	unsigned long flags;
	int r = 0;

	spin_lock_irqsave(&ring->lock, flags);
	if (ring->head - ring->tail == ring->size) {
		r = -ENOSPC;
		goto out_unlock;
	}
	entry = &ring->entries[ring->head++ % ring->size];
	entry->slot = slot;
	entry->offset = offset;
out_unlock:
	spin_unlock_irqrestore(&ring->lock, flags);
	return r;
}

u32 hv_dirty_ring_collect(struct hv_dirty_ring *ring, struct hv_dirty_entry *to, u32 max)
{
	unsigned long flags;
	u32 nr = 0;

	spin_lock_irqsave(&ring->lock, flags);
	while (ring->tail != ring->head && nr < max)
		to[nr++] = ring->entries[ring->tail++ % ring->size];
	spin_unlock_irqrestore(&ring->lock, flags);
	return nr;
}
