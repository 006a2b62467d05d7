using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace PolicyProxy.Policy.Sources;

/// <summary>Computes the revision of a set of named texts: SHA-256 over names and contents, each preceded by its length.</summary>
internal sealed class ContentRevision : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public static string Of(IEnumerable<(string File, string Text)> texts)
    {
        using var revision = new ContentRevision();
        foreach (var (file, text) in texts)
        {
            revision.Add(file, Encoding.UTF8.GetBytes(text));
        }

        return revision.Finish();
    }

    public void Add(string name, ReadOnlySpan<byte> content)
    {
        AddPart(Encoding.UTF8.GetBytes(name));
        AddPart(content);
    }

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public string Finish() => Convert.ToHexStringLower(_hash.GetHashAndReset());

    public void Dispose() => _hash.Dispose();

    private void AddPart(ReadOnlySpan<byte> part)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, part.Length);
        _hash.AppendData(length);
        _hash.AppendData(part);
    }
}
