namespace PolicyProxy.Flows.Formats;

/// <summary>How compact lines look. Immutable.</summary>
internal sealed record FlowCompactOptions
{
    /// <summary>ANSI colours. Default false.</summary>
    public bool Color { get; init; }

    /// <summary>Printed in brackets after the time; empty for no brackets, the default.</summary>
    public string NodeName { get; init; } = string.Empty;

    /// <summary>Adds <c>BY name (kind)</c> to the verdict of a connection, as <c>--print-policy-names</c> does. Default false.</summary>
    public bool PolicyNames { get; init; }

    /// <summary>Adds the rule behind a denial or an audited denial, which Hubble has no place for. Default true.</summary>
    public bool Why { get; init; } = true;

    /// <summary>Writes the drop event of a refused connection as a second line, as Cilium does. Default false: the verdict line says it.</summary>
    public bool DropEvents { get; init; }

    /// <summary>Zone of the time column. Default UTC, as in Hubble's command line.</summary>
    public TimeZoneInfo TimeZone { get; init; } = TimeZoneInfo.Utc;

    /// <summary>What is taken out of URLs.</summary>
    public FlowRedaction Redaction { get; init; } = FlowRedaction.Default;
}
