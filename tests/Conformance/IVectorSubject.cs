namespace PolicyProxy.Conformance;

/// <summary>An implementation under test, behind an adapter that maps vectors to its world.</summary>
internal interface IVectorSubject
{
    /// <summary>Puts the vector's objects in force and judges its flow.</summary>
    /// <param name="vector">The vector.</param>
    /// <param name="texts">Its YAML texts: the policies, or the documents of the rendered manifest.</param>
    Outcome Evaluate(Vector vector, IReadOnlyList<string> texts);
}
