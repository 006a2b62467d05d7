using System.Net;
using PolicyProxy.Policy.Identities.Learning;

namespace PolicyProxy.Tests.Identities.Learning;

public sealed class FqdnTableTests
{
    private static readonly FqdnOptions s_noGrace = new() { Grace = TimeSpan.Zero };

    [Fact]
    public void Table_learned_address_has_the_labels_of_the_selectors_its_names_satisfy()
    {
        var table = new LearningTable(FqdnOptions.Cilium, "a.example", "*.example", "other.test");
        Assert.Equal(3, table.Learn("A.Example.", 30, "192.0.2.1", "2001:db8::1", "::ffff:192.0.2.2"));
        Assert.Equal("*.example a.example", table.Labels("192.0.2.1"));
        Assert.Equal("*.example a.example", table.Labels("2001:db8::1"));
        Assert.Equal("*.example a.example", table.Labels("192.0.2.2"));
        Assert.Equal("", table.Labels("192.0.2.3"));
        Assert.Equal(["a.example"], table.Names("192.0.2.1"));
    }

    [Fact]
    public void Table_shared_address_has_all_names_and_the_labels_of_all()
    {
        var table = new LearningTable(FqdnOptions.Cilium, "a.example", "b.test");
        table.Learn("b.test", 30, "192.0.2.1");
        table.Learn("unasked.test", 30, "192.0.2.1");
        table.Learn("a.example", 30, "192.0.2.1");
        Assert.Equal(["a.example", "b.test", "unasked.test"], table.Names("192.0.2.1"));
        Assert.Equal("a.example b.test", table.Labels("192.0.2.1"));
    }

    [Fact]
    public void Table_addresses_of_one_selector_set_share_one_identity()
    {
        var table = new LearningTable(FqdnOptions.Cilium, "*.example");
        table.Learn("a.example", 30, "192.0.2.1");
        table.Learn("b.example", 30, "192.0.2.2");
        Assert.Same(table.Table.Resolve(IPAddress.Parse("192.0.2.1")), table.Table.Resolve(IPAddress.Parse("192.0.2.2")));
    }

    [Fact]
    public void Table_record_stands_for_its_time_and_the_grace()
    {
        var table = new LearningTable(new FqdnOptions { Grace = TimeSpan.FromSeconds(60) }, "a.example");
        table.Learn("a.example", 30, "192.0.2.1");
        table.Pass(89);
        Assert.Equal("a.example", table.Labels("192.0.2.1"));
        table.Pass(1);
        Assert.Equal("", table.Labels("192.0.2.1"));
        Assert.Equal(0, table.Table.LearnedCount);
    }

    [Fact]
    public void Table_later_expiry_of_a_pair_wins()
    {
        var table = new LearningTable(s_noGrace, "a.example");
        table.Learn("a.example", 100, "192.0.2.1");
        Assert.Equal(0, table.Learn("a.example", 10, "192.0.2.1"));
        table.Pass(99);
        Assert.Equal("a.example", table.Labels("192.0.2.1"));
    }

