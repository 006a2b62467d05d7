namespace PolicyProxy.Samples.Tests;

/// <summary>Runs the commands of the documents' console blocks and compares what they print.</summary>
[Collection(nameof(Shell))]
public sealed class TranscriptTests
{
    public static TheoryData<string> Documents { get; } =
        [.. Markdown.Documents().Where(file => Markdown.Fences(file).Any(fence => fence.Language == "console"))];

    [Theory]
    [MemberData(nameof(Documents))]
    public async Task Commands_of_a_document_print_what_it_shows(string document)
    {
        foreach (var fence in Markdown.Fences(document).Where(fence => fence.Language == "console"))
        {
            var status = 0;
            foreach (var transcript in Transcript.Parse(fence.Text))
            {
                var result = await Shell.BashAsync($"(exit {status}); {transcript.Command}");
                status = result.ExitCode;
                Assert.True(transcript.Matches(result.Output), $"{fence.File}:{fence.Line}: $ {transcript.Command}\n{result}");
            }
        }
    }

    [Theory]
    [InlineData("a\n...\nd", "a\nb\nc\nd", true)]
    [InlineData("a\n...", "a", true)]
    [InlineData("a\n...\nd", "a\nb", false)]
    [InlineData("x 1... ms", "x 12.5 ms", true)]
    [InlineData("x 1... ms", "x 2 ms", false)]
    [InlineData("a", "a\nb", false)]
    public void Dots_stand_for_anything(string shown, string printed, bool matches) =>
        Assert.Equal(matches, Transcript.Parse("$ x\n" + shown).Single().Matches(printed));
}
