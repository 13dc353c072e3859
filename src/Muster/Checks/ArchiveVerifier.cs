using Muster.Batches;
using Muster.Claude;
using Muster.Purges;
using Muster.Results;
using Muster.Runs;
using Muster.Stores.Sqlite;

namespace Muster.Checks;

/// <summary>Reads every archive again: length, checksum, lines and bytes against the books. Flat in memory, one archive at a time.</summary>
/// <param name="repair">Fetches damaged archives again; null only reports.</param>
internal sealed class ArchiveVerifier(SqliteStore store, TimeProvider time, BatchesClient? repair = null)
{
    /// <param name="runName">One run, or null for all.</param>
    /// <exception cref="MusterException">There is no such run.</exception>
    public async Task<ArchiveVerification> VerifyAsync(string? runName, CancellationToken cancellationToken = default)
    {
        var runs = await store.RunsAsync(cancellationToken);
        var chosen = runs.Where(run => runName is null || run.Name == runName).ToList();
        if (runName is not null && chosen.Count == 0)
        {
            throw new MusterException($"The store has no run {Excerpt.Quoted(runName)}; it has {Excerpt.List([.. runs.Select(run => run.Name)])}.",
                "Name one of them, or none for all.");
        }

        var verified = new List<VerifiedRun>();
        foreach (var run in chosen)
            verified.Add(await VerifyAsync(run, cancellationToken));
        return new ArchiveVerification(verified);
    }

    private async Task<VerifiedRun> VerifyAsync(Run run, CancellationToken cancellationToken)
    {
        var purged = store.PurgedArchives(run.Id);
        var isPurging = store.Purges(run.Id).Any(purge => purge.State == PurgeState.Begun);
        var bad = new List<BadArchive>();
        int archives = 0, empty = 0, repaired = 0;
        long lines = 0, bytes = 0, raw = 0;
        foreach (var batch in await store.BatchesAsync(run.Id, cancellationToken))
        {
            if (batch.Archive is not { } whole)
                continue;
            if (purged.TryGetValue(batch.Id, out var gone) && gone.Left is null)
            {
                empty++;
                continue;
            }

            archives++;
            var archive = gone?.Left ?? whole;
            var fault = await FaultAsync(archive, cancellationToken);
            if (fault is not null && gone is null && repair is not null && IsFetchable(batch))
            {
                (archive, fault) = await RepairAsync(run, batch, archive, cancellationToken);
                repaired += fault is null ? 1 : 0;
            }

            if (fault is not null)
            {
                bad.Add(new BadArchive(batch.Name, archive.File, fault, Hint(batch, gone, isPurging), gone is null && IsFetchable(batch)));
                continue;
            }

            lines += archive.Lines;
            bytes += archive.Bytes;
            raw += archive.RawBytes;
        }

        foreach (var duplicate in await store.DuplicatesAsync(run.Id, cancellationToken))
        {
            if (duplicate.Bill?.Archive is not { } archive)
                continue;
            archives++;
            if (await FaultAsync(archive, cancellationToken) is { } fault)
            {
                bad.Add(new BadArchive(duplicate.RemoteId, archive.File, fault,
                    "It is a duplicate's, whose cost is booked and whose answers are not used: restore the file from a backup, or go on without it.",
                    IsFetchable: false));
                continue;
            }

            (lines, bytes, raw) = (lines + archive.Lines, bytes + archive.Bytes, raw + archive.RawBytes);
        }

        return new VerifiedRun(run.Name, archives, lines, bytes, raw, purged.Values.Sum(left => (long)left.Removed), empty, repaired, bad);
    }

    /// <summary>Null when the file is what the books say.</summary>
    private async Task<string?> FaultAsync(Archive archive, CancellationToken cancellationToken)
    {
        try
        {
            if (ArchiveReader.Verify(store.ArchiveFolder, archive) is { } damage)
                return damage;
            await using var stream = ArchiveReader.Decompress(store.ArchiveFolder, archive);
            var reader = ArchiveReader.Lines(stream);
            long lines = 0, bytes = 0;
            while (await reader.NextAsync(cancellationToken))
            {
                lines++;
                bytes += reader.Line.Length + 1;
            }

            return lines == archive.Lines && bytes == archive.RawBytes
                ? null
                : $"the archive {archive.File} holds {Amount.Of(lines, "line")} and {bytes} bytes; the books say {archive.Lines} and {archive.RawBytes}";
        }
        catch (Exception problem) when (problem is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            return $"the archive {archive.File} cannot be read: {problem.Message}";
        }
    }

    /// <summary>Fetches the results again; they take the archive's place only when they account for the whole batch.</summary>
    private async Task<(Archive Archive, string? Fault)> RepairAsync(Run run, Batch batch, Archive damaged, CancellationToken cancellationToken)
    {
        var index = new BatchIndex();
        await index.LoadAsync(store, run, batch, cancellationToken);
        var fetched = await new Archiver(repair!, store.ArchiveFolder, repair!.Options.IdleTimeout, time).FetchAsync(run.Tag, batch, index, cancellationToken);
        if (fetched is not Fetch.Whole { Archive: var again })
        {
            var why = fetched switch
            {
                Fetch.Broken broken => broken.Why,
                Fetch.Mismatch mismatch => mismatch.Why,
                Fetch.Account account => account.Error.ToString(),
                Fetch.Refused refused => refused.Why,
                Fetch.NotFound missing => missing.Why,
                Fetch.Unreachable unreachable => unreachable.Why,
                Fetch.Foreign foreign => $"its lines carry {foreign.SeenId}, which is not this batch's",
                _ => throw new System.Diagnostics.UnreachableException(),
            };
            return (damaged, $"the archive {damaged.File} is damaged and could not be fetched again: {why}");
        }

        store.ReplaceArchive(batch.Id, again);
        return (again, null);
    }

    private bool IsFetchable(Batch batch) => ResultsWindow.Of(batch, time.GetUtcNow()) is { Stage: not WindowStage.Closed };

    private string Hint(Batch batch, PurgedArchive? gone, bool isPurging) =>
        isPurging ? "A purge of this run was begun and not finished: repeat it with `muster purge`."
        : gone is not null ? "Some of its lines were purged, so it cannot be fetched again: restore the folder from a backup made after that."
        : IsFetchable(batch) ? $"The remote keeps its results until {batch.Remote!.CreatedAt.AddDays(ResultsWindow.Days):yyyy-MM-dd HH:mm}Z: fetch them again with `muster verify --repair`."
        : batch.Lane == Lane.Synchronous ? "Its answers came to synchronous calls, which the remote does not keep: restore the file from a backup. Verdicts and staged outputs are in the database and are not affected."
        : "The remote has removed its copy: restore the file from a backup. Verdicts and staged outputs are in the database and are not affected.";
}
