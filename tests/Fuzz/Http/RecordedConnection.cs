using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Fuzz.Http;

/// <summary>One direction of a connection as a real program sent it: several heads, bodies between them.</summary>
/// <param name="By">Program and version.</param>
/// <param name="Side">Whose bytes they are.</param>
/// <param name="Bytes">All of them.</param>
internal sealed record RecordedConnection(string By, StreamSide Side, byte[] Bytes)
{
    /// <summary>Every recorded connection.</summary>
    public static IReadOnlyList<RecordedConnection> All { get; } =
    [
        .. RecordedMessages.Rows("http-connections.jsonl").Select(row =>
        {
            var isResponse = RecordedMessages.Text(row, "kind") == "responses";
            var to = isResponse ? Enum.Parse<Http1ResponseTo>(RecordedMessages.Text(row, "to")) : Http1ResponseTo.Other;
            return new RecordedConnection(RecordedMessages.Text(row, "by"), new(isResponse, to), Convert.FromHexString(RecordedMessages.Text(row, "hex")));
        }),
    ];
}
