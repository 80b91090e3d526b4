/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef __HV_PRIVATE_H
#define __HV_PRIVATE_H

#include <linux/hv_host.h>

#define HV_VM_ROUTE	0x00
#define HV_VM_ASSIGN	0x01
#define HV_VM_IDLE	0x02

#define HV_SLOTS_ADD	0x10
#define HV_SLOTS_FLUSH	0x11

#define HV_LINE_QUEUED	0x20
#define HV_LINE_PERIOD	0x21
#define HV_LINE_EOI	0x22
#define HV_LINE_RAISED	0x23

#define HV_POOL_FILL	0x30
#define HV_POOL_LIMIT	0x31

int hv_vm_wait_idle(struct hv_vm *vm);

int hv_slots_init(struct hv_vm *vm);
void hv_slots_destroy(struct hv_vm *vm);
long hv_slots_ioctl(struct hv_vm *vm, unsigned int op, unsigned long arg);

int hv_line_init(struct hv_vm *vm, int irq);
void hv_line_destroy(struct hv_vm *vm);
long hv_line_ioctl(struct hv_vm *vm, unsigned int op, unsigned long arg);

void hv_pool_init(struct hv_vm *vm);
long hv_pool_ioctl(struct hv_vm *vm, unsigned int op, unsigned long arg);

#endif
