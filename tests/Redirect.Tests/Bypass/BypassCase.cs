namespace PolicyProxy.Redirect.Tests.Bypass;

/// <summary>What has to come of one attempt. Alternatives, where kernels differ, are separated by |. Immutable.</summary>
/// <param name="Name">Name of the attempt in Programs.</param>
/// <param name="Root">Outcome for root.</param>
/// <param name="Nobody">Outcome for a user without rights.</param>
/// <param name="Trace">What the world would log if a packet arrived; null = nothing that this machine could send without being confined.</param>
internal sealed record BypassCase(string Name, string Root, string Nobody, string? Trace = null)
{
    private const string Tcp4 = "tcp {denied4}:{port}";
    private const string Tcp6 = "tcp {denied6}:{port}";
    private const string Udp4 = "udp {denied4}:{port}";
    private const string Udp6 = "udp {denied6}:{port}";

    /// <summary>Every attempt.</summary>
    public static IReadOnlyList<BypassCase> All { get; } =
    [
        .. Streams(), .. Datagrams(), .. Sockets(), .. Leaving(), .. Loopback(), .. Working(),
    ];

    private static BypassCase Same(string name, string outcome, string? trace = null) => new(name, outcome, outcome, trace);

    private static BypassCase[] Streams() =>
    [
        Same("tcp_ipv4", "EPERM", Tcp4),
        Same("tcp_ipv6", "EPERM", Tcp6),
        Same("tcp_mapped", "EPERM", Tcp4),
        Same("tcp_other_port_of_open_host", "EPERM", "tcp {open4}:{port}"),
        Same("tcp_other_port_of_judged_host", "EPERM", "tcp {judged4}:{port}"),
        Same("tcp_nonblocking", "EPERM", Tcp4),
        Same("tcp_bound_source", "EPERM", Tcp4),
        Same("tcp_after_disconnecting", "EPERM", Tcp4),
        Same("tcp_after_refusal", "EPERM EPERM", Tcp4),
        Same("tcp_unspecified_ipv4", "EPERM"),
        Same("tcp_unspecified_ipv6", "EPERM"),
        Same("tcp_unspecified_mapped", "EPERM"),
        Same("tcp_listener_of_host_on_loopback", "EPERM"),
        Same("tcp_listener_of_host_on_its_address", "EPERM"),
        Same("tcp_fast_open_with_sendto", "EPERM", Tcp4),
        Same("tcp_fast_open_with_sendto_ipv6", "EPERM", Tcp6),
        Same("tcp_fast_open_with_connect", "EPERM", Tcp4),
        Same("tcp_fast_open_to_another_host_than_connected", "to open|EISCONN|EALREADY"),
        Same("tcp_mark", "EPERM EPERM", Tcp4),
        Same("tcp_bound_to_device", "EPERM", Tcp4),
        Same("tcp_repair", "EPERM"),
        Same("tcp_transparent", "EPERM"),
        Same("tcp_foreign_source", "EPERM"),
        Same("tcp_answer_to_a_forged_call", "EPERM|timeout", Tcp6),
        Same("tcp_forged_call_to_the_proxy", "EPERM|timeout"),
        Same("tcp_source_route_through_open_host", "EPERM"),
        Same("tcp_source_route_through_denied_host", "EPERM|timeout", "tcp {denied4}:7"),
        Same("tcp_source_route_set_on_open_connection", "EPERM|6 timeout"),
        Same("tcp_ipv6_routing_header", "timeout|EINVAL"),
        Same("tcp_segment_routing_header", "timeout|EINVAL"),
    ];

