using PolicyProxy.Conformance;

namespace PolicyProxy.Tests.Conformance;

public sealed class ManifestTests
{
    [Theory]
    [InlineData("name: {{.TestNamespace}}", "name: default")]
    [InlineData("name: {{ .ExternalTarget | quote }}", "name: \"one.one.one.one.\"")]
    [InlineData("{{trimSuffix .ExternalTarget \".\"}}", "one.one.one.one")]
    [InlineData("{{wildcardPrefix (trimSuffix .ExternalTarget \".\") 2}}", "*.*.one.one")]
    [InlineData("{{.ExternalIPv4 | ipToCIDR}}", "1.1.1.1/32")]
    [InlineData("a\n{{- range .NodeCIDRs }}\n- {{.}}\n{{- end }}", "a\n- 172.18.0.2/32\n- 172.18.0.3/32")]
    [InlineData("{{range $i := .NodesWithoutCiliumIPs}}{{$i.IP}}/{{$i.Mask}}{{end}}", "172.18.0.9/32")]
    [InlineData("{{if eq .TestNamespace \"default\"}}yes{{else}}no{{end}}", "yes")]
    [InlineData("{{if not .TestNamespace}}yes{{else}}no{{end}}", "no")]
    [InlineData("a {{- /* nothing */ -}} b", "ab")]
    public void Manifest_template_is_rendered(string template, string expected) =>
        Assert.Equal([expected], Manifest.Documents(template));

    [Theory]
    [InlineData("{{.Unknown}}")]
    [InlineData("{{shuffle .NodeCIDRs}}")]
    [InlineData("{{if .TestNamespace}}")]
    [InlineData("{{end}}")]
    [InlineData("{{generateDNSMatchPatternWithWildcard .ExternalTarget .ExternalOtherTarget \"random\"}}")]
    public void Manifest_construct_that_is_not_understood_is_refused(string template) =>
        Assert.Throws<FormatException>(() => Manifest.Documents(template));

    [Fact]
    public void Manifest_documents_are_split_at_lines_of_dashes_and_comments_alone_are_none() =>
        Assert.Equal(["a: ---\n", "\nb: 1\n"], Manifest.Documents("a: ---\n---\n# nothing here\n---\nb: 1\n"));
}
