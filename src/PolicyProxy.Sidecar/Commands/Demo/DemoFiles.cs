namespace PolicyProxy.Sidecar.Commands.Demo;

/// <summary>The demo's policy and inventory, written from the executable to a folder that is removed at the end.</summary>
internal sealed class DemoFiles : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("policyproxy-demo-");

    public DemoFiles()
    {
        Policy = Write("policy.yaml");
        Kafka = Write("kafka.yaml");
        Inventory = Write("inventory.yaml");
    }

    public string Policy { get; }

    /// <summary>The policy before the broker.</summary>
    public string Kafka { get; }

    public string Inventory { get; }

    public void Dispose() => _folder.Delete(recursive: true);

    private string Write(string name)
    {
        var path = Path.Combine(_folder.FullName, name);
        using var text = typeof(DemoFiles).Assembly.GetManifestResourceStream("demo/" + name)!;
        using var file = File.Create(path);
        text.CopyTo(file);
        return path;
    }
}
