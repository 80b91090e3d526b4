/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef __HV_IOEVENT_H
#define __HV_IOEVENT_H

#include <linux/hv_host.h>

struct hv_ioevent_args;

int hv_ioevent_assign(struct hv_vm *vm, const struct hv_ioevent_args *args);
int hv_ioevent_deassign(struct hv_vm *vm, const struct hv_ioevent_args *args);

#endif
