using System.Buffers;

namespace PolicyProxy.Protocols.Kafka;

/// <summary>How clients may refer to topics.</summary>
public enum KafkaTopicReferences
{
    /// <summary>By name, as far as a request can: versions that know ids only are not offered. Needs to know of no ids, but for share groups.</summary>
    NamesOnly = 0,

    /// <summary>Also by id (KIP-516): whoever judges has to know which name an id stands for.</summary>
    NamesAndIds = 1,
}

/// <summary>
/// What versions a client is offered: those of the broker of which the requests can be judged. Static and thread-safe.
/// </summary>
public static class KafkaApiVersions
{
    private const short SaslHandshake = 17;
    private const short UnsupportedVersion = 35;
    private const int EntryBytes = 3 * sizeof(short);

    /// <summary>
    /// The lowest version offered. SaslHandshake v0 is followed by tokens without a frame; v0 of the share requests was an early access
    /// whose layouts changed (KIP-932).
    /// </summary>
    /// <param name="apiKey">Any key.</param>
    public static short MinVersion(short apiKey) => apiKey is SaslHandshake or (>= 76 and <= 79) ? (short)1 : (short)0;

    /// <summary>
    /// The highest version offered; -1 for a key that is not: unknown ones, those between brokers, and telemetry, which carries a client's
    /// metrics past policy (KIP-714). AddPartitionsToTxn above v3 is for brokers.
    /// </summary>
    /// <param name="apiKey">Any key.</param>
    /// <param name="references">How clients may refer to topics.</param>
    public static short MaxVersion(short apiKey, KafkaTopicReferences references) => apiKey switch
    {
        71 or 72 => -1,
        KafkaApi.AddPartitionsToTxn => 3,
        KafkaApi.Produce or KafkaApi.Fetch when references == KafkaTopicReferences.NamesOnly => 12,
        KafkaApi.OffsetCommit or KafkaApi.OffsetFetch when references == KafkaTopicReferences.NamesOnly => 9,
        KafkaApi.DeleteTopics when references == KafkaTopicReferences.NamesOnly => 5,
        _ => KafkaLayoutTable.MaxVersion(apiKey),
    };

    /// <summary>True if a request of this version may go on to the broker, whatever the client was offered.</summary>
    /// <param name="apiKey">Any key.</param>
    /// <param name="apiVersion">Any version.</param>
    /// <param name="references">How clients may refer to topics.</param>
    public static bool IsOffered(short apiKey, short apiVersion, KafkaTopicReferences references) =>
        apiVersion >= MinVersion(apiKey) && apiVersion <= MaxVersion(apiKey, references);

    /// <summary>
    /// Writes the broker's answer to ApiVersions without what is not offered. The lowest version of Produce stays as it is, also where the
    /// broker names one it does not speak: older clients look at nothing else (KAFKA-18659). An answer with an error, the first of which is
    /// in the layout of v0 whatever was asked (KIP-511), stays as it is.
    /// </summary>
    /// <param name="apiVersion">Version of the request.</param>
    /// <param name="frame">The broker's response, without its 4-byte length.</param>
    /// <param name="references">How clients may refer to topics.</param>
    /// <param name="output">Receives the response, with its length.</param>
    /// <returns>False, and nothing is written, if it is malformed or its version not known: close.</returns>
    public static bool TryRewrite(short apiVersion, ReadOnlySpan<byte> frame, KafkaTopicReferences references, IBufferWriter<byte> output)
    {
        var reader = new SpanReader(frame);
        if (KafkaResponseTable.Find(KafkaApi.ApiVersions, apiVersion) is not { } layout
            || !reader.TrySkip(KafkaResponse.CorrelationBytes)
            || !reader.TryReadInt16(out var error))
        {
            return false;
        }

        var writer = new KafkaFrameWriter(output.GetSpan(KafkaFrameWriter.LengthBytes + frame.Length), layout.IsFlexible);
        writer.Number(sizeof(int), 0);
        writer.Bytes(frame[..reader.Position]);
        if (error != 0)
        {
            writer.Bytes(reader.Rest);
        }
        else if (!CopyEntries(reader.Rest, layout, references, ref writer))
        {
            return false;
        }

        if (!writer.PatchLength())
        {
            return false;
        }

        output.Advance((int)writer.Length);
        return true;
    }

    /// <summary>Writes the answer to a version of ApiVersions that is not known: the client asks again with one that is (KIP-511).</summary>
    /// <param name="correlationId">Of the request.</param>
    /// <param name="output">Receives the response, with its length.</param>
    public static void WriteUnsupported(int correlationId, IBufferWriter<byte> output)
    {
        const int length = KafkaFrameWriter.LengthBytes + KafkaResponse.CorrelationBytes + sizeof(short) + sizeof(int) + EntryBytes;
        var writer = new KafkaFrameWriter(output.GetSpan(length), flexible: false);
        writer.Number(sizeof(int), length - KafkaFrameWriter.LengthBytes);
        writer.Number(sizeof(int), correlationId);
        writer.Number(sizeof(short), UnsupportedVersion);
        writer.Count(1);
        writer.Number(sizeof(short), KafkaApi.ApiVersions);
        writer.Number(sizeof(short), 0);
        writer.Number(sizeof(short), KafkaLayoutTable.MaxVersion(KafkaApi.ApiVersions));
        output.Advance(length);
    }

    private static bool CopyEntries(ReadOnlySpan<byte> body, KafkaLayout layout, KafkaTopicReferences references, scoped ref KafkaFrameWriter writer)
    {
        // counts are read by the same walk as everywhere; the layout begins with the error and the array
        var walker = new KafkaBodyWalker(layout, body, KafkaWalkMode.Structure, new KafkaWalkState { Op = 1 }, ahead: 0);
        if (walker.Next() != KafkaStop.ArrayBegin)
        {
            return false;
        }

        var countStart = writer.Length;
        writer.Count(walker.Count);
        var (start, kept) = (walker.Position, 0);
        for (var i = 0; i < walker.Count; i++)
        {
            if (walker.Next() != KafkaStop.ElementEnd)
            {
                return false;
            }

            kept += CopyEntry(body[start..walker.Position], references, ref writer) ? 1 : 0;
            start = walker.Position;
        }

        if (walker.Next() != KafkaStop.End || !walker.IsReadableResponse)
        {
            return false;
        }

        writer.LowerCount(countStart, walker.Count, kept);
        writer.Bytes(body[start..walker.Position]);
        return true;
    }

    private static bool CopyEntry(ReadOnlySpan<byte> entry, KafkaTopicReferences references, scoped ref KafkaFrameWriter writer)
    {
        var reader = new SpanReader(entry);
        reader.TryReadInt16(out var key);
        reader.TryReadInt16(out var min);
        reader.TryReadInt16(out var max);
        min = key == KafkaApi.Produce ? min : Math.Max(min, MinVersion(key));
        max = Math.Min(max, MaxVersion(key, references));
        if (min > max)
        {
            return false;
        }

        writer.Number(sizeof(short), key);
        writer.Number(sizeof(short), min);
        writer.Number(sizeof(short), max);
        writer.Bytes(reader.Rest);
        return true;
    }
}
