/* SPDX-License-Identifier: GPL-2.0 */
/* How the original destination reaches the proxy, and the true client the application. */
#pragma once
#include "judge.h"

/*
 *   client:  connect hook ── sockets[client] ── TCP_CONNECT_CB ──► pending[source address and port]      (before the SYN leaves)
 *   proxy:                   sockets[accepted] ◄── PASSIVE_ESTABLISHED_CB ──┘   ──► getsockopt
 * The other way round for inbound connections: the proxy names the client with setsockopt, the application's socket gets it.
 * TCP_CONNECT_CB and not ACTIVE_ESTABLISHED_CB: with TCP Fast Open the proxy accepts before the client is established.
 */
static __always_inline void key_of(struct bpf_sock_ops *ops, struct tuple_key *key, int is_remote)
{
	__builtin_memset(key, 0, sizeof(*key));
	key->netns = bpf_get_netns_cookie(ops);
	/* The load has to stay in front of the branch: merged with the IPv6 loads it would go through a modified context pointer. */
	__u32 ip4 = is_remote ? ops->remote_ip4 : ops->local_ip4;
	asm volatile("" : "+r"(ip4));
	if (ops->family == AF_INET) {
		key->src = mapped(ip4);
	} else if (is_remote) {
		key->src.w[0] = ops->remote_ip6[0];
		key->src.w[1] = ops->remote_ip6[1];
		key->src.w[2] = ops->remote_ip6[2];
		key->src.w[3] = ops->remote_ip6[3];
	} else {
		key->src.w[0] = ops->local_ip6[0];
		key->src.w[1] = ops->local_ip6[1];
		key->src.w[2] = ops->local_ip6[2];
		key->src.w[3] = ops->local_ip6[3];
	}
	key->sport = is_remote ? bpf_ntohl(ops->remote_port) : ops->local_port;
}

static __always_inline void publish(struct bpf_sock_ops *ops, struct bpf_sock *sk)
{
	struct sock_info *info = bpf_sk_storage_get(&sockets, sk, 0, 0);
	struct tuple_key key;
	if (!info || (info->conn.verdict != PROXY && !info->is_own))
		return;
	key_of(ops, &key, 0);
	bpf_map_update_elem(&pending, &key, &info->conn, BPF_ANY);
	bpf_sock_ops_cb_flags_set(ops, ops->bpf_sock_ops_cb_flags | BPF_SOCK_OPS_STATE_CB_FLAG);
	count(PUBLISHED);
}

static __always_inline void forget(struct bpf_sock_ops *ops, struct bpf_sock *sk)
{
	struct sock_info *info = bpf_sk_storage_get(&sockets, sk, 0, 0);
	struct tuple_key key;
	if (!info || (info->conn.verdict != PROXY && !info->is_own))
		return;
	key_of(ops, &key, 0);
	if (bpf_map_delete_elem(&pending, &key) == 0)
		count(FORGOTTEN);
}

SEC("sockops")
int pp_proxy_sockops(struct bpf_sock_ops *ops)
{
	struct bpf_sock *sk = ops->sk;
	struct tuple_key key;
	if (!sk)
		return 1;
	switch (ops->op) {
	case BPF_SOCK_OPS_TCP_CONNECT_CB:
		publish(ops, sk);
		break;
	case BPF_SOCK_OPS_STATE_CB:
		if (ops->args[1] == BPF_TCP_CLOSE)
			forget(ops, sk);
		break;
	case BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB:
		key_of(ops, &key, 1);
		struct conn_info *conn = bpf_map_lookup_elem(&pending, &key);
		if (!conn) {
			count(UNCLAIMED);
			break;
		}
		struct sock_info accepted = { .conn = *conn };
		bpf_sk_storage_get(&sockets, sk, &accepted, BPF_SK_STORAGE_GET_F_CREATE);
		bpf_map_delete_elem(&pending, &key);
		count(CLAIMED);
		break;
	}
	return 1;
}

