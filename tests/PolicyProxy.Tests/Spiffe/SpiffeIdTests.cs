using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Tests.Spiffe;

public sealed class SpiffeIdTests
{
    [Theory]
    [InlineData("spiffe://example.org", "example.org", "")]
    [InlineData("spiffe://example.org/ns/shop/sa/web", "example.org", "/ns/shop/sa/web")]
    [InlineData("spiffe://spiffe.cilium/identity/4711", "spiffe.cilium", "/identity/4711")]
    [InlineData("spiffe://a_b-c.d0/A.b_c-1/...", "a_b-c.d0", "/A.b_c-1/...")]
    public void SpiffeId_canonical_form_is_read(string text, string domain, string path)
    {
        Assert.True(SpiffeId.TryParse(text, out var id));
        Assert.Equal((domain, path, text), (id.TrustDomain, id.Path, id.ToString()));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("spiffe://")]
    [InlineData("spiffe:///a")]
    [InlineData("SPIFFE://example.org/a")]
    [InlineData("spiffe:/example.org/a")]
    [InlineData("https://example.org/a")]
    [InlineData("spiffe://Example.org/a")]
    [InlineData("spiffe://example.org:443/a")]
    [InlineData("spiffe://user@example.org/a")]
    [InlineData("spiffe://example.org/")]
    [InlineData("spiffe://example.org/a/")]
    [InlineData("spiffe://example.org//a")]
    [InlineData("spiffe://example.org/./a")]
    [InlineData("spiffe://example.org/a/..")]
    [InlineData("spiffe://example.org/a%2fb")]
    [InlineData("spiffe://example.org/a?b")]
    [InlineData("spiffe://example.org/a#b")]
    [InlineData("spiffe://example.org/a b")]
    [InlineData("spiffe://example.org/\u00e4")]
    [InlineData("spiffe://ex\u0430mple.org/a")]
    [InlineData("spiffe://example.org\\a")]
    [InlineData(" spiffe://example.org/a")]
    [InlineData("spiffe://example.org/a\n")]
    public void SpiffeId_any_other_form_is_refused(string? text) => Assert.False(SpiffeId.TryParse(text, out _));

    [Fact]
    public void SpiffeId_lengths_are_bounded()
    {
        var domain = new string('a', SpiffeId.MaxTrustDomainChars);
        Assert.True(SpiffeId.TryParse($"spiffe://{domain}/x", out _));
        Assert.False(SpiffeId.TryParse($"spiffe://{domain}a/x", out _));
        Assert.True(SpiffeId.TryParse("spiffe://a/".PadRight(SpiffeId.MaxChars, 'x'), out _));
        Assert.False(SpiffeId.TryParse("spiffe://a/".PadRight(SpiffeId.MaxChars + 1, 'x'), out _));
    }

    [Theory]
    [InlineData("/identity/4711", 4711u)]
    [InlineData("/identity/04711", null)]
    [InlineData("/identity/4294967296", null)]
    [InlineData("/identity/", null)]
    [InlineData("/identity/47/11", null)]
    [InlineData("/identities/4711", null)]
    public void SpiffeId_number_is_cilium_s(string path, uint? number)
    {
        _ = SpiffeId.TryParse("spiffe://a" + path.TrimEnd('/'), out var id);
        Assert.Equal(number, id!.IdentityNumber);
    }

    [Theory]
    [InlineData("/ns/shop/sa/web", "shop", "web")]
    [InlineData("/ns/shop/sa/web/x", null, null)]
    [InlineData("/x/ns/shop/sa/web", null, null)]
    [InlineData("/ns/shop/SA/web", null, null)]
    public void SpiffeId_service_account_is_kubernetes_s(string path, string? space, string? name)
    {
        Assert.True(SpiffeId.TryParse("spiffe://a" + path, out var id));
        Assert.Equal((space, name), (id.ServiceAccount?.Namespace, id.ServiceAccount?.Name));
    }
}