    private static BypassCase[] Datagrams() =>
    [
        Same("udp_ipv4", "EPERM", Udp4),
        Same("udp_ipv6", "EPERM", Udp6),
        Same("udp_mapped", "EPERM", Udp4),
        Same("udp_empty", "EPERM", Udp4),
        Same("udp_connected_ipv4", "EPERM", Udp4),
        Same("udp_connected_ipv6", "EPERM", Udp6),
        Same("udp_port_443", "EPERM", "udp {denied4}:443"),
        Same("udp_port_53", "EPERM", "udp {denied4}:53"),
        Same("udp_other_port_of_open_host", "EPERM", "udp {open4}:{port}"),
        Same("udp_elsewhere_on_connected_socket", "EPERM", Udp4),
        Same("udp_after_disconnecting", "EPERM", Udp4),
        Same("udp_after_an_answer_of_an_open_host", "EPERM", Udp4),
        Same("udp_corked", "EPERM", Udp4),
        Same("udp_segmented", "EPERM", Udp4),
        Same("udp_fragments", "EPERM", Udp4),
        Same("udp_fragments_ipv6", "EPERM", "protocol-44 {denied6}"),
        Same("udp_broadcast", "EPERM", "udp {broadcast}:{port}"),
        Same("udp_multicast", "EPERM", "udp 239.1.2.3:{port}"),
        Same("udp_multicast_ipv6", "EPERM", "udp [ff02::1]:{port}"),
        Same("group_joined", "EPERM", "protocol-2 224.0.0.22"),
        Same("group_joined_on_a_device", "EPERM"),
        Same("group_joined_ipv6", "EPERM"),
        Same("group_left_that_was_never_joined", "EADDRNOTAVAIL"),
        Same("large_option", "True"),
        Same("udp_device_in_message", "EPERM", Udp4),
        Same("udp_mark", "EPERM EPERM", Udp4),
        Same("udp_bound_to_device", "EPERM", Udp4),
        Same("udp_foreign_source", "EPERM|ENETUNREACH"),
        Same("udp_answer_to_a_forged_question", "EPERM|timeout", Udp6),
        Same("udp_source_route", "EPERM", "udp {denied4}:{open_udp}"),
        Same("udp_record_route", "EPERM"),
        Same("udp_source_route_in_message", "EPERM", "udp {denied4}:{open_udp}"),
        Same("udp_ipv6_destination_options", "EPERM"),
        Same("udp_ipv6_routing_header", "EPERM|EINVAL"),
        Same("udp_segment_routing_header", "EPERM|EINVAL"),
        Same("udp_socket_of_host_on_loopback", "EPERM"),
        Same("udp_unspecified", "EPERM"),
    ];

    private static BypassCase[] Sockets() =>
    [
        Same("raw_icmp", "EPERM", "icmp {denied4}"),
        Same("raw_udp", "EPERM", Udp4),
        Same("raw_own_header", "EPERM", Udp4),
        Same("raw_ipv6", "EPERM", Udp6),
        Same("ping_ipv4", "EPERM|EACCES"),
        Same("ping_ipv6", "EPERM|EACCES"),
        Same("packet_frame", "EAFNOSUPPORT", "ethertype {ethertype}"),
        Same("packet_datagram", "EAFNOSUPPORT", "ethertype {next_ethertype}"),
        Same("multipath_tcp", "EPERM|EPROTONOSUPPORT"),
        Same("udp_lite", "EPERM|EPROTONOSUPPORT"),
        Same("sctp_stream", "EPERM|EPROTONOSUPPORT|ESOCKTNOSUPPORT"),
        Same("sctp_packets", "EPERM|EPROTONOSUPPORT|ESOCKTNOSUPPORT"),
        Same("dccp", "EPERM|EPROTONOSUPPORT|ESOCKTNOSUPPORT"),
        Same("l2tp", "EPERM|EPROTONOSUPPORT|ESOCKTNOSUPPORT"),
        Same("smc_over_ip", "EPERM|EPROTONOSUPPORT|ESOCKTNOSUPPORT"),
        .. new[] { "vsock", "alg", "xdp", "smc", "tipc", "kcm", "rds", "pppox", "bluetooth", "can" }.Select(static name => Same(name, "EAFNOSUPPORT")),
        Same("families_that_can_be_made", "1,2,10,16"),
        Same("pairs_that_can_be_made", "1"),
        Same("types_of_ip_sockets_that_can_be_made", "1/0,1/6,2/0,2/17"),
        Same("family_with_high_bits", "EAFNOSUPPORT"),
        Same("io_uring_setup", "ENOSYS"),
        Same("io_uring_enter", "ENOSYS"),
        Same("io_uring_register", "ENOSYS"),
        Same("x32_socket", "ENOSYS"),
        Same("socketcall_of_32_bits", "ENOSYS|signal"),
        Same("socket_of_32_bits", "ENOSYS|signal"),
        Same("route_by_netlink", "EPERM"),
        Same("device_file_of_tunnels", "Operation not permitted|ENOENT|EACCES|ENODEV|ENXIO"),
    ];

