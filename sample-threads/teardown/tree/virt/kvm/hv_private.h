/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef __HV_PRIVATE_H
#define __HV_PRIVATE_H

#include <linux/hv_host.h>

int hv_port_create(struct hv_vm *vm, u32 number);
int hv_port_signal(struct hv_vm *vm, u32 number);
int hv_port_close(struct hv_vm *vm, u32 number);
void hv_port_reset(struct hv_vm *vm, u32 number);

struct hv_watch *hv_watch_create(void);
void hv_watch_answer(struct hv_watch *watch);
void hv_watch_ping(struct hv_watch *watch);
void hv_watch_stop(struct hv_watch *watch);
void hv_watch_free(struct hv_watch *watch);

int hv_region_add(struct hv_vm *vm, u64 base, u64 size);
int hv_region_drop(struct hv_vm *vm, u64 base);
void hv_region_drop_all(struct hv_vm *vm);

int hv_cpu_start(void);
void hv_cpu_stop(void);

#endif
