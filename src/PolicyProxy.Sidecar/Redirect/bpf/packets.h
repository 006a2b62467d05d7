/* SPDX-License-Identifier: GPL-2.0 */
/* The wall: whatever got past the calls is judged by its packets. */
#pragma once
#include "judge.h"

enum pass { DROP = 0, PASS = 1 };

struct ipv4_header { __u8 version_ihl, tos; __u16 length, id, fragment; __u8 ttl, protocol; __u16 checksum; __u32 src, dst; };
struct ipv6_header { __u32 version_flow; __u16 length; __u8 next, hops; struct address src, dst; };

struct packet {
	struct address src, dst;
	__u16 sport, dport; /* network order; ICMP has its type in dport */
	__u8 protocol;
};

/* False for what cannot be judged by its first header: options (a source route hides the destination), fragments, extension headers. */
static __always_inline int read_packet(struct __sk_buff *skb, struct packet *p)
{
	__u32 transport;
	__u16 ports[2] = {};
	if (skb->protocol == bpf_htons(ETH_IPV4)) {
		struct ipv4_header h;
		if (bpf_skb_load_bytes(skb, 0, &h, sizeof(h)) || h.version_ihl != 0x45 || (h.fragment & bpf_htons(0x3fff)))
			return 0;
		p->src = mapped(h.src);
		p->dst = mapped(h.dst);
		p->protocol = h.protocol;
		transport = sizeof(h);
	} else if (skb->protocol == bpf_htons(ETH_IPV6)) {
		struct ipv6_header h;
		if (bpf_skb_load_bytes(skb, 0, &h, sizeof(h)))
			return 0;
		p->src = h.src;
		p->dst = h.dst;
		p->protocol = h.next;
		transport = sizeof(h);
	} else {
		return 0;
	}
	switch (p->protocol) {
	case PROTO_TCP:
	case PROTO_UDP:
		if (bpf_skb_load_bytes(skb, transport, ports, sizeof(ports)))
			return 0;
		p->sport = ports[0];
		p->dport = ports[1];
		return 1;
	case PROTO_ICMP:
	case PROTO_ICMPV6:
		if (bpf_skb_load_bytes(skb, transport, ports, 1))
			return 0;
		p->dport = bpf_htons(*(__u8 *)ports);
		return 1;
	default:
		return 0;
	}
}

static __always_inline struct report report_of(const struct packet *p, __u8 direction, __u32 verdict)
{
	return (struct report){
		.local = direction == EGRESS ? p->src : p->dst,
		.peer = direction == EGRESS ? p->dst : p->src,
		.local_port = bpf_ntohs(direction == EGRESS ? p->sport : p->dport),
		.peer_port = bpf_ntohs(direction == EGRESS ? p->dport : p->sport),
		.protocol = p->protocol,
		.direction = direction,
		.verdict = verdict,
	};
}

/* A connection that was admitted by an earlier policy is judged by the one in force, once. */
static __always_inline int is_still_allowed(struct sock_info *info, const struct packet *p, __u16 local_port, __u32 number)
{
	if (info->conn.verdict == ALLOW && (info->is_own || info->conn.generation == number))
		return 1;
	if (info->conn.verdict != ALLOW)
		return 0;
	__u16 port = info->direction == EGRESS ? info->conn.dport : bpf_htons(local_port);
	__u32 verdict = decide(number, info->direction, &info->conn.dst, PROTO_TCP, port);
	info->conn.generation = number;
	if (verdict == ALLOW)
		return 1;
	info->conn.verdict = DENY; /* also when it would need the proxy now: that is too late for an open connection */
	struct report what = report_of(p, info->direction, DENY);
	what.peer = info->conn.dst;
	what.peer_port = bpf_ntohs(info->direction == EGRESS ? info->conn.dport : (p->dport == bpf_htons(local_port) ? p->sport : p->dport));
	tell(&what, &info->conn, number);
	return 0;
}

/* Another socket of this workload, reached over loopback. */
static __always_inline int is_own_peer(struct __sk_buff *skb, const struct packet *p, __u8 direction)
{
	struct bpf_sock_tuple tuple = {};
	struct bpf_sock *peer;
	int out = direction == EGRESS;
	if (is_mapped(&p->dst)) {
		tuple.ipv4.saddr = out ? p->src.w[3] : p->dst.w[3];
		tuple.ipv4.daddr = out ? p->dst.w[3] : p->src.w[3];
		tuple.ipv4.sport = out ? p->sport : p->dport;
		tuple.ipv4.dport = out ? p->dport : p->sport;
		peer = p->protocol == PROTO_TCP ? bpf_sk_lookup_tcp(skb, &tuple, sizeof(tuple.ipv4), BPF_F_CURRENT_NETNS, 0)
						: bpf_sk_lookup_udp(skb, &tuple, sizeof(tuple.ipv4), BPF_F_CURRENT_NETNS, 0);
	} else {
		__builtin_memcpy(tuple.ipv6.saddr, out ? p->src.w : p->dst.w, 16);
		__builtin_memcpy(tuple.ipv6.daddr, out ? p->dst.w : p->src.w, 16);
		tuple.ipv6.sport = out ? p->sport : p->dport;
		tuple.ipv6.dport = out ? p->dport : p->sport;
		peer = p->protocol == PROTO_TCP ? bpf_sk_lookup_tcp(skb, &tuple, sizeof(tuple.ipv6), BPF_F_CURRENT_NETNS, 0)
						: bpf_sk_lookup_udp(skb, &tuple, sizeof(tuple.ipv6), BPF_F_CURRENT_NETNS, 0);
	}
	if (!peer)
		return 0;
	int is_own = bpf_sk_storage_get(&sockets, peer, 0, 0) != 0;
	bpf_sk_release(peer);
	return is_own;
}

