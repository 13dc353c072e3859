namespace Muster.Evals;

/// <summary>What became of a case's row.</summary>
internal enum AnswerState
{
    /// <summary>It has an accepted output.</summary>
    Answered,

    /// <summary>It was asked and ended without an accepted output: the job did not answer it.</summary>
    Rejected,

    /// <summary>It was not asked, or its answer never came back: nothing is known.</summary>
    NotAsked,
}

/// <param name="Output">The accepted output as UTF-8 JSON; empty otherwise.</param>
/// <param name="Reason">The reason code of a row that was rejected.</param>
internal sealed record EvalAnswer(AnswerState State, ReadOnlyMemory<byte> Output, string? Reason = null)
{
    public static EvalAnswer NotAsked { get; } = new(AnswerState.NotAsked, default);

    /// <summary>The judge's score from 0 to 1 for each rubric field that it answered.</summary>
    public IReadOnlyDictionary<string, double> Scores { get; init; } = new Dictionary<string, double>();
}
