using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace PolicyProxy.Sidecar.NameResolution;

/// <summary>Numbers an off-path sender cannot guess (RFC 5452 §9.2), drawn in bulk from the system's generator. One thread.</summary>
internal sealed class RandomIds
{
    private readonly ushort[] _drawn = new ushort[2_048];
    private int _left;

    public ushort Next()
    {
        if (_left == 0)
        {
            RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(_drawn.AsSpan()));
            _left = _drawn.Length;
        }

        return _drawn[--_left];
    }
}
