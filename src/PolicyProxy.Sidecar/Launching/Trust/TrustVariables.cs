using System.Text;

namespace PolicyProxy.Sidecar.Launching.Trust;

/// <summary>The environment variables by which programs are told whom to trust. Each names a PEM file, but for Java's.</summary>
internal static class TrustVariables
{
    /// <summary>For Java: options every virtual machine reads.</summary>
    public const string Java = "JAVA_TOOL_OPTIONS";

    /// <summary>One for each family of programs that has its own way.</summary>
    public static IReadOnlyList<string> Files { get; } =
    [
        "SSL_CERT_FILE", // OpenSSL, and with it Ruby, PHP and Python; Go, .NET, uv, wget2, Rust's native roots
        "CURL_CA_BUNDLE",
        "GIT_SSL_CAINFO",
        "REQUESTS_CA_BUNDLE", // Python's requests
        "PIP_CERT",
        "NODE_EXTRA_CA_CERTS", // Node.js and Bun; added to its own roots
        "DENO_CERT",
        "CARGO_HTTP_CAINFO",
        "AWS_CA_BUNDLE",
        "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
        "CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE", // gcloud
        "YARN_HTTPS_CA_FILE_PATH",
        "BUNDLE_SSL_CA_CERT", // Ruby's bundler
        "PERL_LWP_SSL_CA_FILE",
        "HEX_CACERTS_PATH", // Elixir
        "NIX_SSL_CERT_FILE",
    ];

    /// <summary>The value of a variable, or null.</summary>
    public static string? Find(IReadOnlyList<byte[]> variables, string name)
    {
        var prefix = Encoding.ASCII.GetBytes(name + "=");
        foreach (var variable in variables)
        {
            if (variable.AsSpan().StartsWith(prefix))
            {
                return Encoding.UTF8.GetString(variable.AsSpan(prefix.Length));
            }
        }

        return null;
    }

    /// <summary>The environment with a variable set.</summary>
    public static void Set(List<byte[]> variables, string name, string value)
    {
        var prefix = Encoding.ASCII.GetBytes(name + "=");
        variables.RemoveAll(variable => variable.AsSpan().StartsWith(prefix));
        variables.Add(Encoding.UTF8.GetBytes($"{name}={value}"));
    }
}
