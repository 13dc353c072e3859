namespace Muster.Evals;

/// <summary>An eval set as a run was opened with it.</summary>
/// <param name="Body">The bytes of its file; empty when a purge took them.</param>
/// <param name="JudgesRun">For a judge's run: the run whose answers it judges.</param>
internal sealed record StoredEvalSet(string Hash, string Name, int Version, ReadOnlyMemory<byte> Body, long? JudgesRun = null)
{
    public static StoredEvalSet Of(EvalSet set, long? judgesRun = null) => new(set.Hash, set.Id, set.Version, EvalSetWriter.Write(set), judgesRun);

    /// <summary>The set; null when its words are purged.</summary>
    public EvalSet? Read() => Body.IsEmpty ? null : EvalSetReader.Read(Body.Span, $"{Name}@{Version}", schemaJson: null);
}
