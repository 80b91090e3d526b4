/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef __HV_DIRTY_H
#define __HV_DIRTY_H

#include <linux/hv_host.h>

void hv_dirty_ring_init(struct hv_dirty_ring *ring);
int hv_dirty_ring_alloc(struct hv_dirty_ring *ring, u32 size);
void hv_dirty_ring_free(struct hv_dirty_ring *ring);
int hv_dirty_ring_push(struct hv_dirty_ring *ring, u32 slot, u64 offset);
u32 hv_dirty_ring_collect(struct hv_dirty_ring *ring, struct hv_dirty_entry *to, u32 max);

/* mmu.c */
void hv_mmu_write_protect(struct hv_vm *vm, u32 slot, u64 offset, bool shared);

#endif
