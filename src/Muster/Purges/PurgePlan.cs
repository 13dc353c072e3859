namespace Muster.Purges;

/// <summary>What a purge would remove and what stays, before anything is touched.</summary>
/// <param name="Run">The run's name.</param>
/// <param name="Rows">Rows whose words go; rows that a purge took before are not among them.</param>
/// <param name="Requests">Requests made for them: lines of the archives.</param>
/// <param name="Staged">Accepted outputs among them.</param>
/// <param name="Archives">Archives that are removed or written again without the lines.</param>
/// <param name="ArchiveBytes">Their length now.</param>
/// <param name="PurgedBefore">Given keys that an earlier purge took.</param>
/// <param name="Missing">How many of the given keys the run does not have.</param>
/// <param name="Unfinished">Purges of the run that did not reach their end; they are finished first.</param>
/// <param name="AlsoIn">Other runs of the store that hold rows of the given keys.</param>
/// <param name="Remotes">The batches at the remote and what becomes of each.</param>
internal sealed record PurgePlan(
    string Run, PurgeScope Scope, long Rows, long Requests, long Staged, int Archives, long ArchiveBytes, int PurgedBefore, int Missing,
    int Unfinished, IReadOnlyList<string> AlsoIn, IReadOnlyList<RemoteFate> Remotes)
{
    public bool IsNothing => Rows == 0 && Unfinished == 0 && Remotes.All(remote => remote.Fate != Fate.Delete);
}
