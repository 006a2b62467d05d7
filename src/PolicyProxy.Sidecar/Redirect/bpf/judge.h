/* SPDX-License-Identifier: GPL-2.0 */
/* Addresses, verdicts, reports: what every hook shares. */
#pragma once
#include "redirect.h"

#define SECOND 1000000000ull
#define FLOW_LIFETIME (60 * SECOND) /* conntrack-like memory of datagrams, Cilium's bpf-ct-timeout-regular-any */

static __always_inline void count(__u32 which)
{
	__u64 *value = bpf_map_lookup_elem(&counters, &which);
	if (value)
		(*value)++;
}

static __always_inline struct settings *get_settings(void)
{
	__u32 zero = 0;
	return bpf_map_lookup_elem(&settings, &zero);
}

static __always_inline __u32 get_generation(void)
{
	__u32 zero = 0, *value = bpf_map_lookup_elem(&generation, &zero);
	return value ? *(volatile __u32 *)value : 0;
}

static __always_inline struct address mapped(__u32 ip4)
{
	return (struct address){ .w = { 0, 0, bpf_htonl(0xffff), ip4 } };
}

static __always_inline int is_mapped(const struct address *a)
{
	return a->w[0] == 0 && a->w[1] == 0 && a->w[2] == bpf_htonl(0xffff);
}

static __always_inline int is_same(const struct address *a, const struct address *b)
{
	return a->w[0] == b->w[0] && a->w[1] == b->w[1] && a->w[2] == b->w[2] && a->w[3] == b->w[3];
}

static __always_inline int is_loopback(const struct address *a)
{
	if (is_mapped(a))
		return (a->w[3] & bpf_htonl(0xff000000)) == bpf_htonl(0x7f000000);
	return a->w[0] == 0 && a->w[1] == 0 && a->w[2] == 0 && a->w[3] == bpf_htonl(1);
}

/* connect() to the unspecified address reaches loopback, so that is what is judged. */
static __always_inline void resolve_unspecified(struct address *a)
{
	if (is_mapped(a) && a->w[3] == 0)
		a->w[3] = bpf_htonl(0x7f000001);
	else if (a->w[0] == 0 && a->w[1] == 0 && a->w[2] == 0 && a->w[3] == 0)
		a->w[3] = bpf_htonl(1);
}

/* What `peers` says of an address; null = nothing, also before the first generation. */
static __always_inline __u32 *peer_group(__u32 number, const struct address *peer)
{
	struct prefix_key address = { .length = 128, .address = *peer };
	__u32 place = number & 1;
	if (number == FIRST_GENERATION)
		return bpf_map_lookup_elem(&first_peers, &address);
	void *peers_now = number ? bpf_map_lookup_elem(&peers, &place) : 0;
	return peers_now ? bpf_map_lookup_elem(peers_now, &address) : 0;
}

/* The verdict of one generation's tables; what they do not name is denied. */
static __always_inline __u32 decide(__u32 number, __u8 direction, const struct address *peer, __u8 protocol, __u16 port)
{
	__u32 place = number & 1, *group = peer_group(number, peer), *verdict;
	if (!group)
		return DENY;
	struct rule_key key = { .length = 64, .peers = *group & ~OWN_ADDRESS, .direction = direction, .protocol = protocol, .port = port };
	if (number == FIRST_GENERATION) {
		verdict = bpf_map_lookup_elem(&first_rules, &key);
	} else {
		void *rules_now = bpf_map_lookup_elem(&rules, &place);
		verdict = rules_now ? bpf_map_lookup_elem(rules_now, &key) : 0;
	}
	return verdict ? *verdict : DENY;
}

/* True for an address of this machine. */
static __always_inline int is_own_address(const struct address *a)
{
	__u32 *group = peer_group(get_generation(), a);
	return group && (*group & OWN_ADDRESS);
}

/* Whose socket it is, for reports. Only where a process is running. */
static __always_inline void note_process(struct conn_info *conn)
{
	conn->uid = bpf_get_current_uid_gid();
	conn->tgid = bpf_get_current_pid_tgid() >> 32;
	conn->cgroup_id = bpf_get_current_cgroup_id();
	bpf_get_current_comm(conn->comm, sizeof(conn->comm));
}

struct report {
	struct address local, peer;
	__u16 local_port, peer_port; /* host order */
	__u8 protocol, direction, verdict;
	__u32 repeated;
};

static __always_inline void tell(const struct report *what, const struct conn_info *who, __u32 number)
{
	struct event *e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);
	if (!e) {
		count(EVENTS_LOST);
		return;
	}
	__builtin_memset(e, 0, sizeof(*e));
	e->time = bpf_ktime_get_ns();
	e->local = what->local;
	e->peer = what->peer;
	e->local_port = what->local_port;
	e->peer_port = what->peer_port;
	e->protocol = what->protocol;
	e->direction = what->direction;
	e->verdict = what->verdict;
	e->repeated = what->repeated;
	e->generation = number;
	if (who) {
		e->cgroup_id = who->cgroup_id;
		e->tgid = who->tgid;
		e->uid = who->uid;
		__builtin_memcpy(e->comm, who->comm, sizeof(e->comm));
	}
	bpf_ringbuf_submit(e, 0);
}

/* Telling costs more than judging, so it is done only for somebody who listens. */
static __always_inline void tell_allowed(const struct settings *s, const struct report *what, const struct conn_info *who, __u32 number)
{
	count(ALLOWED);
	if (s->flags & TELL_ALLOWED)
		tell(what, who, number);
}

/* A refusal is told at once and then at most once a second per socket and peer. */
static __always_inline void tell_refusal(struct report *what, const struct conn_info *who, __u64 cookie, __u32 number)
{
	struct flow_key key = { .cookie = cookie, .peer = what->peer, .port = what->peer_port, .direction = what->direction };
	__u64 now = bpf_ktime_get_ns();
	struct flow *last = bpf_map_lookup_elem(&refusals, &key);
	if (last && now - last->seen < SECOND) {
		__sync_fetch_and_add(&last->generation, 1);
		return;
	}
	what->repeated = last ? last->generation : 0;
	struct flow first = { .seen = now };
	bpf_map_update_elem(&refusals, &key, &first, BPF_ANY);
	tell(what, who, number);
}
