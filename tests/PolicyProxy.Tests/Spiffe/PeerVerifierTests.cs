using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using PolicyProxy.Spiffe;
using PolicyProxy.TestKit.Gates;
using PolicyProxy.TestKit.Spiffe;

namespace PolicyProxy.Tests.Spiffe;

public sealed class PeerVerifierTests : IDisposable
{
    private const string Web = "spiffe://example.org/ns/default/sa/web";

    private const string Inventory =
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: web-1, namespace: default, labels: {app: web, pod-template-hash: a}}
        spec: {serviceAccountName: web}
        status: {podIP: 10.0.0.1}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: web-2, namespace: default, labels: {app: web, pod-template-hash: b}}
        spec: {serviceAccountName: web}
        status: {podIP: 10.0.0.2}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: job-1, namespace: default, labels: {app: job, step: one}}
        spec: {serviceAccountName: job}
        status: {podIP: 10.0.1.1}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: job-2, namespace: default, labels: {app: job, step: two}}
        spec: {serviceAccountName: job}
        status: {podIP: 10.0.1.2}
        ---
        apiVersion: cilium.io/v2
        kind: CiliumIdentity
        metadata: {name: "4711"}
        security-labels: {"k8s:app": cart, "k8s:io.kubernetes.pod.namespace": shop}
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;
    private readonly TestAuthority _authority = new();
    private readonly TestAuthority _other = new("other");
    private readonly TestGate _gate = new(Inventory);
    private readonly ManualTime _time = new(DateTimeOffset.UtcNow);
    private readonly TrustBundles _bundles;
    private readonly PeerVerifier _verifier;

    public PeerVerifierTests()
    {
        File.WriteAllText(BundleFile, _authority.Pem);
        File.WriteAllText(BundleFile + "2", _other.Pem);
        _bundles = new TrustBundles(
            [KeyValuePair.Create("example.org", BundleFile), KeyValuePair.Create("other.org", BundleFile + "2")], _time, NullLogger.Instance);
        _verifier = new PeerVerifier(_bundles, _gate.Engine.Identities, _time);
    }

    private string BundleFile => Path.Combine(_folder, "bundle.pem");

    [Theory]
    [InlineData("10.0.0.1", "k8s:app=web", "k8s:pod-template-hash=a")] // which pod is told by the address
    [InlineData("192.0.2.1", "k8s:app=web", null)] // from elsewhere: what all of its pods share
    public void Certificate_of_a_service_account_gives_the_labels_of_its_pods(string address, string label, string? ofOnePod)
    {
        var standing = Judge(_authority.Issue(Web), address);
        Assert.Equal(string.Empty, standing.Refusal);
        var labels = standing.Identity!.Labels.Labels.Select(static l => l.ToString()).ToArray();
        Assert.Contains(label, labels);
        Assert.Contains("k8s:io.cilium.k8s.policy.serviceaccount=web", labels);
        Assert.Equal(ofOnePod, labels.FirstOrDefault(static l => l.StartsWith("k8s:pod-template-hash", StringComparison.Ordinal)));
    }

    [Fact]
    public void Certificate_of_an_account_without_pods_gives_account_and_namespace()
    {
        var standing = Judge(_authority.Issue("spiffe://example.org/ns/shop/sa/nobody"));
        Assert.Equal("shop", standing.Identity!.Namespace);
        Assert.Equal("nobody", standing.Identity.Labels.Find("k8s", "io.cilium.k8s.policy.serviceaccount"));
        Assert.Null(standing.Identity.Labels.Find("k8s", "app"));
    }

    [Fact]
    public void Certificate_with_the_number_of_a_known_identity_gives_its_labels()
    {
        Assert.Equal("cart", Judge(_authority.Issue("spiffe://example.org/identity/4711")).Identity!.Labels.Find("k8s", "app"));
        var standing = Judge(_authority.Issue("spiffe://example.org/identity/4712"));
        Assert.Null(standing.Identity);
        Assert.Contains("4712", standing.Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Account_whose_pods_differ_needs_the_address_of_one()
    {
        const string job = "spiffe://example.org/ns/default/sa/job";
        Assert.Equal("two", Judge(_authority.Issue(job), "10.0.1.2").Identity!.Labels.Find("k8s", "step"));
        Assert.Null(Judge(_authority.Issue(job), "10.0.0.1").Identity); // the address of another account's pod says nothing
    }

    [Fact]
    public void Authority_of_one_trust_domain_vouches_for_no_other()
    {
        Assert.NotNull(Judge(_other.Issue("spiffe://other.org/ns/default/sa/web")).Identity);
        Assert.Equal("no authority of its trust domain has signed it", Judge(_other.Issue(Web)).Refusal);
        Assert.Equal("its trust domain is not trusted here", Judge(_authority.Issue("spiffe://third.org/ns/default/sa/web")).Refusal);
        using var stranger = new TestAuthority();
        Assert.Equal("no authority of its trust domain has signed it", Judge(stranger.Issue(Web)).Refusal);
    }

    [Fact]
    public void Certificate_that_is_no_svid_is_refused()
    {
        (TestLeaf Leaf, string Refusal)[] cases =
        [
            (new TestLeaf(), "it has 0 URI names, not one"),
            (new TestLeaf { Uris = [Web, "spiffe://example.org/b"] }, "it has 2 URI names, not one"),
            (new TestLeaf { Uris = ["https://example.org/b"] }, "its URI name is no SPIFFE id"),
            (new TestLeaf { Uris = ["spiffe://example.org"] }, "its URI name is no SPIFFE id"), // Uri adds a slash
            (new TestLeaf { Uris = [Web], IsAuthority = true }, "it is a certificate authority's"),
            (new TestLeaf { Uris = [Web], Usage = X509KeyUsageFlags.KeyEncipherment }, "its key usage is not digital signature"),
            (new TestLeaf { Uris = [Web], Usage = X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyCertSign }, "its key may sign certificates"),
            (new TestLeaf { Uris = [Web], ExtendedUsage = "1.3.6.1.5.5.7.3.1" }, "it is not for TLS clients"),
            (new TestLeaf { Uris = [Web], NotAfter = DateTimeOffset.UtcNow.AddMinutes(-1) }, "it or its authority is not valid at this time"),
        ];
        Assert.All(cases, test =>
        {
            var standing = Judge(_authority.Issue(test.Leaf));
            Assert.Equal((null, test.Refusal), (standing.Identity, standing.Refusal));
        });
    }

    [Fact]
    public void Intermediate_authority_has_to_be_sent()
    {
        using var below = new TestAuthority("below", _authority);
        Assert.NotNull(Judge(below.Issue(Web), "10.0.0.1", below.Certificate).Identity);
        Assert.Null(Judge(below.Issue(Web)).Identity);
    }

    [Fact]
    public void Standing_ends_with_the_certificate_and_with_the_bundle()
    {
        var certificate = new PeerCertificate(_authority.Issue(Web), null, IPAddress.Parse("10.0.0.1"));
        var standing = _verifier.Judge(certificate);
        Assert.Same(standing, _verifier.Refresh(standing, certificate));

        // 1. The bundle is replaced: what it vouched for is worth nothing.
        File.WriteAllText(BundleFile, _other.Pem);
        Assert.Empty(_bundles.Reload());
        Assert.Null(_verifier.Refresh(standing, certificate).Identity);

        // 2. A bundle that cannot be used changes nothing.
        File.WriteAllText(BundleFile, _authority.Pem);
        Assert.Empty(_bundles.Reload());
        File.WriteAllText(BundleFile, "no certificate");
        Assert.Single(_bundles.Reload());
        standing = _verifier.Refresh(standing, certificate);
        Assert.NotNull(standing.Identity);

        // 3. The certificate ends.
        _time.Now += TimeSpan.FromHours(2);
        Assert.Equal("it or its authority is not valid at this time", _verifier.Refresh(standing, certificate).Refusal);
    }

    [Fact]
    public async Task Bundle_is_read_again_when_its_file_changes()
    {
        var path = Path.Combine(_folder, "watched.pem");
        await File.WriteAllTextAsync(path, _authority.Pem);
        var log = new CountingLogger(2);
        using var bundles = new TrustBundles([KeyValuePair.Create("example.org", path)], TimeProvider.System, log);

        await File.WriteAllTextAsync(path + ".new", _other.Pem);
        File.Move(path + ".new", path, overwrite: true);

        await log.Reached.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(_other.Pem, bundles.Current["example.org"].Content);
    }

    [Fact]
    public void Standing_follows_the_inventory()
    {
        var certificate = new PeerCertificate(_authority.Issue("spiffe://example.org/identity/4711"), null, null);
        var standing = _verifier.Judge(certificate);
        _gate.Update(Inventory.Replace("app\": cart", "app\": basket", StringComparison.Ordinal));
        Assert.Equal("basket", _verifier.Refresh(standing, certificate).Identity!.Labels.Find("k8s", "app"));
        _gate.Update(Inventory.Replace("4711", "4712", StringComparison.Ordinal));
        Assert.Null(_verifier.Refresh(standing, certificate).Identity);
    }

    public void Dispose()
    {
        _bundles.Dispose();
        _gate.Dispose();
        _authority.Dispose();
        _other.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private PeerStanding Judge(X509Certificate2 certificate, string address = "192.0.2.1", params X509Certificate2[] sent)
    {
        using (certificate)
        {
            return _verifier.Judge(new PeerCertificate(certificate, [.. sent], IPAddress.Parse(address)));
        }
    }

    private sealed class CountingLogger(int count) : ILogger
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _seen;

        public Task Reached => _reached.Task;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (Interlocked.Increment(ref _seen) == count)
            {
                _reached.SetResult();
            }
        }
    }

    private sealed class ManualTime(DateTimeOffset now) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = now;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
