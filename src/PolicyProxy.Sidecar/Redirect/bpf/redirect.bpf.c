/* SPDX-License-Identifier: GPL-2.0 */
/* The shim: sends a workload's traffic where policy wants it. Only UAPI headers, so that one object fits every kernel from 5.15 on. */
#include "redirect.h"
#include "judge.h"
#include "sockets.h"
#include "packets.h"
#include "proxy.h"

char _license[] SEC("license") = "GPL";
