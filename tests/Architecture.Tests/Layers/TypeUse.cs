namespace PolicyProxy.Architecture.Tests.Layers;

/// <summary>One type that another type uses, both by full name; a nested type counts as its outermost type.</summary>
internal readonly record struct TypeUse(string User, string Used)
{
    public string UserNamespace => NamespaceOf(User);

    public static string NamespaceOf(string fullName)
    {
        var dot = fullName.LastIndexOf('.');
        return dot < 0 ? string.Empty : fullName[..dot];
    }
}
