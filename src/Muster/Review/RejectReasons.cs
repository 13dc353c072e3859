using Muster.Verdicts;

namespace Muster.Review;

/// <summary>Why people reject an answer: the details of <c>HUM.REJECTED</c>, in the order of their keys 1 to 5.</summary>
internal static class RejectReasons
{
    /// <summary>The answer is wrong.</summary>
    public const string Wrong = "wrong";

    public static IReadOnlyList<(string Word, string Meaning)> All { get; } =
    [
        (Wrong, "the answer is wrong"),
        ("incomplete", "something is missing in it"),
        ("invented", "it says what the source does not"),
        ("style", "right, but in the wrong words, length or language"),
        ("input", "the source cannot be answered"),
    ];

    public static bool IsKnown(string word) => All.Any(reason => reason.Word == word);

    /// <summary>The row's reason: <c>HUM.REJECTED.wrong</c>.</summary>
    public static string CodeOf(string word) => $"{Reasons.HumanRejected}.{word}";

    /// <summary>For a refusal: what may be given, and the nearest.</summary>
    public static string Question(string given) =>
        $"Give one of {string.Join(", ", All.Select(reason => reason.Word))}.{Closest.Question(given, All.Select(reason => reason.Word))}";
}