    [Theory]
    [InlineData(0u, 10)]
    [InlineData(20u, 20)]
    [InlineData(uint.MaxValue, 40)]
    public void Table_time_to_live_is_kept_between_its_bounds(uint ttl, int effective)
    {
        var options = s_noGrace with { MinTtl = TimeSpan.FromSeconds(10), MaxTtl = TimeSpan.FromSeconds(40) };
        var table = new LearningTable(options, "a.example");
        table.Learn("a.example", ttl, "192.0.2.1");
        table.Pass(effective - 1);
        Assert.Equal("a.example", table.Labels("192.0.2.1"));
        table.Pass(1);
        Assert.Equal("", table.Labels("192.0.2.1"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Table_names_of_a_chain_are_learned_by_option_only(bool learnsAliases)
    {
        var table = new LearningTable(s_noGrace with { LearnsAliases = learnsAliases }, "www.example", "edge.cdn.test");
        table.LearnThrough("www.example", [new FqdnAlias("EDGE.cdn.test.", 5)], 100, "192.0.2.1");
        Assert.Equal(learnsAliases ? "edge.cdn.test www.example" : "www.example", table.Labels("192.0.2.1"));
        table.Pass(5); // the shortest time of the chain
        Assert.Equal("", table.Labels("192.0.2.1"));
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("127.0.0.1")]
    [InlineData("224.0.0.251")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("ff02::1")]
    public void Table_address_that_is_no_peer_outside_is_never_learned(string address)
    {
        var table = new LearningTable(FqdnOptions.Cilium, "a.example");
        Assert.Equal(0, table.Learn("a.example", 30, address));
        Assert.Equal("", table.Labels(address));
    }

    [Theory]
    [InlineData("169.254.169.254")]
    [InlineData("fe80::1")]
    public void Table_link_local_address_is_learned_as_in_Cilium_but_not_under_strict(string address)
    {
        var cilium = new LearningTable(FqdnOptions.Cilium, "a.example");
        cilium.Learn("a.example", 30, address);
        Assert.Equal("a.example", cilium.Labels(address));
        var strict = new LearningTable(FqdnOptions.Strict, "a.example");
        strict.Learn("a.example", 30, address);
        Assert.Equal("", strict.Labels(address));
    }

    [Fact]
    public void Table_name_beyond_its_bound_forgets_the_address_that_ends_soonest()
    {
        var table = new LearningTable(s_noGrace with { MaxAddressesPerName = 2 }, "a.example");
        table.Learn("a.example", 50, "192.0.2.1");
        table.Learn("a.example", 10, "192.0.2.2");
        table.Learn("a.example", 30, "192.0.2.3");
        Assert.Equal(("a.example", "", "a.example"), (table.Labels("192.0.2.1"), table.Labels("192.0.2.2"), table.Labels("192.0.2.3")));
    }

    [Fact]
    public void Table_beyond_its_bound_forgets_the_pair_that_ends_soonest_held_ones_last()
    {
        var table = new LearningTable(s_noGrace with { MaxEntries = 3 }, "*.example");
        table.Learn("a.example", 10, "192.0.2.1");
        table.Learn("b.example", 20, "192.0.2.2");
        table.Learn("c.example", 30, "192.0.2.3");
        table.Learn("b.example", 60, "192.0.2.2"); // prolonged: not the next any more
        using var hold = table.Table.Hold(IPAddress.Parse("192.0.2.1"));
        table.Learn("d.example", 5, "192.0.2.4");
        Assert.Equal(("*.example", "*.example", "", "*.example"), (table.Labels("192.0.2.1"), table.Labels("192.0.2.2"), table.Labels("192.0.2.3"), table.Labels("192.0.2.4")));
        Assert.Equal(3, table.Table.LearnedCount);
    }

    [Fact]
    public void Table_name_with_ever_new_addresses_stays_within_its_bound()
    {
        var table = new LearningTable(FqdnOptions.Cilium, "*.example");
        for (var i = 0; i < 20_000; i++)
        {
            table.Learn("a.example", 86_400, $"10.{i >> 16}.{(i >> 8) & 255}.{i & 255}");
        }

        Assert.Equal(1_000, table.Table.LearnedCount);
        Assert.Equal(1_000, table.Table.Current.Learned.Count);
    }

    [Fact]
    public void Table_held_address_stays_until_the_grace_after_its_last_connection()
    {
        var table = new LearningTable(new FqdnOptions { Grace = TimeSpan.FromSeconds(60) }, "a.example");
        table.Learn("a.example", 0, "192.0.2.1");
        var first = table.Table.Hold(IPAddress.Parse("192.0.2.1"));
        var second = table.Table.Hold(IPAddress.Parse("192.0.2.1"));
        table.Pass(86_400);
        first!.Dispose();
        first.Dispose();
        table.Pass(86_400);
        Assert.Equal("a.example", table.Labels("192.0.2.1"));
        second!.Dispose();
        table.Pass(60);
        Assert.Equal("a.example", table.Labels("192.0.2.1")); // the grace has begun
        table.Pass(60);
        Assert.Equal("", table.Labels("192.0.2.1"));
        Assert.Null(table.Table.Hold(IPAddress.Parse("192.0.2.1")));
    }

    [Fact]
    public void Table_new_policies_read_the_names_that_are_known()
    {
        var table = new LearningTable(FqdnOptions.Cilium, "a.example");
        table.Learn("a.example", 30, "192.0.2.1");
        table.Learn("b.test", 30, "192.0.2.2");
        var before = table.Table.Resolve(IPAddress.Parse("192.0.2.1"));
        table.Adopt("b.test", "a.example");
        Assert.Same(before, table.Table.Resolve(IPAddress.Parse("192.0.2.1")));
        Assert.Equal("b.test", table.Labels("192.0.2.2"));
        table.Adopt();
        Assert.Equal(("", ""), (table.Labels("192.0.2.1"), table.Labels("192.0.2.2")));
    }

    [Fact]
    public void Table_rotation_over_ever_new_addresses_uses_numbers_again()
    {
        var table = new LearningTable(s_noGrace, "a.example", "b.example");
        var numbers = new HashSet<uint>();
        for (var i = 0; i < 1_000; i++)
        {
            table.Learn("a.example", 1, "192.0.2.1");
            table.Learn(i % 2 == 0 ? "b.example" : "a.example", 1, "192.0.2.1");
            numbers.Add(table.Table.Resolve(IPAddress.Parse("192.0.2.1")).Id);
            table.Pass(2);
        }

        Assert.InRange(numbers.Count, 2, 4);
    }

    [Fact]
    public void Table_name_that_is_none_is_not_learned()
    {
        var table = new LearningTable(FqdnOptions.Cilium, "*");
        Assert.Equal(0, table.Learn(new string('a', 1_021), 30, "192.0.2.1"));
    }
}