static __always_inline int is_slot_port(const struct settings *s, __u16 port_network)
{
	__u16 port = bpf_ntohs(port_network);
	return s->slot_base != 0 && port > s->slot_base && port <= s->slot_base + s->slots;
}

/* False for a socket that was connected to a peer whose slot stands for another one now: its datagrams would go there. */
static __always_inline int is_peer_there(const struct settings *s, const struct sock_info *info, const struct packet *p)
{
	if (!info || info->conn.verdict != SLOT || info->slot_port != p->dport)
		return 1;
	__u32 slot = bpf_ntohs(p->dport) - s->slot_base;
	struct endpoint *peer = bpf_map_lookup_elem(&slot_peer, &slot);
	return peer && peer->port == info->conn.dport && is_same(&peer->address, &info->conn.dst);
}

/* Whom a slot of the proxy hears: the workload, and which process of it. */
static __always_inline void note_asker(struct __sk_buff *skb, const struct sock_info *info, const struct packet *p)
{
	struct asker_key key = { .address = p->src, .port = p->sport };
	__u64 cookie = bpf_get_socket_cookie(skb);
	struct conn_info *known = bpf_map_lookup_elem(&askers, &key);
	if (known && known->cookie == cookie)
		return;
	struct conn_info asker = {};
	if (info)
		asker = info->conn;
	asker.cookie = cookie;
	bpf_map_update_elem(&askers, &key, &asker, BPF_ANY);
}

/* Datagrams and pings: allowed by policy, or the answer to one that was. */
static __always_inline int judge_datagram(struct __sk_buff *skb, struct settings *s, struct sock_info *info, const struct packet *p, __u8 direction)
{
	const struct address *peer = direction == EGRESS ? &p->dst : &p->src;
	if (is_loopback(peer) && p->protocol == PROTO_UDP) {
		__u16 peer_port = direction == EGRESS ? p->dport : p->sport;
		if (is_slot_port(s, peer_port)) {
			if (direction == EGRESS && !is_peer_there(s, info, p))
				return DROP;
			if (direction == EGRESS)
				note_asker(skb, info, p);
			return PASS;
		}
		if ( ((s->flags & LOOPBACK_OPEN) && peer_port != bpf_htons(53)) || is_own_peer(skb, p, direction))
			return PASS;
	}
	if (direction == INGRESS && p->protocol != PROTO_UDP)
		return PASS; /* echo replies to ping sockets: the only thing they receive is what they asked for */
	__u32 number = get_generation();
	__u64 now = bpf_ktime_get_ns(), cookie = bpf_get_socket_cookie(skb);
	struct flow_key key = { .cookie = cookie, .peer = *peer, .port = direction == EGRESS ? p->dport : p->sport, .direction = direction };
	struct flow *known = bpf_map_lookup_elem(&flows, &key);
	if (known && known->generation == number && now - known->seen < FLOW_LIFETIME) {
		known->seen = now;
		return PASS;
	}
	if (decide(number, direction, peer, p->protocol, p->dport) == ALLOW) {
		struct flow fresh = { .seen = now, .generation = number };
		bpf_map_update_elem(&flows, &key, &fresh, BPF_ANY);
		struct report what = report_of(p, direction, ALLOW);
		tell_allowed(s, &what, info ? &info->conn : 0, number);
		return PASS;
	}
	key.direction = direction == EGRESS ? INGRESS : EGRESS;
	known = bpf_map_lookup_elem(&flows, &key);
	if (known && known->generation == number && now - known->seen < FLOW_LIFETIME)
		return PASS;
	struct report what = report_of(p, direction, DENY);
	tell_refusal(&what, info ? &info->conn : 0, cookie, number);
	return DROP;
}

/*
 * An IPv6 socket may be bound to anybody's address. Over loopback its packet would reach a socket of this machine, whose answer (a SYN-ACK,
 * a datagram that policy lets through because it is an answer) would then go to that address, wherever policy says.
 */
