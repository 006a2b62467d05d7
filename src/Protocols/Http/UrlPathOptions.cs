namespace PolicyProxy.Protocols.Http;

/// <summary>Foldings to leave out of the canonical form, for origins known not to do them. None, the default, folds everything.</summary>
[Flags]
public enum UrlPathOptions
{
    /// <summary>Fold everything an origin is known to fold.</summary>
    None = 0,

    /// <summary>Keep <c>//</c>; the opposite of Envoy's <c>merge_slashes</c>.</summary>
    KeepDuplicateSlashes = 1,

    /// <summary>Keep <c>%2F</c> and <c>%5C</c>; Envoy's <c>path_with_escaped_slashes_action: KEEP_UNCHANGED</c>.</summary>
    KeepEscapedSlashes = 2,

    /// <summary>Keep <c>;name=value</c> after a segment; servlet containers strip it (matrix parameters).</summary>
    KeepParameters = 4,
}
