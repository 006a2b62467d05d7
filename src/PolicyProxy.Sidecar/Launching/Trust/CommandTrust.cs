using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using PolicyProxy.Sidecar.Decrypting;

namespace PolicyProxy.Sidecar.Launching.Trust;

/// <summary>
/// Makes a command trust the certificates it is answered with, and whom it trusted before: files that last as long as the run, and an environment that
/// names them.
/// </summary>
internal sealed class CommandTrust : IDisposable
{
    // Debian, Fedora, openSUSE, Alpine: where their programs look by default.
    private static readonly string[] s_systemRoots =
    [
        "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem",
    ];

    private readonly DirectoryInfo _folder;
    private readonly string _added;
    private readonly Dictionary<string, string> _written = new(StringComparer.Ordinal);
    private readonly List<string> _warnings = [];

    private CommandTrust(DirectoryInfo folder, string added) => (_folder, _added) = (folder, added);

    /// <summary>The command's environment.</summary>
    public IReadOnlyList<byte[]> Variables { get; private set; } = [];

    /// <summary>What the user should know, a line each.</summary>
    public IReadOnlyList<string> Messages { get; private set; } = [];

    /// <summary>Writes the files.</summary>
    /// <param name="authority">Who vouches for what the command is shown.</param>
    /// <param name="roots">Who vouches for servers besides the system's roots.</param>
    /// <param name="environment">The environment as it is: what it says already is added to, not replaced.</param>
    /// <exception cref="EnforcementException">They cannot be written.</exception>
    public static CommandTrust Create(RunAuthority authority, UpstreamTrust roots, IReadOnlyList<byte[]> environment)
    {
        X509Certificate2Collection added = [authority.Certificate, .. roots.Added];
        CommandTrust? trust = null;
        try
        {
            trust = new CommandTrust(Directory.CreateTempSubdirectory("policyproxy-"), string.Concat(added.Select(static root => root.ExportCertificatePem() + "\n")));
            trust.Write(added, environment);
            return trust;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or CryptographicException)
        {
            trust?.Dispose();
            throw new EnforcementException($"cannot write the certificates the command is to trust: {problem.Message}", problem);
        }
    }

    public void Dispose()
    {
        try
        {
            _folder.Delete(recursive: true);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // certificates are public, and the folder of temporary files is cleaned by others too
        }
    }

    private void Write(X509Certificate2Collection added, IReadOnlyList<byte[]> environment)
    {
        // The command may run as anybody; there is nothing secret in here.
        File.SetUnixFileMode(_folder.FullName, (UnixFileMode)0b111_101_101);
        List<byte[]> variables = [.. environment];
        var set = new List<string>();
        foreach (var name in TrustVariables.Files)
        {
            if (Merge(name, TrustVariables.Find(environment, name)) is { } file)
            {
                TrustVariables.Set(variables, name, file);
                set.Add(name);
            }
        }

        if (AddJava(added, TrustVariables.Find(environment, TrustVariables.Java)) is { } options)
        {
            TrustVariables.Set(variables, TrustVariables.Java, options);
            set.Add(TrustVariables.Java);
        }

        Variables = variables;
        Messages =
        [
            $"TLS is decrypted where rules need what is inside; the command is told to trust the certificate authority of this run ({set.FirstOrDefault() ?? "by no variable"}{(set.Count > 1 ? $" and {set.Count - 1} more variables" : string.Empty)})",
            .. _warnings,
        ];
    }

    // What the variable names already, or the system's roots, and ours behind.
    private string? Merge(string name, string? current)
    {
        var source = string.IsNullOrEmpty(current) ? Array.Find(s_systemRoots, File.Exists) ?? string.Empty : current;
        if (_written.TryGetValue(source, out var written))
        {
            return written;
        }

        if (Directory.Exists(source))
        {
            _warnings.Add($"{name} names a folder and is left as it is: programs that obey it will not trust what they are answered with");
            return null;
        }

        var roots = source.Length == 0 ? ExportSystemRoots() : Read(name, source);
        if (roots is null)
        {
            return null;
        }

        var file = Path.Combine(_folder.FullName, string.IsNullOrEmpty(current) ? "roots.pem" : $"{name}.pem");
        File.WriteAllText(file, $"{roots.TrimEnd()}\n{_added}", Encoding.Latin1);
        File.SetUnixFileMode(file, (UnixFileMode)0b110_100_100);
        return _written[source] = file;
    }

    private string? Read(string name, string file)
    {
        try
        {
            return File.ReadAllText(file, Encoding.Latin1);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            _warnings.Add($"{name} names {file}, which cannot be read ({problem.Message}), and is left as it is");
            return null;
        }
    }

    private static string ExportSystemRoots()
    {
        using var system = new X509Store(StoreName.Root, StoreLocation.LocalMachine, OpenFlags.ReadOnly);
        return string.Concat(system.Certificates.Select(static root => root.ExportCertificatePem() + "\n"));
    }

    private string? AddJava(X509Certificate2Collection added, string? current)
    {
        if (current?.Contains("javax.net.ssl.trustStore", StringComparison.Ordinal) == true)
        {
            _warnings.Add($"{TrustVariables.Java} names a trust store and is left as it is: Java will not trust what it is answered with");
            return null;
        }

        var roots = new X509Certificate2Collection();
        if (Array.Find(s_systemRoots, File.Exists) is { } system)
        {
            roots.ImportFromPemFile(system);
        }

        roots.AddRange(added);
        var file = Path.Combine(_folder.FullName, "roots.p12");
        File.WriteAllBytes(file, JavaTrustStore.Write(roots));
        File.SetUnixFileMode(file, (UnixFileMode)0b110_100_100);
        return $"{current} -Djavax.net.ssl.trustStore={file} -Djavax.net.ssl.trustStoreType=PKCS12".TrimStart();
    }
}
