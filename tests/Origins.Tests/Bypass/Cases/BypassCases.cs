namespace PolicyProxy.Origins.Tests.Bypass.Cases;

/// <summary>All cases by class. The classes are those of the advisories and write-ups that taught them.</summary>
internal static class BypassCases
{
    public static IReadOnlyDictionary<string, IReadOnlyList<BypassCase>> Classes { get; } = new Dictionary<string, IReadOnlyList<BypassCase>>
    {
        ["CL.TE"] = [.. FramingCases.ClTe()],
        ["TE.CL"] = [.. FramingCases.TeCl()],
        ["TE.TE"] = [.. FramingCases.TeTe()],
        ["CL.0 and other lengths"] = [.. FramingCases.Cl0()],
        ["HTTP/1.0 framing"] = [.. FramingCases.Version10()],
        ["Chunk extensions"] = [.. ChunkCases.Extensions()],
        ["Chunk sizes"] = [.. ChunkCases.Sizes()],
        ["Chunk line ends"] = [.. ChunkCases.Endings()],
        ["Trailers"] = [.. ChunkCases.Trailers()],
        ["Empty names"] = [.. HeadCases.EmptyNames()],
        ["Line ends"] = [.. HeadCases.LineEnds()],
        ["Folding"] = [.. HeadCases.Folding()],
        ["Field names"] = [.. HeadCases.Names()],
        ["Control bytes"] = [.. HeadCases.Controls()],
        ["Request lines"] = [.. HeadCases.RequestLines()],
        ["Versions"] = [.. HeadCases.Versions()],
        ["Path climbs"] = [.. PathCases.Climbs()],
        ["Path slashes, case and escapes"] = [.. PathCases.Slashes()],
        ["Fragments"] = [.. PathCases.Fragments()],
        ["Patterns"] = [.. PathCases.Patterns()],
        ["Absolute form"] = [.. HostCases.Absolute()],
        ["Userinfo"] = [.. HostCases.Userinfo()],
        ["Host spelling"] = [.. HostCases.Spelling()],
        ["Host bytes"] = [.. HostCases.Bytes()],
        ["Two hosts"] = [.. HostCases.Two()],
        ["Several values"] = [.. FieldCases.Values()],
        ["Field name lookalikes"] = [.. FieldCases.Lookalikes()],
        ["Method overrides"] = [.. FieldCases.MethodOverrides()],
        ["Path overrides"] = [.. FieldCases.PathOverrides()],
        ["Overrides together"] = [.. FieldCases.OverridesTogether()],
        ["Internal fields"] = [.. FieldCases.Internal()],
        ["Connection options"] = [.. FieldCases.Connection()],
        ["Upgrade to HTTP/2"] = [.. UpgradeCases.Http2()],
        ["WebSocket and 200 for 101"] = [.. UpgradeCases.WebSocket()],
        ["CONNECT"] = [.. UpgradeCases.Connect()],
        ["Pipelining behind a denial"] = [.. SequenceCases.BehindDenied()],
        ["Expect"] = [.. SequenceCases.Expect()],
        ["Oversized"] = [.. SequenceCases.Oversized()],
    };

    /// <summary>Advisories about HTTP/1 that have to be among the cases.</summary>
    public static IReadOnlyList<string> Advisories { get; } =
    [
        "CVE-2019-9900", "CVE-2019-9901", "CVE-2021-29492", "CVE-2021-31920", "CVE-2021-32779", "CVE-2021-39155", "CVE-2021-39156", "CVE-2021-40346", "CVE-2022-21679", "CVE-2023-25725", "CVE-2023-27487", "CVE-2023-27491",
        "CVE-2023-27493", "CVE-2023-30851", "CVE-2023-35944", "CVE-2023-40225", "CVE-2023-45539", "CVE-2024-23326", "CVE-2024-28248", "CVE-2024-7207", "CVE-2025-22871", "CVE-2025-46821", "CVE-2025-55315", "CVE-2025-58056",
        "CVE-2025-64763", "CVE-2026-26308", "CVE-2026-31838", "CVE-2026-39350", "CVE-2026-73511", "CVE-2026-73547", "CVE-2026-73553", "gh-aw-firewall#207", "srt-socks5-nul-host",
    ];
}
