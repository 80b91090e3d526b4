// SPDX-License-Identifier: GPL-2.0-only
#include <linux/hv_host.h>

#include "dirty.h"
#include "pgtable.h"

void hv_mmu_write_protect(struct hv_vm *vm, u32 slot, u64 offset, bool shared)
{
	if (shared)
		read_lock(&vm->mmu_lock);
	else
		write_lock(&vm->mmu_lock);

	hv_pgtable_clear_writable(vm, slot, offset, shared);

	if (shared)
		read_unlock(&vm->mmu_lock);
	else
		write_unlock(&vm->mmu_lock);
}
