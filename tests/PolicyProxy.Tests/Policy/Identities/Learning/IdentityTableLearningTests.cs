using System.Net;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Identities.Learning;
using PolicyProxy.Policy.Model;

namespace PolicyProxy.Tests.Identities.Learning;

public sealed class IdentityTableLearningTests
{
    [Fact]
    public void Learn_what_is_known_publishes_and_allocates_nothing()
    {
        var table = new LearningTable(FqdnOptions.Cilium, "*.example");
        table.Learn("a.example", 30, "192.0.2.1", "192.0.2.2");
        var (snapshot, changes) = (table.Table.Current, table.Changes.Count);
        FqdnAddress[] addresses = [FqdnAddress.Of([192, 0, 2, 1], 60), FqdnAddress.Of([192, 0, 2, 2], 60)];
        Assert.Equal(0, Again());
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            _ = Again();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Same(snapshot, table.Table.Current);
        Assert.Equal(changes, table.Changes.Count);

        int Again() => table.Table.Learn(new FqdnAnswer { Name = "A.EXAMPLE.", Addresses = addresses }, table.Now);
    }

    [Fact]
    public void Learn_of_one_answer_is_one_change_that_names_every_address()
    {
        var table = new LearningTable(FqdnOptions.Cilium, "a.example");
        table.Learn("a.example", 30, "192.0.2.1", "192.0.2.2");
        var change = Assert.Single(table.Changes);
        Assert.False(change.IsWhole);
        Assert.Same(table.Table.Current, change.Snapshot);
        Assert.Equal(["192.0.2.1", "192.0.2.2"], change.Addresses.Select(a => a.Address.ToString()).Order());
        Assert.All(change.Addresses, a => Assert.True(a.Before.Names is null && a.After.Names is not null));
    }

    [Fact]
    public void Learn_of_a_name_nobody_asks_for_changes_no_identity()
    {
        var table = new LearningTable(FqdnOptions.Cilium, "a.example");
        table.Learn("b.test", 30, "192.0.2.1");
        Assert.Empty(Assert.Single(table.Changes).Addresses);
        Assert.Equal(["b.test"], table.Names("192.0.2.1"));
        Assert.DoesNotContain(table.Table.Current.Prefixes(), p => p.Length == 128);
    }

    [Fact]
    public void Learn_of_a_node_or_the_machine_leaves_it_what_it_is()
    {
        var table = new LearningTable(FqdnOptions.Cilium, "a.example");
        table.Learn("a.example", 30, "192.0.2.1");
        table.Table.SetLocalAddresses([IPAddress.Parse("192.0.2.1")]);
        Assert.True(table.Table.Resolve(IPAddress.Parse("192.0.2.1")).IsHost);
        Assert.True(table.Changes[^1].IsWhole);
        table.Table.SetLocalAddresses([]);
        Assert.Equal("a.example", table.Labels("192.0.2.1"));
    }

    [Fact]
    public void Prefixes_of_a_snapshot_hold_the_learned_addresses()
    {
        var table = new LearningTable(FqdnOptions.Cilium, "a.example");
        table.Learn("a.example", 30, "192.0.2.1", "2001:db8::1");
        Assert.Equal(2, table.Table.Current.Prefixes().Count(p => p.Length == 128 && p.Identity.Names is not null));
    }

    [Fact]
    public async Task Learn_on_many_threads_returns_only_when_its_addresses_have_been_told()
    {
        var table = new IdentityTable("default", FqdnOptions.Cilium);
        table.Adopt(new IdentityScope { FqdnSelectors = [LearningTable.Selector("*.example")] }, PolicyObjects.Empty);
        var told = new System.Collections.Concurrent.ConcurrentDictionary<IPAddress, bool>();
        ulong last = 0;
        var isOrdered = true;
        table.Published += (_, change) =>
        {
            isOrdered &= change.Snapshot.Sequence > last;
            last = change.Snapshot.Sequence;
            foreach (var (address, _, after) in change.Addresses)
            {
                told[address] = after.Names is not null;
            }
        };

        var late = 0;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(() =>
        {
            for (var i = 0; i < 1_000; i++)
            {
                // every thread learns the same addresses, so most find them known
                var address = new IPAddress([10, 0, (byte)(i >> 8), (byte)i]);
                table.Learn(new FqdnAnswer { Name = "a.example", Addresses = [FqdnAddress.Of(address, 86_400)] }, DateTimeOffset.UnixEpoch);
                var known = told.TryGetValue(address, out var isNamed) && isNamed && table.Resolve(address).Names is not null;
                _ = known ? 0 : Interlocked.Increment(ref late);
            }
        })));
        Assert.Equal(0, late);
        Assert.True(isOrdered);
    }

    [Fact]
    public void Export_and_learn_again_is_the_same_without_what_is_over()
    {
        var table = new LearningTable(FqdnOptions.Cilium, "*.example");
        table.Learn("a.example", 30, "192.0.2.1", "2001:db8::1");
        table.Learn("b.example", 600, "192.0.2.1");
        var other = new LearningTable(FqdnOptions.Cilium, "*.example");
        other.Table.Learn(table.Table.ExportNames(), table.Now.AddSeconds(100));
        Assert.Equal(["b.example"], other.Names("192.0.2.1"));
        Assert.Equal("*.example", other.Labels("192.0.2.1"));
        Assert.Equal("", other.Labels("2001:db8::1"));
    }
}
