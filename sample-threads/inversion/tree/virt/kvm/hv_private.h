/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef __HV_PRIVATE_H
#define __HV_PRIVATE_H

#include <linux/hv_host.h>

/* irqroute.c */
int hv_irq_route_init(struct hv_vm *vm);
void hv_irq_route_destroy(struct hv_vm *vm);
int hv_irq_route_set(struct hv_vm *vm, const struct hv_route *route);
int hv_irq_route_attach(struct hv_vm *vm, struct hv_device *dev);

/* bypass.c */
int hv_bypass_connect(struct hv_vm *vm, struct hv_device *dev);
void hv_bypass_disconnect(struct hv_vm *vm, struct hv_device *dev);

/* assign.c */
void *hv_assign_lookup(int fd);
void hv_assign_init(struct hv_vm *vm);
int hv_assign_device(struct hv_vm *vm, u32 gsi, void *hw);
void hv_assign_release_all(struct hv_vm *vm);

/* The driver of the interrupt remapper. */
int hv_remap_program(void *hw, u64 address, u32 data);
void hv_remap_clear(void *hw);

#endif
