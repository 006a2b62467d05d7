using System.Runtime.InteropServices;

namespace PolicyProxy.Sidecar.Launching;

/// <summary>A NULL-terminated array of NUL-terminated strings in unmanaged memory, as exec takes them. Disposing frees it.</summary>
internal sealed unsafe class StringArray : IDisposable
{
    private readonly int _count;

    public StringArray(IReadOnlyList<byte[]> strings)
    {
        _count = strings.Count;
        Pointer = (byte**)NativeMemory.AllocZeroed((nuint)(_count + 1), (nuint)sizeof(byte*));
        for (var i = 0; i < _count; i++)
        {
            var copy = (byte*)NativeMemory.AllocZeroed((nuint)strings[i].Length + 1);
            strings[i].CopyTo(new Span<byte>(copy, strings[i].Length));
            Pointer[i] = copy;
        }
    }

    public byte** Pointer { get; }

    public void Dispose()
    {
        for (var i = 0; i < _count; i++)
        {
            NativeMemory.Free(Pointer[i]);
        }

        NativeMemory.Free(Pointer);
    }
}
