using System.Globalization;

namespace PolicyProxy.Soak.Watch;

/// <summary>What the sidecar used at one moment.</summary>
/// <param name="At">Time since the load began.</param>
/// <param name="Answers">Answers all clients had got by then.</param>
/// <param name="MemoryKb">Resident memory.</param>
/// <param name="Descriptors">Open file descriptors.</param>
/// <param name="Threads">Threads.</param>
internal readonly record struct Sample(TimeSpan At, long Answers, long MemoryKb, int Descriptors, int Threads)
{
    public string Line(Sample previous)
    {
        var rate = (Answers - previous.Answers) / Math.Max(0.001, (At - previous.At).TotalSeconds);
        return string.Create(CultureInfo.InvariantCulture,
            $"{At:hh\\:mm\\:ss}  {Answers,10} answers {rate,8:F0}/s  {MemoryKb / 1024.0,7:F1} MB  {Descriptors,6} descriptors  {Threads,3} threads");
    }
}
