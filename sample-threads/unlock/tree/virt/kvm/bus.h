/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef __HV_BUS_H
#define __HV_BUS_H

#include <linux/hv_host.h>

int hv_bus_write(struct hv_vm *vm, enum hv_bus_kind kind, u64 addr, int len,
		 const void *val);
int hv_bus_register(struct hv_vm *vm, enum hv_bus_kind kind, u64 addr, int len,
		    struct hv_io_device *dev);
int hv_bus_unregister(struct hv_vm *vm, enum hv_bus_kind kind,
		      struct hv_io_device *dev);

#endif