static __always_inline int is_forged(struct __sk_buff *skb, const struct packet *p)
{
	return skb->ifindex == LOOPBACK_IFINDEX && !is_loopback(&p->src) && !is_same(&p->src, &p->dst) && !is_own_address(&p->src);
}

/* TCP with nothing between its header and a plain IP header; false for all that read_packet() has to look at. */
static __always_inline int is_plain_tcp(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	if (skb->protocol == bpf_htons(ETH_IPV4)) {
		struct ipv4_header *h = data;
		return (void *)(h + 1) <= end && h->version_ihl == 0x45 && !(h->fragment & bpf_htons(0x3fff)) && h->protocol == PROTO_TCP;
	}
	struct ipv6_header *h = data;
	return skb->protocol == bpf_htons(ETH_IPV6) && (void *)(h + 1) <= end && h->next == PROTO_TCP;
}

/*
 * Most packets: of a connection that the policy in force has admitted. Its socket says where they go and come from, so their addresses
 * need no reading. Over loopback they do, see is_forged().
 */
static __always_inline int is_admitted(struct __sk_buff *skb, const struct bpf_sock *sk, const struct sock_info *info)
{
	return info && info->conn.verdict == ALLOW && sk->state != BPF_TCP_LISTEN && skb->ifindex != LOOPBACK_IFINDEX &&
	       info->conn.generation == get_generation() && is_plain_tcp(skb);
}

static __always_inline int judge_outgoing(struct __sk_buff *skb)
{
	struct settings *s = get_settings();
	struct bpf_sock *sk = skb->sk;
	struct packet p = {};
	if (!s || !sk || !(sk = bpf_sk_fullsock(sk)))
		return DROP;
	struct sock_info *info = bpf_sk_storage_get(&sockets, sk, 0, 0);
	if (is_admitted(skb, sk, info))
		return PASS;
	if (!read_packet(skb, &p) || is_forged(skb, &p))
		return DROP;
	if (p.protocol != PROTO_TCP)
		return judge_datagram(skb, s, info, &p, EGRESS);
	if (sk->state == BPF_TCP_LISTEN)
		return PASS; /* SYN-ACK to a SYN that came in past the ingress filter */
	if (!info)
		return DROP;
	if (info->conn.verdict == PROXY)
		return is_loopback(&p.dst) && p.dport == s->egress_port ? PASS : DROP;
	return is_still_allowed(info, &p, sk->src_port, get_generation());
}

static __always_inline int judge_syn(struct __sk_buff *skb, struct settings *s, struct sock_info *info, const struct packet *p)
{
	if (is_loopback(&p->src) && ((s->flags & LOOPBACK_OPEN) || is_own_peer(skb, p, INGRESS)))
		return PASS;
	__u32 number = get_generation();
	if (decide(number, INGRESS, &p->src, PROTO_TCP, p->dport) == ALLOW)
		return PASS; /* told when the connection is established */
	struct report what = report_of(p, INGRESS, DENY);
	tell_refusal(&what, info ? &info->conn : 0, bpf_get_socket_cookie(skb), number);
	return DROP; /* also what needs the proxy: it has arrived past it */
}

static __always_inline int judge_incoming(struct __sk_buff *skb)
{
	struct settings *s = get_settings();
	struct bpf_sock *sk = skb->sk;
	struct packet p = {};
	if (!s || !sk || !(sk = bpf_sk_fullsock(sk)))
		return DROP;
	struct sock_info *info = bpf_sk_storage_get(&sockets, sk, 0, 0);
	if (is_admitted(skb, sk, info))
		return PASS;
	if (!read_packet(skb, &p))
		return DROP;
	if (p.protocol != PROTO_TCP)
		return judge_datagram(skb, s, info, &p, INGRESS);
	if (sk->state == BPF_TCP_LISTEN)
		return judge_syn(skb, s, info, &p);
	if (!info)
		return DROP;
	if (info->conn.verdict == PROXY)
		return PASS; /* from the proxy: its connection was judged */
	return is_still_allowed(info, &p, sk->src_port, get_generation());
}

static __always_inline int counted(int pass)
{
	count(pass ? PACKETS_PASSED : PACKETS_DROPPED);
	return pass;
}

SEC("cgroup_skb/egress")
int pp_egress(struct __sk_buff *skb) { return counted(judge_outgoing(skb)); }

SEC("cgroup_skb/ingress")
int pp_ingress(struct __sk_buff *skb) { return counted(judge_incoming(skb)); }

/* Frames that packet sockets of the workload put on a device; nothing else can make them. */
SEC("tc")
int pp_frames(struct __sk_buff *skb)
{
	struct settings *s = get_settings();
	struct bpf_sock *sk = skb->sk;
	if (!sk || sk->family != AF_PACKET)
		return -1; /* TC_ACT_UNSPEC: other filters go on */
	if (s && bpf_skb_ancestor_cgroup_id(skb, s->workload_level) != s->workload_cgroup)
		return -1;
	count(FRAMES_DROPPED);
	return 2; /* TC_ACT_SHOT */
}
