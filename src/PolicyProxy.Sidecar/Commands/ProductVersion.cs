using System.Reflection;

namespace PolicyProxy.Sidecar.Commands;

/// <summary>The version as printed: <c>0.1.0</c>, or <c>0.1.0+commit</c> when the build knew its commit.</summary>
internal static class ProductVersion
{
    public static string Text { get; } =
        typeof(ProductVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.TrimEnd('+') ?? "unknown";
}
