/* SPDX-License-Identifier: GPL-2.0 */
/* Hooks where a process asks for something: create, bind, connect, send, receive, ask for the peer. */
#pragma once
#include "judge.h"

/* False on kernels without the helper (before 5.18); set before loading, so that the verifier never sees the call. */
const volatile __u32 can_choose_error = 0;

SEC("cgroup/sock_create")
int pp_sock_create(struct bpf_sock *sk)
{
	struct settings *s = get_settings();
	int is_tcp = sk->type == SOCK_STREAM && (sk->protocol == PROTO_TCP || sk->protocol == 0);
	int is_udp = sk->type == SOCK_DGRAM && (sk->protocol == PROTO_UDP || sk->protocol == 0);
	int is_ping = sk->type == SOCK_DGRAM && (sk->protocol == PROTO_ICMP || sk->protocol == PROTO_ICMPV6);
	if (!s || !(is_tcp || is_udp || (is_ping && (s->flags & PING))))
		goto refuse;
	struct sock_info *info = bpf_sk_storage_get(&sockets, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
	if (!info)
		goto refuse;
	note_process(&info->conn);
	return 1;
refuse:
	count(SOCKETS_REFUSED);
	return 0;
}

static __always_inline int is_proxy_port(const struct settings *s, __u16 port_network, __u8 protocol)
{
	__u16 port = bpf_ntohs(port_network);
	if (protocol == PROTO_TCP)
		return port_network != 0 && (port_network == s->egress_port || port_network == s->ingress_port);
	return s->slot_base != 0 && port > s->slot_base && port <= s->slot_base + s->slots;
}

/* While the proxy is away nobody may sit on its ports. */
static __always_inline int judge_bind(struct bpf_sock_addr *ctx)
{
	struct settings *s = get_settings();
	if (s && !is_proxy_port(s, ctx->user_port, ctx->protocol))
		return 1;
	count(BINDS_REFUSED);
	return 0;
}

SEC("cgroup/bind4")
int pp_bind4(struct bpf_sock_addr *ctx) { return judge_bind(ctx); }

SEC("cgroup/bind6")
int pp_bind6(struct bpf_sock_addr *ctx) { return judge_bind(ctx); }

/* True if a socket of the workload itself listens there. Only for loopback: a wildcard listener "matches" every address. */
static __always_inline int is_own_listener(struct bpf_sock_addr *ctx, const struct address *to)
{
	struct bpf_sock_tuple tuple = {};
	struct bpf_sock *listener;
	if (is_mapped(to)) {
		tuple.ipv4.daddr = to->w[3];
		tuple.ipv4.dport = ctx->user_port;
		listener = bpf_sk_lookup_tcp(ctx, &tuple, sizeof(tuple.ipv4), BPF_F_CURRENT_NETNS, 0);
	} else {
		__builtin_memcpy(tuple.ipv6.daddr, to->w, 16);
		tuple.ipv6.dport = ctx->user_port;
		listener = bpf_sk_lookup_tcp(ctx, &tuple, sizeof(tuple.ipv6), BPF_F_CURRENT_NETNS, 0);
	}
	if (!listener)
		return 0;
	int is_own = bpf_sk_storage_get(&sockets, listener, 0, 0) != 0;
	bpf_sk_release(listener);
	return is_own;
}

enum outcome { REFUSE = 0, GO = 1, TO_PROXY = 2, TO_SLOT = 3 };

/* The slot of a peer, a new one if it has none; 0 = there is none left. */
static __always_inline __u32 slot_for(const struct address *to, __u16 port)
{
	struct endpoint peer = { .address = *to, .port = port };
	__u32 *known = bpf_map_lookup_elem(&slot_of, &peer), slot = 0;
	if (known)
		return *known;
	if (bpf_map_pop_elem(&free_slots, &slot)) {
		count(SLOTS_EXHAUSTED);
		return 0;
	}
	bpf_map_update_elem(&slot_peer, &slot, &peer, BPF_ANY);
	if (bpf_map_update_elem(&slot_of, &peer, &slot, BPF_NOEXIST) == 0)
		return slot;
	struct endpoint nobody = {};
	bpf_map_update_elem(&slot_peer, &slot, &nobody, BPF_ANY);
	bpf_map_push_elem(&free_slots, &slot, 0); /* another thread was faster */
	known = bpf_map_lookup_elem(&slot_of, &peer);
	return known ? *known : 0;
}

/* The port of the proxy that stands for a peer whose datagrams policy wants to look into; 0 = the packets are judged by themselves. */
static __always_inline __u16 slot_port(const struct settings *s, const struct address *to, __u16 port)
{
	if (!s->slot_base || decide(get_generation(), EGRESS, to, PROTO_UDP, port) != PROXY)
		return 0;
	__u32 slot = slot_for(to, port);
	return slot ? bpf_htons(s->slot_base + slot) : 0;
}

static __always_inline int connect_datagram(struct bpf_sock_addr *ctx, const struct settings *s, struct sock_info *info, const struct address *to, __u8 family)
{
	__u16 port = slot_port(s, to, ctx->user_port);
	info->conn.verdict = DENY;
	if (!port)
		return GO; /* every packet is judged; name resolution connects to addresses only to learn its own */
	info->conn.dst = *to;
	info->conn.dport = ctx->user_port;
	info->conn.family = family;
	info->conn.verdict = SLOT;
	info->slot_port = port;
	return TO_SLOT;
}

static __always_inline int connect_stream(struct bpf_sock_addr *ctx, struct settings *s, struct sock_info *info, struct address *to, __u8 family)
{
	__u32 number = get_generation(), verdict;
	resolve_unspecified(to);
	int loops = is_loopback(to);
	__u8 is_own = 0;
	if (loops && is_proxy_port(s, ctx->user_port, PROTO_TCP)) {
		verdict = DENY;
	} else if (loops && (s->flags & LOOPBACK_OPEN) && ctx->user_port != bpf_htons(53)) {
		verdict = ALLOW;
		is_own = 1;
	} else if (loops && is_own_listener(ctx, to)) {
		verdict = ALLOW;
		is_own = 1;
	} else {
		verdict = decide(number, EGRESS, to, PROTO_TCP, ctx->user_port);
		if (verdict == PROXY && s->egress_port == 0)
			verdict = DENY;
	}
	info->conn.dst = *to;
	info->conn.dport = ctx->user_port;
	info->conn.family = family;
	info->conn.verdict = verdict;
	info->conn.generation = number;
	info->conn.cookie = bpf_get_socket_cookie(ctx);
	info->direction = EGRESS;
	info->is_own = is_own;
	info->shows_client = 0;
	note_process(&info->conn);
	if (verdict == PROXY) {
		if ((s->flags & NO_IPV6) && !is_mapped(to) && !loops) {
			info->conn.verdict = DENY;
			if (can_choose_error)
				bpf_set_retval(-ENETUNREACH_);
			return REFUSE;
		}
		char none[4] = {};
		bpf_setsockopt(ctx, SOL_SOCKET_, SO_BINDTODEVICE_, none, 1); /* the way to the proxy is loopback */
		count(REDIRECTED);
		return TO_PROXY;
	}
	if (is_own)
		return GO;
	struct report what = { .peer = *to, .peer_port = bpf_ntohs(ctx->user_port), .protocol = PROTO_TCP, .direction = EGRESS, .verdict = verdict };
	if (verdict == ALLOW) {
		tell_allowed(s, &what, &info->conn, number);
		return GO;
	}
	count(DENIED);
	tell(&what, &info->conn, number);
	return REFUSE;
}

static __always_inline int judge_connect(struct bpf_sock_addr *ctx, struct settings *s, struct address *to, __u8 family)
{
	struct bpf_sock *sk = ctx->sk;
	if (!sk)
		return REFUSE;
	count(CONNECTS);
	struct sock_info *info = bpf_sk_storage_get(&sockets, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
	if (!info)
		return REFUSE;
	switch (ctx->protocol) {
	case PROTO_TCP:
		return connect_stream(ctx, s, info, to, family);
	case PROTO_UDP:
		return connect_datagram(ctx, s, info, to, family);
	default:
		return GO; /* ping sockets: the packet filter judges the ICMP type */
	}
}

/* Where a call goes that does not go where it was meant to. */
static __always_inline __u16 new_port(struct bpf_sock_addr *ctx, const struct settings *s, int outcome)
{
	if (outcome == TO_PROXY)
		return s->egress_port;
	struct bpf_sock *sk = ctx->sk;
	struct sock_info *info = sk ? bpf_sk_storage_get(&sockets, sk, 0, 0) : 0;
	return info ? info->slot_port : 0;
}

SEC("cgroup/connect4")
int pp_connect4(struct bpf_sock_addr *ctx)
{
	struct settings *s = get_settings();
	struct address to = mapped(ctx->user_ip4);
	if (!s)
		return REFUSE;
	int outcome = judge_connect(ctx, s, &to, AF_INET);
	if (outcome < TO_PROXY)
		return outcome;
	ctx->user_port = new_port(ctx, s, outcome);
	ctx->user_ip4 = s->proxy4;
	return GO;
}

static __always_inline void to_proxy6(struct bpf_sock_addr *ctx, const struct settings *s, int is_mapped_call)
{
	ctx->user_ip6[0] = is_mapped_call ? 0 : s->proxy6.w[0];
	ctx->user_ip6[1] = is_mapped_call ? 0 : s->proxy6.w[1];
	ctx->user_ip6[2] = is_mapped_call ? bpf_htonl(0xffff) : s->proxy6.w[2];
	ctx->user_ip6[3] = is_mapped_call ? s->proxy4 : s->proxy6.w[3];
}

static __always_inline struct address user_address6(struct bpf_sock_addr *ctx)
{
	return (struct address){ .w = { ctx->user_ip6[0], ctx->user_ip6[1], ctx->user_ip6[2], ctx->user_ip6[3] } };
}

SEC("cgroup/connect6")
int pp_connect6(struct bpf_sock_addr *ctx)
{
	struct settings *s = get_settings();
	struct address to = user_address6(ctx);
	if (!s)
		return REFUSE;
	int outcome = judge_connect(ctx, s, &to, AF_INET6);
	if (outcome < TO_PROXY)
		return outcome;
	ctx->user_port = new_port(ctx, s, outcome);
	to_proxy6(ctx, s, is_mapped(&to));
	return GO;
}

SEC("cgroup/sendmsg4")
int pp_sendmsg4(struct bpf_sock_addr *ctx)
{
	struct settings *s = get_settings();
	struct address to = mapped(ctx->user_ip4);
	__u16 port = s ? slot_port(s, &to, ctx->user_port) : 0;
	if (port) {
		ctx->user_ip4 = s->proxy4;
		ctx->user_port = port;
	}
	return GO;
}

SEC("cgroup/sendmsg6")
int pp_sendmsg6(struct bpf_sock_addr *ctx)
{
	struct settings *s = get_settings();
	struct address to = user_address6(ctx);
	__u16 port = s ? slot_port(s, &to, ctx->user_port) : 0;
	if (port) {
		to_proxy6(ctx, s, is_mapped(&to));
		ctx->user_port = port;
	}
	return GO;
}

/* The peer whose datagrams come from this port of the proxy. */
static __always_inline struct endpoint *peer_of_slot(const struct address *from, __u16 port_network)
{
	struct settings *s = get_settings();
	if (!s || !s->slot_base || !is_loopback(from))
		return 0;
	__u32 slot = bpf_ntohs(port_network) - s->slot_base;
	if (slot == 0 || slot > s->slots || slot >= 256)
		return 0;
	struct endpoint *peer = bpf_map_lookup_elem(&slot_peer, &slot);
	return peer && peer->port ? peer : 0;
}

/* linux/in.h, linux/in6.h */
enum { IP_JOIN = 35, IP_JOIN_SOURCE = 39, IP_FILTER = 41, GROUP_JOIN = 42, GROUP_JOIN_SOURCE = 46, GROUP_FILTER = 48, IPV6_JOIN = 20, IPV6_JOIN_ANY = 27 };

/*
 * Groups are joined with packets of the kernel's own (IGMP, MLD), which no filter of a cgroup sees and whose content the caller chooses.
 * No policy can allow IGMP. Larger options than a page reach the program cut off; saying 0 leaves them to the kernel.
 */
SEC("cgroup/setsockopt")
int pp_options(struct bpf_sockopt *ctx)
{
	int level = ctx->level, name = ctx->optname;
	int is_any = name == GROUP_JOIN || name == GROUP_JOIN_SOURCE || name == GROUP_FILTER;
	if ((level == SOL_IP_ && (is_any || name == IP_JOIN || name == IP_JOIN_SOURCE || name == IP_FILTER)) ||
	    (level == SOL_IPV6_ && (is_any || name == IPV6_JOIN || name == IPV6_JOIN_ANY)))
		return 0;
	if (ctx->optlen > 4096)
		ctx->optlen = 0;
	return 1;
}

SEC("cgroup/recvmsg4")
int pp_recvmsg4(struct bpf_sock_addr *ctx)
{
	struct address from = mapped(ctx->user_ip4);
	struct endpoint *peer = peer_of_slot(&from, ctx->user_port);
	if (peer) {
		ctx->user_ip4 = peer->address.w[3];
		ctx->user_port = peer->port;
	}
	return GO;
}

static __always_inline void show6(struct bpf_sock_addr *ctx, const struct address *a, __u16 port)
{
	ctx->user_ip6[0] = a->w[0];
	ctx->user_ip6[1] = a->w[1];
	ctx->user_ip6[2] = a->w[2];
	ctx->user_ip6[3] = a->w[3];
	ctx->user_port = port;
}

SEC("cgroup/recvmsg6")
int pp_recvmsg6(struct bpf_sock_addr *ctx)
{
	struct address from = user_address6(ctx);
	struct endpoint *peer = peer_of_slot(&from, ctx->user_port);
	if (peer)
		show6(ctx, &peer->address, peer->port);
	return GO;
}

/* The peer a program believes to talk to; null = the one it really talks to. */
static __always_inline struct conn_info *believed_peer(struct bpf_sock_addr *ctx)
{
	struct bpf_sock *sk = ctx->sk;
	struct sock_info *info = sk ? bpf_sk_storage_get(&sockets, sk, 0, 0) : 0;
	return info && (info->shows_client || info->conn.verdict >= PROXY) ? &info->conn : 0;
}

SEC("cgroup/getpeername4")
int pp_getpeername4(struct bpf_sock_addr *ctx)
{
	struct conn_info *peer = believed_peer(ctx);
	if (peer && is_mapped(&peer->dst)) {
		ctx->user_ip4 = peer->dst.w[3];
		ctx->user_port = peer->dport;
	}
	return GO;
}

SEC("cgroup/getpeername6")
int pp_getpeername6(struct bpf_sock_addr *ctx)
{
	struct conn_info *peer = believed_peer(ctx);
	if (peer)
		show6(ctx, &peer->dst, peer->dport);
	return GO;
}
