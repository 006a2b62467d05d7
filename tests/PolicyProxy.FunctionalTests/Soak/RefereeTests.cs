using PolicyProxy.Soak.Traffic;
using PolicyProxy.Soak.Verdicts;
using PolicyProxy.Soak.Wire;

namespace PolicyProxy.FunctionalTests.Soak;

/// <summary>The soak program's referee sees what it is there to see.</summary>
public sealed class RefereeTests
{
    private readonly PolicyTimeline _policies = new(PolicyVersion.All[0]);
    private readonly OutageTimeline _outages = new();
    private readonly Tally _tally = new();
    private readonly Referee _referee;
    private readonly ExchangeIds _ids = new();

    public RefereeTests() => _referee = new Referee(_policies, _outages, _tally);

    [Fact]
    public void Answer_of_the_origin_to_an_allowed_request_is_no_failure()
    {
        var exchange = Sent("/always/");
        Arrive(exchange);
        _referee.Answer(exchange, FromOrigin(exchange));

        Assert.Empty(_tally.FailuresByKind);
        Assert.Equal(1, _tally["answered by an origin"]);
    }

    [Theory]
    [InlineData("/never/")]
    [InlineData("/turn/2/")]
    [InlineData("/probe/1/")]
    public void Denied_request_that_arrives_is_a_wrong_verdict(string folder)
    {
        Arrive(Sent(folder));
        AssertFailed("wrong verdict: a request arrived that every policy denies");
    }

    [Fact]
    public void Request_that_nobody_sent_is_a_wrong_verdict()
    {
        Arrive(new Exchange(_ids.Next(), "GET", "/always/"));
        AssertFailed("wrong verdict: a request arrived that nobody waits for");
    }

    [Fact]
    public void Denial_of_a_request_that_is_allowed_is_a_wrong_verdict()
    {
        _referee.Answer(Sent("/turn/1/"), Local(403));
        AssertFailed("wrong verdict: denied, but every policy allows it");
    }

    [Fact]
    public void Denial_of_a_request_that_arrived_is_a_wrong_verdict()
    {
        var exchange = Sent("/always/");
        Arrive(exchange);
        _referee.Answer(exchange, Local(403));
        AssertFailed("wrong verdict: denied, but it arrived");
    }

    [Fact]
    public void While_a_policy_replaces_another_either_verdict_is_right_and_afterwards_only_its_own()
    {
        var before = Sent("/turn/2/");
        _policies.Write(PolicyVersion.All[2]);
        Arrive(before);
        _referee.Answer(Sent("/turn/2/"), Local(403));
        Assert.Empty(_tally.FailuresByKind);

        _policies.TakeOver();
        Arrive(Sent("/turn/2/"));
        _referee.Answer(Sent("/turn/0/"), Local(403));
        Assert.Empty(_tally.FailuresByKind);

        _referee.Answer(Sent("/turn/2/"), Local(403));
        Arrive(Sent("/turn/0/"));
        AssertFailed("wrong verdict: a request arrived that every policy denies", "wrong verdict: denied, but every policy allows it");
    }

    [Fact]
    public void Answer_with_another_tag_or_body_is_mixed_up()
    {
        _referee.Answer(Sent("/always/"), FromOrigin(Sent("/always/")));
        var exchange = Sent("/always/");
        _referee.Answer(exchange, FromOrigin(exchange) with { BodyIsRight = false });
        Assert.Equal(2, _tally.FailuresByKind["mixed up: an answer of somebody else"]);
    }

    [Fact]
    public void Answer_with_another_length_or_status_is_mixed_up()
    {
        var exchange = Sent("/always/");
        _referee.Answer(exchange, FromOrigin(exchange) with { BodyBytes = 11 });
        _referee.Answer(exchange, FromOrigin(exchange) with { Status = 204 });
        Assert.Equal(2, _tally.FailuresByKind["mixed up: an answer came changed"]);
    }

    [Fact]
    public void Broken_answer_needs_an_outage_or_an_origin_that_was_to_break_it()
    {
        _referee.Answer(Sent("/always/", ResponseShape.DropInBody), Answer.Broken(AnswerEnd.Truncated));
        _outages.Begin();
        _outages.End();
        _referee.Answer(Sent("/always/"), Answer.Broken(AnswerEnd.Truncated));
        Assert.Empty(_tally.FailuresByKind);
    }

    [Fact]
    public void Broken_or_failed_answer_without_a_cause_is_unexpected()
    {
        _referee.Answer(Sent("/always/"), Answer.Broken(AnswerEnd.Nothing));
        _referee.Answer(Sent("/always/"), Local(502));
        AssertFailed("unexpected: answer 502", "unexpected: answer nothing");
    }

    [Fact]
    public void Answer_that_was_to_be_broken_and_came_whole_is_mixed_up()
    {
        var exchange = Sent("/always/", ResponseShape.DropInBody);
        _referee.Answer(exchange, FromOrigin(exchange));
        AssertFailed("mixed up: a broken answer came as a whole one");
    }

    [Fact]
    public void Unfinished_request_that_arrives_as_a_whole_one_is_mixed_up()
    {
        _referee.ArriveWhole(new Exchange(_ids.Next(), "POST", "/always/") { IsCutOff = true }, new BodyCheck(null));
        AssertFailed("mixed up: an unfinished request arrived as a whole one");
    }

    [Fact]
    public void Changed_request_is_mixed_up()
    {
        var exchange = Sent("/always/");
        _ = _referee.Arrive(new HeadText(exchange.Head().Replace("GET", "HEAD", StringComparison.Ordinal)));
        var body = new BodyCheck(exchange.Tagged);
        body.Take("another body"u8);
        _referee.ArriveWhole(exchange, body);
        AssertFailed("mixed up: a request arrived changed", "mixed up: a request's body arrived changed");
    }

    [Fact]
    public void Tagged_body_is_recognised_in_any_pieces_and_one_changed_byte_is_found()
    {
        var exchange = new Exchange(_ids.Next(), "GET", "/always/");
        var bytes = new byte[1000];
        exchange.Tagged.Fill(bytes, 0);
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            var whole = new BodyCheck(exchange.Tagged);
            whole.Take(bytes.AsSpan(0, cut));
            whole.Take(bytes.AsSpan(cut));
            Assert.True(whole.IsRight);
        }

        for (var at = 0; at < bytes.Length; at++)
        {
            bytes[at] ^= 1;
            Assert.False(exchange.Tagged.Matches(bytes, 0));
            bytes[at] ^= 1;
        }
    }

    private static Answer FromOrigin(Exchange exchange) =>
        new(AnswerEnd.Complete, exchange.ExpectedStatus, TaggedBody.Tag(exchange.Id), BodyIsRight: true, exchange.ResponseBytes, Closes: false);

    private static Answer Local(int status) => new(AnswerEnd.Complete, status, null, BodyIsRight: true, 0, Closes: false);

    private Exchange Sent(string folder, ResponseShape shape = ResponseShape.Length)
    {
        var exchange = new Exchange(_ids.Next(), "GET", folder) { Response = shape, ResponseBytes = 10 };
        _referee.Send(exchange);
        return exchange;
    }

    private void Arrive(Exchange exchange) => _ = _referee.Arrive(new HeadText(exchange.Head()));

    private void AssertFailed(params string[] kinds) => Assert.Equal(kinds, _tally.FailuresByKind.Keys);
}
