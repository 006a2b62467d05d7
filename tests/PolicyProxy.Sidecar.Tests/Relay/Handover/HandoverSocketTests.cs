using System.Collections.Concurrent;
using PolicyProxy.Sidecar.Relay.Handover;

namespace PolicyProxy.Sidecar.Tests.Relay.Handover;

/// <summary>What a process is asked to do on the way of its sockets to the next one.</summary>
public sealed class HandoverSocketTests : IAsyncDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();
    private readonly Duties _duties = new();
    private readonly HandoverSocket _socket;

    public HandoverSocketTests() => _socket = HandoverSocket.Open(Path, [], _duties);

    private string Path => System.IO.Path.Combine(_folder.FullName, "handover");

    public async ValueTask DisposeAsync()
    {
        await _socket.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Next_process_that_yields_first_serves_alone_and_reads_names_before_the_teller_goes_on()
    {
        using var next = InheritedListeners.Take(Path);
        next.Yield();
        Assert.Equal("asked yield", _duties.Text);

        var read = 0;
        next.Confirm(() => read++);
        await _socket.HandedOver.WaitAsync(s_limit);
        for (var told = 1; told <= 100; told++)
        {
            _socket.TellNames();
            Assert.Equal(told, read);
        }

        Assert.Equal("asked yield", _duties.Text);
    }

    [Fact]
    public void Names_learned_while_everything_is_given_up_do_not_come_before_the_answer()
    {
        _duties.OnYield = _socket.TellNames;
        using var next = InheritedListeners.Take(Path);

        next.Yield(); // or it takes the other message for a refusal

        Assert.Equal("asked yield", _duties.Text);
    }

    [Fact]
    public async Task Next_process_that_only_says_it_serves_has_everything_given_up_before()
    {
        using var next = InheritedListeners.Take(Path);

        next.Confirm(null);
        await _socket.HandedOver.WaitAsync(s_limit);

        Assert.Equal("asked yield", _duties.Text);
        _socket.TellNames(); // nobody listens, and nobody is waited for
    }

    [Fact]
    public async Task Process_that_fails_after_the_yield_has_everything_taken_up_again_and_another_one_may_ask()
    {
        using (var failing = InheritedListeners.Take(Path))
        {
            failing.Yield();
        }

        Assert.True(SpinWait.SpinUntil(() => _duties.Text == "asked yield resume", s_limit), _duties.Text);
        Assert.False(_socket.HandedOver.IsCompleted);
        using var next = InheritedListeners.Take(Path);
        next.Confirm(null);
        await _socket.HandedOver.WaitAsync(s_limit);
        Assert.Equal("asked yield resume asked yield", _duties.Text);
    }

    [Fact]
    public void Process_that_fails_before_the_yield_changes_nothing()
    {
        InheritedListeners.Take(Path).Dispose();
        InheritedListeners.Take(Path).Dispose();

        Assert.Equal("asked asked", _duties.Text);
        Assert.False(_socket.HandedOver.IsCompleted);
    }

    [Fact]
    public async Task Process_that_cannot_take_up_again_what_it_gave_up_is_told_to_end()
    {
        _duties.Fails = true;
        using (var failing = InheritedListeners.Take(Path))
        {
            failing.Yield();
        }

        await Assert.ThrowsAsync<InvalidOperationException>(() => _socket.HandedOver.WaitAsync(s_limit));
        Assert.True(File.Exists(Path));
    }

    private sealed class Duties : IHandingOver
    {
        private readonly ConcurrentQueue<string> _done = new();

        public bool Fails { get; set; }

        public string Text => string.Join(' ', _done);

        public void Asked() => _done.Enqueue("asked");

        public Action? OnYield { get; set; }

        public void Yield()
        {
            OnYield?.Invoke();
            _done.Enqueue("yield");
        }

        public void Resume()
        {
            _done.Enqueue("resume");
            if (Fails)
            {
                throw new InvalidOperationException("no room");
            }
        }
    }
}
