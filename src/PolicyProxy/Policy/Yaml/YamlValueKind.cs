namespace PolicyProxy.Policy.Yaml;

/// <summary>JSON type of a YAML node after YAML 1.1 resolution, as Kubernetes converts it.</summary>
internal enum YamlValueKind
{
    Null,
    Boolean,
    Integer,
    Float,
    Text,
    List,
    Map,
}
