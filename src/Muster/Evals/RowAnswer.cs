using Muster.Runs;
using Muster.Sources;
using Muster.Verdicts;

namespace Muster.Evals;

/// <summary>A row as a run left it.</summary>
/// <param name="Input">As <see cref="SourceRow.Input"/>; empty when a purge took it.</param>
/// <param name="Output">The accepted or the last answer; empty when there is none.</param>
internal sealed record RowAnswer(string Key, RowState State, string? Reason, ReadOnlyMemory<byte> Input, ReadOnlyMemory<byte> Output)
{
    /// <summary>Of <see cref="Input"/>, as a case's <c>input_hash</c> writes it.</summary>
    public string InputHash => Convert.ToHexStringLower(SourceRow.SourceHash(Input.Span));

    /// <summary>
    /// What the answer is worth to a grade. What the platform failed says nothing of the version: such a row counts as not asked. An answer
    /// that the job sends to a person by design satisfies the contract, so it is compared as any other.
    /// </summary>
    public EvalAnswer ToEval() => State switch
    {
        RowState.Succeeded when !Output.IsEmpty => new EvalAnswer(AnswerState.Answered, Output),
        RowState.HumanQueued when !Output.IsEmpty && Reason?.StartsWith(Reasons.HumanRequested, StringComparison.Ordinal) == true =>
            new EvalAnswer(AnswerState.Answered, Output),
        RowState.Quarantined or RowState.HumanQueued => new EvalAnswer(AnswerState.Rejected, default, Reason),
        _ => EvalAnswer.NotAsked,
    };
}
