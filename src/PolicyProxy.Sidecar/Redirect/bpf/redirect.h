/* SPDX-License-Identifier: GPL-2.0 */
/* Maps and types of the shim. The layouts are mirrored in ../KernelTypes.cs; a test compares both. */
#pragma once
#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define AF_INET 2
#define AF_INET6 10
#define AF_PACKET 17
#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define ETH_IPV4 0x0800
#define ETH_IPV6 0x86dd
#define PROTO_ICMP 1
#define PROTO_TCP 6
#define PROTO_UDP 17
#define PROTO_ICMPV6 58
#define SOL_SOCKET_ 1
#define SO_BINDTODEVICE_ 25
#define SOL_IP_ 0
#define SOL_IPV6_ 41
#define SOL_POLICYPROXY 0x5050
#define PP_ORIGINAL 1
#define PP_CLIENT 2
#define ENETUNREACH_ 101
#define LOOPBACK_IFINDEX 1
#define FIRST_GENERATION 1

enum direction { EGRESS = 0, INGRESS = 1 };

/* SLOT is a datagram socket whose peer was replaced by the proxy's socket for that peer. */
enum verdict { DENY = 0, ALLOW = 1, PROXY = 2, SLOT = 3 };

/* Addresses have 16 bytes in network order everywhere; IPv4 is ::ffff:a.b.c.d. */
struct address { __u32 w[4]; };

struct conn_info {
	struct address dst;  /* original destination; for an accepted connection the client */
	__u16 dport;         /* network order */
	__u8 family;         /* of the call: AF_INET6 with a mapped address is a dual-stack socket */
	__u8 verdict;
	__u32 uid;
	__u64 cgroup_id;
	__u64 cookie;
	__u32 tgid;
	__u32 generation;
	__u8 comm[16];
};
_Static_assert(sizeof(struct conn_info) == 64, "read by the proxy");

/* What is known of a workload's socket. Lives and dies with it. */
struct sock_info {
	struct conn_info conn;
	__u8 direction;
	__u8 is_own;         /* the other end is a socket of the same workload, or its proxy */
	__u8 shows_client;   /* an accepted connection from the proxy: conn.dst is the true client */
	__u8 pad;
	__u16 slot_port;     /* network order; where a connected datagram socket really sends to */
	__u8 pad2[2];
};

struct tuple_key {
	__u64 netns;
	struct address src;
	__u32 sport;         /* host order */
	__u32 pad;
};

struct prefix_key { __u32 length; struct address address; };

#define OWN_ADDRESS 0x80000000u /* beside the number of the group in `peers`: an address of this machine */

/* The first 48 bits are always given, then 0 to 16 bits of the port: a range is a few prefixes. */
struct rule_key {
	__u32 length;
	__u32 peers;         /* what `peers` says of the address */
	__u8 direction;
	__u8 protocol;
	__u16 port;          /* network order; for ICMP the type */
};

struct settings {
	struct address proxy6;
	__u32 proxy4;
	__u32 flags;
	__u64 workload_cgroup;
	__u32 workload_level;
	__u16 egress_port;   /* network order, 0 = nobody listens */
	__u16 ingress_port;
	__u16 slot_base;     /* host order; slot n has port slot_base + n; 0 = no slots */
	__u16 slots;         /* number of slots */
	__u32 pad;
};
enum flag {
	LOOPBACK_OPEN = 1,   /* loopback belongs to the workload alone (a pod), so it is not judged */
	PING = 2,            /* some ICMP is allowed: ping sockets may exist */
	NO_IPV6 = 4,         /* the machine has no IPv6 route: say so instead of accepting for nothing */
	INGRESS_PROXY = 8,   /* inbound connections that need layer 7 have a proxy to go to */
	TELL_ALLOWED = 16,   /* somebody wants to know of everything; else what is allowed is only counted */
};

struct endpoint { struct address address; __u16 port; __u16 pad; };
struct flow_key { __u64 cookie; struct address peer; __u16 port; __u16 direction; __u32 pad; };
struct flow { __u64 seen; __u32 generation; __u32 pad; };

struct event {
	__u64 time;          /* CLOCK_MONOTONIC */
	struct address local;
	struct address peer;
	__u16 local_port;    /* host order */
	__u16 peer_port;     /* host order; for ICMP the type */
	__u8 protocol;
	__u8 direction;
	__u8 verdict;
	__u8 pad;
	__u64 cgroup_id;
	__u32 tgid;
	__u32 uid;
	__u32 generation;
	__u32 repeated;      /* how often the same was refused since it was last told */
	__u8 comm[16];
};
_Static_assert(sizeof(struct event) == 88, "read by the proxy");

enum counter {
	CONNECTS, ALLOWED, DENIED, REDIRECTED, PUBLISHED, CLAIMED, UNCLAIMED, FORGOTTEN, PACKETS_PASSED, PACKETS_DROPPED,
	SOCKETS_REFUSED, BINDS_REFUSED, EVENTS_LOST, FRAMES_DROPPED, SLOTS_EXHAUSTED, COUNTERS
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct settings);
} settings SEC(".maps");

/*
 * Number of the policy in force, 0 = none yet. The tables of the first are first_peers and first_rules, of every later one those in place
 * generation % 2: written first, switched to with one store. (The kernel waits for some 10 ms when a place gets another table.)
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} generation SEC(".maps");

struct peers_table {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 16);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(key_size, sizeof(struct prefix_key));
	__uint(value_size, sizeof(__u32));
};
struct rules_table {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 16);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(key_size, sizeof(struct rule_key));
	__uint(value_size, sizeof(__u32));
};
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 1 << 20);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(key_size, sizeof(struct prefix_key));
	__uint(value_size, sizeof(__u32));
} first_peers SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 1 << 20);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(key_size, sizeof(struct rule_key));
	__uint(value_size, sizeof(__u32));
} first_rules SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 2);
	__type(key, __u32);
	__array(values, struct peers_table);
} peers SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 2);
	__type(key, __u32);
	__array(values, struct rules_table);
} rules SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct sock_info);
} sockets SEC(".maps");

/* From the SYN of a redirected connection to its acceptance. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct tuple_key);
	__type(value, struct conn_info);
} pending SEC(".maps");

/* Datagrams that were let through: the answer may come back. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct flow_key);
	__type(value, struct flow);
} flows SEC(".maps");

/* Refusals that were told lately, and how many since. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct flow_key);
	__type(value, struct flow);
} refusals SEC(".maps");

/*
 * A slot is a pair of sockets of the proxy that stand for one peer: who got a datagram there knows whom it was for. A peer gets a slot when
 * it is first needed; free_slots holds the others. The proxy takes a slot back from a peer that nobody has asked for a while: out of slot_of,
 * later out of slot_peer, then into free_slots.
 */
struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 256);
	__uint(value_size, sizeof(__u32));
} free_slots SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, struct endpoint);
	__type(value, __u32);
} slot_of SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, struct endpoint);
} slot_peer SEC(".maps");

/* Who sent datagrams to slots, by source address and port. */
struct asker_key { struct address address; __u16 port; __u16 pad; };
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct asker_key);
	__type(value, struct conn_info);
} askers SEC(".maps");

/* The proxy's listeners for inbound connections: IPv4, IPv6. An entry goes when its socket is closed. */
struct {
	__uint(type, BPF_MAP_TYPE_SOCKMAP);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
} ingress_listeners SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, COUNTERS);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} events SEC(".maps");