    private static BypassCase[] Leaving() =>
    [
        Same("into_the_root_cgroup", "EROFS|EACCES"),
        Same("into_the_proxys_cgroup", "EROFS|EACCES"),
        Same("thread_into_the_root_cgroup", "EROFS|EACCES"),
        Same("new_cgroup_below_the_root", "EROFS|EACCES"),
        Same("new_cgroup_below_its_own", "EROFS|EACCES"),
        Same("cgroups_mounted_again_for_writing", "EPERM"),
        Same("cgroups_mounted_elsewhere", "EPERM"),
        Same("pins_removed", "EROFS|EACCES"),
        Same("user_namespace_remounts_cgroups", "EPERM|ENOSPC"),
        Same("user_namespace_binds_cgroups", "EROFS|EACCES|ENOSPC|EPERM"),
        Same("user_namespace_uncovers_cgroups", "EINVAL|ENOSPC|EPERM"),
        Same("user_namespace_mounts_cgroups_of_all", "EPERM|ENOSPC"),
        Same("cgroup_namespace_mounts_its_own_cgroup", "EPERM - EPERM|done hidden EPERM|ENOSPC"),
        Same("network_namespace", "EPERM|ENETUNREACH|ENOSPC"),
        Same("packet_socket_in_a_network_namespace", "EAFNOSUPPORT|ENOSPC|EPERM"),
        Same("raw_socket_in_a_network_namespace", "EPERM|ENOSPC"),
        Same("program_loaded_in_a_user_namespace", "EPERM|ENOSPC"),
        Same("namespaces_of_the_first_process", "EACCES|EPERM"),
        Same("root_directory_of_the_first_process", "EACCES|EPERM"),
        Same("proxys_root_directory", "EACCES|EPERM"),
        Same("proxys_descriptors", "EACCES|EPERM"),
        Same("proxys_memory_below_proc", "EACCES|EPERM"),
        Same("proxys_memory_by_call", "EPERM"),
        Same("proxy_traced", "EPERM"),
        Same("proxy_seized", "EPERM"),
        Same("proxys_socket_fetched", "EPERM"),
        Same("proxys_name_spaces", "EACCES|EPERM"),
        Same("program_loaded", "EPERM"),
        Same("pin_opened", "EPERM"),
        Same("link_detached", "EPERM"),
        Same("program_started_by_the_kernel_on_a_crash", "EROFS|EACCES"),
        Same("program_started_by_the_kernel_for_a_module", "EROFS|EACCES|ENOENT"),
        Same("program_started_by_the_kernel_for_a_key", "ENOSYS"),
        Same("forked", "EPERM", Tcp4),
        Same("executed", "EPERM", Tcp4),
        Same("executed_by_a_shell", "EPERM", Tcp4),
        Same("in_a_session_of_its_own", "EPERM", Tcp4),
        Same("as_a_daemon", "EPERM", Tcp4),
        Same("in_a_thread", "EPERM", Tcp4),
        Same("as_another_user", "EPERM", Tcp4),
        new("proxy_signalled", "may", "EPERM"),
    ];

    private static BypassCase[] Loopback() =>
    [
        Same("proxys_port_ipv4", "EPERM"),
        Same("proxys_port_ipv6", "EPERM"),
        Same("proxys_port_mapped", "EPERM"),
        Same("proxys_port_unspecified", "EPERM"),
        Same("proxys_port_taken", "EPERM"),
        Same("proxys_port_taken_on_every_address", "EPERM"),
        Same("proxys_port_shared", "EPERM"),
    ];

    private static BypassCase[] Working() =>
    [
        Same("open_tcp_ipv4", "ping"),
        Same("open_tcp_ipv6", "ping"),
        Same("open_udp_ipv4", "ping"),
        Same("open_udp_ipv6", "ping"),
        Same("open_udp_in_fragments", "8000"),
        Same("judged_request_allowed", "200"),
        Same("judged_request_allowed_ipv6", "200"),
        Same("judged_request_from_a_bound_address", "200"),
        Same("judged_request_from_a_bound_address_ipv6", "200"),
        Same("judged_request_denied", "403"),
        Same("judged_request_denied_ipv6", "403"),
        Same("judged_request_denied_mapped", "403"),
        Same("own_listener", "ping"),
        Same("own_listener_ipv6", "ping"),
        Same("own_datagrams", "ping"),
    ];
}
