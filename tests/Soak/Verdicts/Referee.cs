using System.Collections.Concurrent;
using System.Diagnostics;
using PolicyProxy.Soak.Traffic;
using PolicyProxy.Soak.Wire;

namespace PolicyProxy.Soak.Verdicts;

/// <summary>
/// Knows every exchange under way and judges what clients and origins see of it. What no policy in force can explain, and what no
/// outage can, is a failure in the <see cref="Tally"/>. Thread-safe.
/// </summary>
internal sealed class Referee(PolicyTimeline policies, OutageTimeline outages, Tally tally)
{
    /// <summary>How long an exchange nobody waits for any more may still reach an origin.</summary>
    private static readonly TimeSpan s_memory = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<long, Exchange> _underWay = new();
    private readonly ConcurrentQueue<(long At, long Id)> _left = new();

    /// <summary>Call before the first byte is sent.</summary>
    public void Send(Exchange exchange)
    {
        exchange.SentAt = Stopwatch.GetTimestamp();
        _underWay[exchange.Id] = exchange;
    }

    /// <summary>The client does not wait for the answer; the request may still arrive.</summary>
    public void Leave(Exchange exchange)
    {
        _left.Enqueue((Stopwatch.GetTimestamp(), exchange.Id));
        while (_left.TryPeek(out var oldest) && Stopwatch.GetElapsedTime(oldest.At) > s_memory && _left.TryDequeue(out oldest))
        {
            _underWay.TryRemove(oldest.Id, out _);
        }
    }

    /// <summary>An origin has read a request head; null = it is nobody's, which is a failure.</summary>
    public Exchange? Arrive(HeadText head)
    {
        var target = head.StartLine.Split(' ') is [_, var middle, _] ? middle : "";
        if (!TaggedBody.TryReadTag(target.AsSpan(target.LastIndexOf('/') + 1), out var id) || !_underWay.TryGetValue(id, out var exchange))
        {
            tally.Fail("wrong verdict: a request arrived that nobody waits for", head.StartLine);
            return null;
        }

        if (exchange.Arrive() > 1)
        {
            tally.Fail("a request arrived twice", exchange.ToString());
        }

        if (head.StartLine != $"{exchange.Method} {exchange.Target} HTTP/1.1" || head.Field("X-Level") != exchange.Level?.ToString())
        {
            tally.Fail("mixed up: a request arrived changed", $"{exchange} as {head.Text.ReplaceLineEndings("|")}");
        }

        if (!policies.MayAllow(exchange))
        {
            tally.Fail("wrong verdict: a request arrived that every policy denies", $"{exchange}, policies {policies.Since(exchange.SentAt)}");
        }

        return exchange;
    }

    /// <summary>An origin has read the whole request.</summary>
    public void ArriveWhole(Exchange exchange, BodyCheck body)
    {
        if (exchange.IsCutOff)
        {
            tally.Fail("mixed up: an unfinished request arrived as a whole one", exchange.ToString());
        }
        else if (!body.IsRight || body.Length != exchange.BodyBytes)
        {
            tally.Fail("mixed up: a request's body arrived changed", $"{exchange}, {body.Length} bytes");
        }
    }

    /// <summary>A client has got its answer, or what there is of it.</summary>
    public void Answer(Exchange exchange, Answer answer)
    {
        tally.Count("answers");
        switch (answer)
        {
            case { Tag: not null } when answer.Tag != TaggedBody.Tag(exchange.Id) || !answer.BodyIsRight:
                tally.Fail("mixed up: an answer of somebody else", $"{exchange} got {answer}");
                break;
            case { End: not AnswerEnd.Complete }:
                Explain(exchange, answer, exchange.IsDropped, $"answer {answer.End.ToString().ToLowerInvariant()}");
                break;
            case { Tag: not null }:
                OriginAnswered(exchange, answer);
                break;
            case { Status: 403 or 400 }:
                Denied(exchange, answer);
                break;
            case { Status: 502 or 503 or 504 }:
                Explain(exchange, answer, exchange.IsDropped, $"answer {answer.Status}");
                break;
            default:
                tally.Fail($"unexpected: answer {answer.Status}", $"{exchange} got {answer}");
                break;
        }

        if (answer is { End: AnswerEnd.Complete, Tag: not null })
        {
            _underWay.TryRemove(exchange.Id, out _);
        }
        else
        {
            Leave(exchange); // it could still arrive, which must not escape
        }
    }

    private void OriginAnswered(Exchange exchange, Answer answer)
    {
        var expected = exchange.Method == "HEAD" || answer.Status is 204 or 304 ? 0 : exchange.ResponseBytes;
        if (exchange.IsDropped)
        {
            tally.Fail("mixed up: a broken answer came as a whole one", $"{exchange} got {answer}");
        }
        else if (answer.Status != exchange.ExpectedStatus || answer.BodyBytes != expected)
        {
            tally.Fail("mixed up: an answer came changed", $"{exchange} got {answer}");
        }
        else
        {
            tally.Count("answered by an origin");
            tally.Count($"answered: {exchange.Response}{(exchange.Method == "HEAD" ? " HEAD" : "")}");
        }
    }

    private void Denied(Exchange exchange, Answer answer)
    {
        if (exchange.Arrivals > 0)
        {
            tally.Fail("wrong verdict: denied, but it arrived", $"{exchange} got {answer}");
        }
        else if (!policies.MayDeny(exchange))
        {
            tally.Fail("wrong verdict: denied, but every policy allows it", $"{exchange} got {answer}, policies {policies.Since(exchange.SentAt)}");
        }
        else if (answer.Status == 400 && !exchange.IsMalformed)
        {
            tally.Fail("unexpected: answer 400 to a well-formed request", $"{exchange} got {answer}");
        }
        else
        {
            tally.Count(exchange.IsMalformed ? $"denied: malformed {answer.Status}" : "denied: 403");
        }
    }

    /// <summary>A failure unless the exchange itself or an outage explains it.</summary>
    private void Explain(Exchange exchange, Answer answer, bool isIntended, string what)
    {
        if (isIntended)
        {
            tally.Count($"{what}, as planned");
        }
        else if (outages.Touches(exchange.SentAt))
        {
            tally.Count($"{what}, in an outage");
        }
        else
        {
            tally.Fail($"unexpected: {what}", $"{exchange} got {answer}");
        }
    }
}
