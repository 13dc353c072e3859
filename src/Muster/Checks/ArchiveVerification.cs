namespace Muster.Checks;

/// <param name="File">The archive's file name.</param>
/// <param name="What">What is wrong with it.</param>
/// <param name="Hint">The next step.</param>
/// <param name="IsFetchable">True while the remote still has its results.</param>
internal sealed record BadArchive(string Batch, string File, string What, string Hint, bool IsFetchable);

/// <summary>The archives of one run, read again whole.</summary>
/// <param name="Archives">Archives that the books say are there.</param>
/// <param name="Lines">Lines read, of archives that are as the books say.</param>
/// <param name="Bytes">Their length on disk.</param>
/// <param name="RawBytes">Their length before compression.</param>
/// <param name="PurgedLines">Lines removed on purpose.</param>
/// <param name="PurgedArchives">Archives of which nothing is left, on purpose.</param>
/// <param name="Repaired">Archives that were fetched again.</param>
internal sealed record VerifiedRun(
    string Run, int Archives, long Lines, long Bytes, long RawBytes, long PurgedLines, int PurgedArchives, int Repaired, IReadOnlyList<BadArchive> Bad);

internal sealed record ArchiveVerification(IReadOnlyList<VerifiedRun> Runs)
{
    public bool IsWhole => Runs.All(run => run.Bad.Count == 0);
}