/* A connection to the workload that its ingress filter let in. */
static __always_inline void admit(struct bpf_sock_ops *ops, struct bpf_sock *sk)
{
	struct settings *s = get_settings();
	struct tuple_key key;
	key_of(ops, &key, 1);
	struct sock_info *info = bpf_sk_storage_get(&sockets, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
	if (!info || !s)
		return;
	__u32 number = get_generation();
	struct conn_info *conn = bpf_map_lookup_elem(&pending, &key);
	int loops = is_loopback(&key.src);
	info->direction = INGRESS;
	info->is_own = loops && (conn || (s->flags & LOOPBACK_OPEN));
	info->shows_client = conn && conn->verdict == PROXY; /* else the other end is the workload's own */
	info->conn.dst = info->shows_client ? conn->dst : key.src;
	info->conn.dport = info->shows_client ? conn->dport : bpf_htons(key.sport);
	info->conn.verdict = ALLOW;
	info->conn.generation = number;
	if (conn) {
		bpf_map_delete_elem(&pending, &key);
		count(CLAIMED);
	} else if (!info->is_own) {
		struct report what = {
			.peer = key.src, .peer_port = key.sport, .local_port = ops->local_port,
			.protocol = PROTO_TCP, .direction = INGRESS, .verdict = ALLOW,
		};
		key_of(ops, &key, 0);
		what.local = key.src;
		tell_allowed(s, &what, &info->conn, number);
	}
}

SEC("sockops")
int pp_sockops(struct bpf_sock_ops *ops)
{
	struct bpf_sock *sk = ops->sk;
	if (!sk)
		return 1;
	switch (ops->op) {
	case BPF_SOCK_OPS_TCP_CONNECT_CB:
		publish(ops, sk);
		break;
	case BPF_SOCK_OPS_STATE_CB:
		if (ops->args[1] == BPF_TCP_CLOSE)
			forget(ops, sk);
		break;
	case BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB:
		admit(ops, sk);
		break;
	}
	return 1;
}

/* Larger options than a page reach the program cut off; saying 0 leaves them to the kernel. */
SEC("cgroup/getsockopt")
int pp_getsockopt(struct bpf_sockopt *ctx)
{
	struct conn_info *out = ctx->optval;
	void *end = ctx->optval_end;
	if (ctx->level != SOL_POLICYPROXY || ctx->optname != PP_ORIGINAL) {
		if (ctx->optlen > 4096)
			ctx->optlen = 0;
		return 1;
	}
	struct bpf_sock *sk = ctx->sk;
	struct sock_info *info = sk ? bpf_sk_storage_get(&sockets, sk, 0, 0) : 0;
	if (!info || info->conn.verdict != PROXY)
		return 1; /* the kernel does not know the option and says so */
	if ((void *)(out + 1) > end)
		return 0;
	*out = info->conn;
	ctx->optlen = sizeof(*out);
	asm volatile("" ::: "memory"); /* two stores: the context takes none of eight bytes */
	ctx->retval = 0;
	return 1;
}

SEC("cgroup/setsockopt")
int pp_setsockopt(struct bpf_sockopt *ctx)
{
	struct conn_info *in = ctx->optval;
	void *end = ctx->optval_end;
	if (ctx->level != SOL_POLICYPROXY || ctx->optname != PP_CLIENT) {
		if (ctx->optlen > 4096)
			ctx->optlen = 0;
		return 1;
	}
	struct bpf_sock *sk = ctx->sk;
	if ((void *)(in + 1) > end || !sk)
		return 0;
	struct sock_info *info = bpf_sk_storage_get(&sockets, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
	if (!info)
		return 0;
	info->conn = *in;
	info->conn.verdict = PROXY;
	ctx->optlen = -1; /* done here, not by the kernel */
	return 1;
}

/* Runs for every inbound connection of the network namespace. */
SEC("sk_lookup")
int pp_sk_lookup(struct bpf_sk_lookup *ctx)
{
	struct settings *s = get_settings();
	if (ctx->protocol != PROTO_TCP || ctx->ingress_ifindex == LOOPBACK_IFINDEX)
		return SK_PASS; /* the proxy's own connection to the application, and local clients */
	if (!s || !(s->flags & INGRESS_PROXY))
		return SK_PASS;
	struct address from;
	__u32 place = ctx->family == AF_INET ? 0 : 1;
	__u32 ip4 = ctx->remote_ip4;
	asm volatile("" : "+r"(ip4));
	if (place == 0) {
		from = mapped(ip4);
	} else {
		from.w[0] = ctx->remote_ip6[0];
		from.w[1] = ctx->remote_ip6[1];
		from.w[2] = ctx->remote_ip6[2];
		from.w[3] = ctx->remote_ip6[3];
	}
	if (decide(get_generation(), INGRESS, &from, PROTO_TCP, bpf_htons(ctx->local_port)) != PROXY)
		return SK_PASS; /* the packet filter has the verdict */
	struct bpf_sock *listener = bpf_map_lookup_elem(&ingress_listeners, &place);
	if (!listener)
		return SK_DROP; /* the proxy is gone: closed */
	long error = bpf_sk_assign(ctx, listener, 0);
	bpf_sk_release(listener);
	return error ? SK_DROP : SK_PASS;
}
