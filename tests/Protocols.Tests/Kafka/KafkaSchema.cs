using System.Globalization;

namespace PolicyProxy.Protocols.Tests.Kafka;

/// <summary>A field of a message as the file of schemas describes it. Shares nothing with the tables under test.</summary>
internal sealed record KafkaField(string Name, string Type, bool IsArray, string Versions, string? NullVersions, int? Tag, string? Entity, List<KafkaField> Fields)
{
    public bool IsIn(int version) => Includes(Versions, version);

    public bool IsNullable(int version) => NullVersions is not null && Includes(NullVersions, version);

    private static bool Includes(string versions, int version)
    {
        var parts = versions.TrimEnd('+').Split('-');
        var low = int.Parse(parts[0], CultureInfo.InvariantCulture);
        var high = versions.EndsWith('+') ? int.MaxValue : int.Parse(parts[^1], CultureInfo.InvariantCulture);
        return version >= low && version <= high;
    }
}

/// <summary>A message of the file of schemas.</summary>
internal sealed record KafkaSchema(string Kind, short ApiKey, string Name, int MaxVersion, int FlexibleFrom, List<KafkaField> Fields)
{
    public static IReadOnlyList<KafkaSchema> All { get; } = Read();

    public static KafkaSchema Response(int apiKey) => All.Single(schema => schema.Kind == "response" && schema.ApiKey == apiKey);

    public bool IsFlexible(int version) => version >= FlexibleFrom;

    private static List<KafkaSchema> Read()
    {
        var schemas = new List<KafkaSchema>();
        var open = new List<List<KafkaField>>();
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "testdata", "kafka-schemas.txt")))
        {
            var depth = line.TakeWhile(character => character == ' ').Count();
            var parts = line.Trim().Split(' ');
            if (depth == 0)
            {
                var flexible = parts[4]["flexible=".Length..];
                schemas.Add(new(
                    parts[0],
                    short.Parse(parts[1], CultureInfo.InvariantCulture),
                    parts[2],
                    int.Parse(parts[3].Split('-')[^1], CultureInfo.InvariantCulture),
                    flexible == "none" ? int.MaxValue : int.Parse(flexible.TrimEnd('+'), CultureInfo.InvariantCulture),
                    []));
                open = [schemas[^1].Fields];
                continue;
            }

            var isArray = parts[1].StartsWith("[]", StringComparison.Ordinal);
            var tag = Value(parts, "tag=");
            var field = new KafkaField(
                parts[0],
                isArray ? parts[1][2..] : parts[1],
                isArray,
                parts[2],
                Value(parts, "null="),
                tag is null ? null : int.Parse(tag, CultureInfo.InvariantCulture),
                Value(parts, "is="),
                []);
            open[depth - 1].Add(field);
            open = [.. open[..depth], field.Fields];
        }

        return schemas;
    }

    private static string? Value(string[] parts, string name) =>
        parts.FirstOrDefault(part => part.StartsWith(name, StringComparison.Ordinal))?[name.Length..];
}
