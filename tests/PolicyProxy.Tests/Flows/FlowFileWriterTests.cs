using System.Text;
using Google.Protobuf;
using PolicyProxy.Flows;
using PolicyProxy.Tests.Flows.Export;
using static PolicyProxy.Tests.Flows.SampleFlows;

namespace PolicyProxy.Tests.Flows;

public sealed class FlowFileWriterTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task FlowFileWriter_disposal_leaves_every_flow_in_the_file_for_its_owner_only()
    {
        var directory = Directory.CreateTempSubdirectory("flows");
        try
        {
            var path = Path.Combine(directory.FullName, "flows.json");
            var log = new FlowLog(1024);
            await using (var writer = FlowFileWriter.Open(path, log, log.Start))
            {
                for (var i = 0; i < 300; i++)
                {
                    log.Append(DeniedDelete($"http://api/{i}"));
                }
            }

            var events = (await File.ReadAllLinesAsync(path)).Select(JsonParser.Default.Parse<ExportEvent>).ToArray();
            Assert.Equal(Enumerable.Range(0, 300).Select(i => $"http://api/{i}"), events.Select(e => e.Flow.L7.Http.Url));
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
            }
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task FlowFileWriter_flows_it_was_too_slow_for_stand_in_the_file_as_lost()
    {
        var stream = new GatedStream();
        var log = new FlowLog(4);
        var writer = new FlowFileWriter(stream, log, default, new FlowFileOptions());
        log.Append(DeniedDelete());
        await stream.Entered.WaitAsync(s_patience); // the writer is stuck in the stream, the log goes on
        for (var i = 0; i < 10; i++)
        {
            log.Append(DeniedDelete());
        }

        Assert.Equal(6, writer.LostFlows);
        stream.Open();
        await writer.DisposeAsync();
        var events = stream.Events();
        Assert.Equal(5, events.Count(e => e.Flow is not null));
        Assert.Equal(6ul, Assert.Single(events, e => e.LostEvents is not null).LostEvents.NumEventsLost);
        Assert.Equal((5L, 6L), (writer.WrittenFlows, writer.LostFlows));
    }

    [Fact]
    public async Task FlowFileWriter_flows_the_disk_refused_stand_in_the_file_as_lost_once_it_writes_again()
    {
        var logger = new RecordingLogger<FlowFileWriter>();
        var stream = new GatedStream { Failures = 1 };
        var log = new FlowLog(16);
        var writer = new FlowFileWriter(stream, log, default, new FlowFileOptions { Logger = logger, Name = "flows.json" });
        log.Append(DeniedDelete());
        await stream.Entered.WaitAsync(s_patience);
        stream.Open();
        await stream.Failed.WaitAsync(s_patience);
        log.Append(DeniedDelete());
        await writer.DisposeAsync();
        var events = stream.Events();
        Assert.Single(events, e => e.Flow is not null);
        Assert.Equal(1ul, Assert.Single(events, e => e.LostEvents is not null).LostEvents.NumEventsLost);
        Assert.Equal((1L, 1L), (writer.WrittenFlows, writer.LostFlows));
        Assert.Equal("FlowFileFailed", Assert.Single(logger.Entries).Id.Name);
    }

    /// <summary>Memory behind a gate: writes wait until it opens, the first ones may fail.</summary>
    private sealed class GatedStream : MemoryStream
    {
        private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Failures { get; set; }

        public Task Entered => _entered.Task;

        public Task Failed => _failed.Task;

        public void Open() => _open.SetResult();

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _entered.TrySetResult();
            await _open.Task;
            if (Failures-- > 0)
            {
                Write(buffer.Span[..(buffer.Length / 2)]); // a full disk takes a part
                _failed.TrySetResult();
                throw new IOException("no space left");
            }

            Write(buffer.Span);
        }

        public IReadOnlyList<ExportEvent> Events()
        {
            var events = new List<ExportEvent>();
            foreach (var line in Encoding.UTF8.GetString(ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                try
                {
                    events.Add(JsonParser.Default.Parse<ExportEvent>(line));
                }
                catch (InvalidJsonException)
                {
                    Assert.StartsWith("{\"flow\"", line); // the half line of the failed write
                }
            }

            return events;
        }
    }
}
