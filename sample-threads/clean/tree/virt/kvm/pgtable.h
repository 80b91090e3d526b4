/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef __HV_PGTABLE_H
#define __HV_PGTABLE_H

#include <linux/hv_host.h>

void hv_pgtable_clear_writable(struct hv_vm *vm, u32 slot, u64 offset, bool atomic);

#endif
